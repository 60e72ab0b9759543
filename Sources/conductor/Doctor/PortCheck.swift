import Glibc

/// Are there serial ports, may we open them, and does somebody else hold them?
struct PortCheck: Sendable {
    /// The gateway's process, which may hold ports.
    let gateway: Int32?
    var ports: [String] = AttachedModems.ports()

    func run() -> [Finding] {
        guard !ports.isEmpty else {
            return [
                Finding(
                    .hint, "no USB modem's port is here (/dev/ttyUSB*, /dev/ttyACM*)",
                    cure: "plug the modem in; if lsusb shows it, its driver is missing: sudo modprobe option")
            ]
        }
        let holders = OpenFiles.holders(of: ports)
        return ports.map { finding($0, holders[$0] ?? []) } + modemManager(holders)
    }

    private func finding(_ port: String, _ holders: [OpenFiles.Holder]) -> Finding {
        var status = stat()
        guard stat(port, &status) == 0 else {
            return Finding(.wrong, "\(port) has no device node", cure: "udevadm trigger --subsystem-match=tty")
        }
        if let other = holders.first(where: { $0.process != gateway }) {
            return Finding(
                .wrong, "\(port) is held by \(other.name) (process \(other.process))",
                cure: other.name == "ModemManager"
                    ? "install udev/77-conductor-mm-ignore.rules, or: sudo systemctl disable --now ModemManager"
                    : "stop \(other.name): a port serves one program only")
        }
        if access(port, R_OK | W_OK) != 0 {
            let group = getgrgid(status.st_gid).map { String(cString: $0.pointee.gr_name) } ?? "dialout"
            return Finding(
                .wrong, "you may not open \(port)",
                cure: "sudo usermod -aG \(group) $USER, then log in again; "
                    + "for the service: install udev/70-conductor.rules")
        }
        return Finding(.fine, holders.isEmpty ? "\(port) can be opened" : "\(port) is used by the gateway")
    }

    private func modemManager(_ holders: [String: [OpenFiles.Holder]]) -> [Finding] {
        guard OpenFiles.isRunning("ModemManager"),
            !["/etc/udev/rules.d", "/usr/lib/udev/rules.d", "/lib/udev/rules.d"]
                .contains(where: { access("\($0)/77-conductor-mm-ignore.rules", F_OK) == 0 })
        else { return [] }
        return [
            Finding(
                .hint, "ModemManager runs and may take a port at any time",
                cure: "sudo cp udev/77-conductor-mm-ignore.rules /etc/udev/rules.d/ && sudo udevadm control --reload")
        ]
    }
}
