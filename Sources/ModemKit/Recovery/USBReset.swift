import CModemIO
import Dispatch
import Glibc

/// Resets a USB device by the kernel, as if it were unplugged and plugged in.
enum USBReset {
    /// The hub and the port that a device sits in, by its path in sysfs: `1-1.4` is port 4 of hub `1-1`, `1-4` port 4 of
    /// root hub `1`. Nil for a root hub.
    static func place(_ syspath: String) -> (hub: String, port: String)? {
        guard let name = syspath.split(separator: "/").last,
            let end = name.lastIndex(where: { $0 == "." || $0 == "-" })
        else { return nil }
        let port = name[name.index(after: end)...]
        guard !port.isEmpty, port.allSatisfy(\.isNumber), end != name.startIndex else { return nil }
        return (String(name[..<end]), String(port))
    }

    /// The device at `syspath`; nil when it was done, else what went wrong, in words.
    static func reset(_ syspath: String, root: String = "/dev/bus/usb") async -> String? {
        // It waits for the kernel: not on the thread of the ports.
        let status: Int32 = await withCheckedContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(returning: cmodemio_usb_reset(syspath, root)) }
        }
        switch status {
        case 0:
            return nil
        case -EACCES, -EPERM:
            return "No permission to reset the USB device. The rule udev/70-conductor.rules gives it to the group "
                + "conductor."
        case -ENODEV, -ENOENT:
            return "The USB device is not there to be reset."
        default:
            return "The USB device cannot be reset: \(String(cString: strerror(-status)))."
        }
    }
}
