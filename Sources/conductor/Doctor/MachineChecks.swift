import GatewayCore
import PluginKit

extension DoctorCheck {
    private static let leastOpenFiles = 1_024

    /// Clock, kernel and limits.
    static let machineChecks: [DoctorCheck] = [
        DoctorCheck("machine.clock.built", .machine) { patient in
            guard patient.machine.now < patient.machine.built else { return [Finding(.fine, "the clock may be right")] }
            return [
                Finding(
                    .wrong,
                    "the clock is wrong: it shows a time before this program was built",
                    cure: "sudo timedatectl set-ntp true")
            ]
        },
        DoctorCheck("machine.clock.synchronised", .machine) { patient in
            switch patient.machine.output(["timedatectl", "show", "-p", "NTPSynchronized", "--value"])?.prefix(
                while: \.isLetter)
            {
            case "yes": return [Finding(.fine, "the clock is synchronised")]
            case "no":
                return [
                    Finding(
                        .hint, "the clock is not synchronised: texts are sent and dated by it",
                        cure: "sudo timedatectl set-ntp true")
                ]
            default: return []
            }
        },
        DoctorCheck("machine.clock.jump", .machine) { patient in
            let now = patient.machine.now.milliseconds
            let started = patient.status?.startedAt.milliseconds ?? 0
            let written = (patient.machine.facts("\(patient.stateFolder)/journal.db")?.changed ?? 0) * 1_000
            guard max(started, written) > now + 60_000 else { return [] }
            return [
                Finding(
                    .hint, "the clock was set back: the gateway's files are of a time to come",
                    cure: "see whether the time is right now: timedatectl")
            ]
        },
        DoctorCheck("machine.zone", .machine) { patient in
            if patient.machine.exists("/etc/localtime") { return [Finding(.fine, "the time zone is known")] }
            return [
                Finding(
                    .hint, "the machine's time zone is not set: times are shown in UTC",
                    cure: "sudo timedatectl set-timezone America/Los_Angeles, or where the shop is")
            ]
        },
        DoctorCheck("machine.driver", .machine) { patient in
            let modules = patient.machine.text("/proc/modules") ?? ""
            let loaded = modules.split(separator: "\n").compactMap { $0.split(separator: " ").first.map(String.init) }
            let builtIn = ["option", "cdc_acm", "usbserial"].filter { patient.machine.exists("/sys/module/\($0)") }
            if ["option", "cdc_acm", "usbserial", "qcserial"].contains(where: loaded.contains) || !builtIn.isEmpty {
                return [Finding(.fine, "a driver for USB modems is loaded")]
            }
            return [
                Finding(
                    .hint, "no driver for USB modems is loaded (option, cdc_acm)",
                    cure: "sudo modprobe option; sudo modprobe cdc_acm")
            ]
        },
        DoctorCheck("machine.landlock", .machine) { patient in
            guard let modules = patient.machine.text("/sys/kernel/security/lsm") else { return [] }
            if modules.contains("landlock") { return [Finding(.fine, "the kernel can fence plugins in (Landlock)")] }
            return [
                Finding(
                    .hint, "the kernel's Landlock is off: plugins that run apart can read the gateway's user's files",
                    cure:
                        "add lsm=landlock,… to the kernel's command line (GRUB_CMDLINE_LINUX), with what lsm lists now")
            ]
        },
        DoctorCheck("machine.seccomp", .machine) { patient in
            guard patient.machine.exists("/proc/sys/kernel"),
                patient.machine.text("/proc/sys/kernel/seccomp/actions_avail")?.contains("errno") != true
            else { return [] }
            return [
                Finding(
                    .hint, "the kernel has no seccomp filters: plugins that run apart are fenced in less",
                    cure: "use a kernel with CONFIG_SECCOMP_FILTER, as every distribution's is")
            ]
        },
        DoctorCheck("machine.files", .machine) { patient in
            let process = patient.status.map { "\($0.processID)" } ?? "self"
            let limits = patient.machine.text("/proc/\(process)/limits") ?? ""
            guard let line = limits.split(separator: "\n").first(where: { $0.hasPrefix("Max open files") }),
                let soft = line.dropFirst("Max open files".count).split(separator: " ").first.flatMap({ Int($0) })
            else { return [] }
            if soft >= leastOpenFiles { return [Finding(.fine, "\(soft) files may be open at once")] }
            return [
                Finding(
                    .hint, "only \(soft) files may be open at once",
                    cure: "LimitNOFILE=65536 in the service (systemctl edit conductor), or: ulimit -n 65536")
            ]
        },
    ]
}
