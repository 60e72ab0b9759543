import Glibc

/// Sentences about ports that cannot be used: what is wrong and how to mend it.
enum PortProblem {
    static func opening(_ path: String, _ failure: SerialPort.OpenFailure) -> String {
        switch failure.errno {
        case ENOENT, ENXIO, ENODEV:
            return "\(path) is not there. Plug the modem in; it is used as soon as it appears."
        case EACCES, EPERM:
            let group = owningGroup(path) ?? "dialout"
            return "No permission to open \(path). Add the gateway's user to the group \(group) "
                + "(sudo usermod -aG \(group) USER), then log in again."
        case EBUSY:
            guard let holder = failure.holder else {
                return "\(path) is in use by another program. Stop it, or take the port out of the configuration."
            }
            if holder == getpid() {
                return "\(path) is used by this gateway already: it is named twice in the configuration."
            }
            let name = processName(holder)
            if name == "ModemManager" {
                return "\(path) is held by ModemManager (process \(holder)). Install the udev rule that makes it leave "
                    + "our modems alone, or stop it: sudo systemctl disable --now ModemManager."
            }
            return
                "\(path) is held by process \(holder)\(name.map { " (\($0))" } ?? ""). Stop that program: two on one "
                + "port steal each other's answers."
        case ENOTTY:
            return "\(path) is not a serial port."
        default:
            return "\(path) cannot be opened: \(String(cString: strerror(failure.errno)))."
        }
    }

    static func silent(_ path: String) -> String {
        "\(path) opens, but nothing answers AT commands on it. Is it the modem's AT port?"
    }

    static func incapable(_ path: String) -> String {
        "\(path) answers AT commands but cannot handle texts (AT+CMGF is refused)."
    }

    static func doubled(_ path: String, _ other: String) -> String {
        "\(path) leads to the same modem (IMEI) as \(other). Take one of them out of the configuration."
    }

    /// What a problem with a whole USB device is told of.
    static func place(_ device: USBDevice) -> String { "USB \(device.socket ?? device.id)" }

    /// A stick that is known to show as something else until it is switched; nil for every other device.
    static func notYetModem(_ device: USBDevice) -> String? {
        let name = device.name.map { "\($0) (\(device.id))" } ?? "The stick \(device.id)"
        if ModemFamily.all.contains(where: { $0.discs.contains(device.id) }) {
            return "\(name) shows as a disc with drivers, not as a modem yet. Install usb-modeswitch "
                + "(sudo apt install usb-modeswitch) and plug it in again."
        }
        if ModemFamily.all.contains(where: { $0.networkCards.contains(device.id) }) {
            return
                "\(name) shows as a network card (HiLink): it has no AT port. It needs its maker's stick firmware, or "
                + "to be switched to modem mode; then plug it in again."
        }
        return nil
    }

    /// The name of a process as the kernel has it.
    static func processName(_ pid: Int32) -> String? {
        let descriptor = open("/proc/\(pid)/comm", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var buffer = [UInt8](repeating: 0, count: 64)
        let count = read(descriptor, &buffer, buffer.count)
        guard count > 1 else { return nil }
        return String(decoding: buffer.prefix(count).prefix { $0 != 0x0A }, as: UTF8.self)
    }

    /// The path behind symbolic links; the path itself where it leads nowhere.
    static func resolved(_ path: String) -> String {
        guard let real = realpath(path, nil) else { return path }
        defer { free(real) }
        return String(cString: real)
    }

    private static func owningGroup(_ path: String) -> String? {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IRGRP != 0 else { return nil }
        var record = group()
        var result: UnsafeMutablePointer<group>?
        var buffer = [CChar](repeating: 0, count: 1024)
        guard getgrgid_r(status.st_gid, &record, &buffer, buffer.count, &result) == 0, result != nil else { return nil }
        let name = String(cString: record.gr_name)
        // Being root's own group is no cure.
        return name == "root" ? nil : name
    }
}
