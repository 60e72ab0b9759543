import CModemIO

/// A tty of a USB device as udev described it.
struct Device: Sendable, Hashable {
    var syspath: String
    var devnode: String
    var driver: String?
    /// What the ports of one USB device share.
    var usbPath: String?
    var vendor: String?
    var product: String?
    var name: String?
    var serial: String?
    /// The socket it sits in (ID_PATH).
    var socket: String?
    /// `at`, `ignore`, `gps`, `qcdm`, …, where a udev rule says so.
    var hint: String?
    var interface: Int
}

/// Tells of ttys that come and go. Everything on the loop's thread; lives as long as its loop.
final class DeviceMonitor {
    var added: ((Device) -> Void)?
    var removed: ((String) -> Void)?

    private unowned let loop: EventLoop

    init(loop: EventLoop) {
        self.loop = loop
    }

    /// Listens, then reports all that is there already.
    func start() throws(ModemError) {
        loop.attachments.append(self)
        let callbacks = cmodemio_monitor_callbacks(
            context: Unmanaged.passUnretained(self).toOpaque(),
            added: { context, device in
                guard let monitor = DeviceMonitor.from(context) else { return }
                let device = Device(device.pointee)
                monitor.loop.serve { monitor.added?(device) }
            },
            removed: { context, syspath in
                guard let monitor = DeviceMonitor.from(context) else { return }
                let syspath = String(cString: syspath)
                monitor.loop.serve { monitor.removed?(syspath) }
            },
            overflowed: { context in
                guard let monitor = DeviceMonitor.from(context) else { return }
                _ = cmodemio_monitor_enumerate(monitor.loop.handle)
            })
        var status = cmodemio_monitor_start(loop.handle, callbacks)
        if status == 0 { status = cmodemio_monitor_enumerate(loop.handle) }
        guard status == 0 else {
            throw ModemError(.system(errno: -status), "udev cannot be listened to: no modem is found by itself")
        }
    }

    private static func from(_ context: UnsafeMutableRawPointer?) -> DeviceMonitor? {
        context.map { Unmanaged<DeviceMonitor>.fromOpaque($0).takeUnretainedValue() }
    }
}

extension Device {
    init(_ device: cmodemio_device) {
        func text(_ pointer: UnsafePointer<CChar>?) -> String? { pointer.map { String(cString: $0) } }
        self.init(
            syspath: String(cString: device.syspath), devnode: String(cString: device.devnode),
            driver: text(device.driver), usbPath: text(device.usb_path), vendor: text(device.vendor_id),
            product: text(device.product_id), name: text(device.product), serial: text(device.serial),
            socket: text(device.id_path), hint: text(device.port_type), interface: Int(device.interface_number))
    }
}
