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

    /// `vvvv:pppp`.
    var usb: String? { vendor.flatMap { vendor in product.map { "\(vendor):\($0)".lowercased() } } }

    /// What the port is for: a udev rule's word counts most, then our own table; nil: it is asked.
    var role: PortRole? {
        if let hint, let role = PortRole(hint: hint) { return role }
        return usb.flatMap { ModemFamily.product($0) }?.roles[interface]
    }
}

/// A USB device as a whole, whether or not it has a tty.
struct USBDevice: Sendable, Hashable {
    var syspath: String
    /// `vvvv:pppp`.
    var id: String
    var name: String?
    /// The socket it sits in (ID_PATH).
    var socket: String?
}

/// Tells of ttys that come and go. Everything on the loop's thread; lives as long as its loop.
final class DeviceMonitor {
    var added: ((Device) -> Void)?
    var removed: ((String) -> Void)?
    var usbAdded: ((USBDevice) -> Void)?
    var usbRemoved: ((String) -> Void)?

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
            },
            usb_added: { context, device in
                guard let monitor = DeviceMonitor.from(context), let device = USBDevice(device.pointee) else { return }
                monitor.loop.serve { monitor.usbAdded?(device) }
            },
            usb_removed: { context, syspath in
                guard let monitor = DeviceMonitor.from(context) else { return }
                let syspath = String(cString: syspath)
                monitor.loop.serve { monitor.usbRemoved?(syspath) }
            })
        var status = cmodemio_monitor_start(loop.handle, callbacks)
        if status == 0 { status = cmodemio_monitor_enumerate(loop.handle) }
        guard status == 0 else {
            throw ModemError(.system(errno: -status), "udev cannot be listened to: no modem is found by itself")
        }
    }

    /// Asks udev anew what is there. Harmless before `start`.
    func enumerate() { _ = cmodemio_monitor_enumerate(loop.handle) }

    private static func from(_ context: UnsafeMutableRawPointer?) -> DeviceMonitor? {
        context.map { Unmanaged<DeviceMonitor>.fromOpaque($0).takeUnretainedValue() }
    }
}

private func text(_ pointer: UnsafePointer<CChar>?) -> String? { pointer.map { String(cString: $0) } }

extension USBDevice {
    /// Nil for a device that does not say what it is.
    init?(_ device: cmodemio_usb_device) {
        guard let vendor = text(device.vendor_id), let product = text(device.product_id) else { return nil }
        self.init(
            syspath: String(cString: device.syspath), id: "\(vendor):\(product)".lowercased(),
            name: text(device.product), socket: text(device.id_path))
    }
}

extension Device {
    init(_ device: cmodemio_device) {
        self.init(
            syspath: String(cString: device.syspath), devnode: String(cString: device.devnode),
            driver: text(device.driver), usbPath: text(device.usb_path), vendor: text(device.vendor_id),
            product: text(device.product_id), name: text(device.product), serial: text(device.serial),
            socket: text(device.id_path), hint: text(device.port_type), interface: Int(device.interface_number))
    }
}
