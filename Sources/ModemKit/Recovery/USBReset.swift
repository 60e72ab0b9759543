import CModemIO
import Dispatch
import Glibc

/// Resets a USB device by the kernel, as if it were unplugged and plugged in.
enum USBReset {
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
