import ConsoleServer
import GatewayCore
import ModemKit
import PluginKit

extension DoctorCheck {
    /// The running gateway: what it says of itself.
    static let gatewayChecks: [DoctorCheck] = [
        DoctorCheck("gateway.running", .gateway) { patient in
            if let status = patient.status {
                return [Finding(.fine, "the gateway runs (process \(status.processID))")]
            }
            let lines = (patient.absence?.message ?? "the gateway is not running").split(separator: "\n", maxSplits: 1)
            let cure = lines.count > 1 ? String(lines[1]) : "sudo systemctl start conductor, or `conductor run`"
            return [Finding(.wrong, String(lines.first ?? ""), cure: cure)]
        },
        DoctorCheck("gateway.version", .gateway) { patient in
            guard let status = patient.status else { return [] }
            guard status.version == patient.version else {
                return [
                    Finding(
                        .hint, "the gateway is version \(status.version), this command \(patient.version)",
                        cure: "sudo systemctl restart conductor")
                ]
            }
            return [Finding(.fine, "the gateway has this command's version")]
        },
        DoctorCheck("gateway.alarms", .gateway) { patient in
            guard let status = patient.status else { return [] }
            if status.alarms.isEmpty { return [Finding(.fine, "no alarm stands")] }
            return status.alarms.map { Finding(.wrong, "alarm \($0.kind)", cure: $0.message) }
        },
        DoctorCheck("gateway.socket.length", .gateway) { patient in
            let length = patient.socket.utf8.count
            guard length > 107 else { return [Finding(.fine, "the socket's path is short enough")] }
            return [
                Finding(
                    .wrong, "the socket's path has \(length) bytes, and 107 are the most",
                    cure: "choose a state folder with a shorter path: gateway.state_dir in conductor.yaml")
            ]
        },
        DoctorCheck("gateway.socket.stale", .gateway) { patient in
            guard patient.machine.exists(patient.socket) else { return [] }
            guard case .nobody = patient.socketHolder else { return [Finding(.fine, "somebody answers on the socket")] }
            return [
                Finding(
                    .hint, "\(patient.socket) is left over: nobody answers on it",
                    cure: "start the gateway: it takes the socket over")
            ]
        },
        DoctorCheck("gateway.socket.mode", .gateway) { patient in
            guard let facts = patient.machine.facts(patient.socket), facts.mode & 0o007 != 0 else { return [] }
            return [
                Finding(
                    .wrong, "everybody on this machine may command the gateway: \(patient.socket) is open to all",
                    cure: "sudo chmod o-rwx \(patient.socket)")
            ]
        },
        DoctorCheck("gateway.storage", .gateway) { patient in
            guard let storage = patient.status?.storage else { return [] }
            guard storage.reachable else {
                return [
                    Finding(
                        .wrong, "storage does not serve: \(storage.problem ?? "it gives no reason")",
                        cure: "texts are kept meanwhile; `conductor plugins list` names the plugin and its last error")
                ]
            }
            return [Finding(.fine, "storage serves: \(storage.location ?? storage.plugin ?? "")")]
        },
        DoctorCheck("gateway.storage.lag", .gateway) { patient in
            guard let lag = patient.status?.storage.lag, lag > 1_000 else { return [] }
            return [
                Finding(
                    .hint, "\(lag) texts and outcomes are not in storage yet",
                    cure:
                        "`conductor status` shows whether it shrinks; if not, see the storage's log: conductor plugins list"
                )
            ]
        },
        DoctorCheck("gateway.customers.zone", .gateway) { patient in
            guard let zone = patient.customersZone, let shop = patient.status?.timeZone else { return [] }
            if zone == shop { return [Finding(.fine, "customers' days are counted in the shop's zone, \(zone)")] }
            return [
                Finding(
                    .hint, "customers' days are counted in \(zone), and the gateway's zone is \(shop)",
                    cure: "conductor customers rules zone=\(shop)")
            ]
        },
        DoctorCheck("gateway.queue", .gateway) { patient in
            guard let status = patient.status else { return [] }
            let (waiting, sending) = (status.queue["waiting"] ?? 0, status.queue["sending"] ?? 0)
            let ready = status.modems.contains { $0.state == .ready }
            if waiting > 0, !ready {
                return [
                    Finding(
                        .wrong, "\(waiting) texts wait and no modem is ready to send them",
                        cure: "see Modems below; the texts go by themselves when one is ready")
                ]
            }
            if waiting > 500, sending == 0 {
                return [
                    Finding(
                        .hint, "\(waiting) texts wait and none is being sent",
                        cure: "`conductor modems list` shows whether the modems answer; `conductor modems at` asks one")
                ]
            }
            return [Finding(.fine, "the queue moves")]
        },
        DoctorCheck("gateway.unknown", .gateway) { patient in
            guard let count = patient.status?.queue["unknown"], count > 0 else { return [] }
            return [
                Finding(
                    .hint, "of \(count) texts it is not known whether they were sent",
                    cure: "conductor messages list --unknown shows them; `conductor messages settle` settles each")
            ]
        },
        DoctorCheck("gateway.failed", .gateway) { patient in
            guard let count = patient.status?.counts["failed"], count > 0 else { return [] }
            return [
                Finding(
                    .hint, "\(count) texts failed since the start",
                    cure: "conductor messages list --failed says why; `conductor messages retry --failed` tries again")
            ]
        },
        DoctorCheck("gateway.plugins", .gateway) { patient in
            guard let plugins = patient.status?.plugins else { return [] }
            let bad = plugins.filter { ["failed", "refused", "crashed"].contains($0.state) || $0.problem != nil }
            if bad.isEmpty { return [Finding(.fine, "\(plugins.count) plugins run or rest as they should")] }
            return bad.map {
                Finding(
                    .wrong, "the plugin \($0.dropIn) is \($0.state): \($0.problem ?? "")",
                    cure: "mend \(patient.pluginsFolder)/\($0.dropIn).yaml, then: conductor plugins reload")
            }
        },
        DoctorCheck("gateway.plugins.errors", .gateway) { patient in
            (patient.status?.plugins ?? []).filter { $0.calls >= 20 && $0.failures * 4 > $0.calls }.map {
                Finding(
                    .hint, "a quarter of the calls of \($0.dropIn) fail (\($0.lastError ?? "without words"))",
                    cure: "conductor plugins list shows its figures; its log: conductor plugins logs \($0.dropIn)")
            }
        },
    ]
}
