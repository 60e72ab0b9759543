import GatewayCore

extension DoctorCheck {
    private static let ruleFolders = [
        "/etc/udev/rules.d", "/usr/lib/udev/rules.d", "/lib/udev/rules.d", "/run/udev/rules.d",
    ]
    /// Programs that take modems' ports.
    private static let rivals = [
        "gammu-smsd", "gammu", "wvdial", "pppd", "smsd", "minicom", "picocom", "screen", "asterisk", "kannel", "smsbox",
    ]

    /// Serial ports: whether they are there, may be used, and are nobody else's.
    static let portChecks: [DoctorCheck] = [
        DoctorCheck("ports.present", .ports) { patient in
            let ports = patient.machine.ports
            if !ports.isEmpty { return [Finding(.fine, "\(ports.count) ports of USB modems are here")] }
            return [
                Finding(
                    .hint, "no USB modem's port is here (/dev/ttyUSB*, /dev/ttyACM*)",
                    cure: "plug the modem in; if lsusb shows it, its driver is missing: sudo modprobe option")
            ]
        },
        DoctorCheck("ports.node", .ports) { patient in
            patient.machine.ports.filter { !patient.machine.exists($0) }.map {
                Finding(.wrong, "\($0) has no device node", cure: "sudo udevadm trigger --subsystem-match=tty")
            }
        },
        DoctorCheck("ports.permission", .ports) { patient in
            patient.machine.ports.compactMap { port in
                guard let facts = patient.machine.facts(port) else { return nil }
                if patient.machine.mayUse(facts) { return Finding(.fine, "\(port) may be opened") }
                let group = patient.machine.groupName(facts.group)
                return Finding(
                    .wrong, "you may not open \(port)",
                    cure: group == "root"
                        ? "install udev/70-conductor.rules, then: sudo udevadm trigger --subsystem-match=tty"
                        : "sudo usermod -aG \(group) \(patient.machine.userName(patient.machine.user)), then log in again"
                )
            }
        },
        DoctorCheck("ports.held", .ports) { patient in
            patient.machine.ports.flatMap { port in
                patient.machine.holders(of: port)
                    .filter { $0.id != patient.status?.processID && $0.name != "conductor" }
                    .map { holder in
                        Finding(
                            .wrong, "\(port) is held by \(holder.name) (process \(holder.id))",
                            cure: holder.name == "ModemManager"
                                ? "install udev/77-conductor-mm-ignore.rules, then: sudo systemctl restart ModemManager"
                                : "stop \(holder.name): a port serves one program only (sudo kill \(holder.id))")
                    }
            }
        },
        DoctorCheck("ports.modemmanager", .ports) { patient in
            guard patient.machine.processes.contains(where: { $0.name == "ModemManager" }),
                !hasRule("77-conductor-mm-ignore.rules", patient)
            else { return [] }
            return [
                Finding(
                    .hint, "ModemManager runs and may take a port at any time",
                    cure:
                        "sudo cp udev/77-conductor-mm-ignore.rules /etc/udev/rules.d/ && sudo udevadm control --reload")
            ]
        },
        DoctorCheck("ports.rivals", .ports) { patient in
            patient.machine.processes.filter { rivals.contains($0.name) }.map {
                Finding(
                    .hint, "\($0.name) runs (process \($0.id)): it works with modems too",
                    cure: "stop it if it uses this modem: sudo kill \($0.id), and disable its service")
            }
        },
        DoctorCheck("ports.udev", .ports) { patient in
            if hasRule("70-conductor.rules", patient) { return [Finding(.fine, "the udev rules are installed")] }
            // Whoever may open the ports without them needs none.
            let lacking = patient.machine.ports.compactMap { patient.machine.facts($0) }
                .contains { !patient.machine.mayUse($0) }
            return [
                Finding(
                    lacking ? .wrong : .hint, "the udev rules of conductor are not installed",
                    cure: "sudo cp udev/70-conductor.rules /etc/udev/rules.d/ && sudo udevadm control --reload && "
                        + "sudo udevadm trigger --subsystem-match=tty")
            ]
        },
    ]

    private static func hasRule(_ name: String, _ patient: Patient) -> Bool {
        ruleFolders.contains { patient.machine.exists("\($0)/\(name)") }
    }
}
