import GatewayCore
import ModemKit

extension DoctorCheck {
    /// What the running gateway knows of its modems.
    static let modemChecks: [DoctorCheck] = [
        DoctorCheck("modems.present", .modems) { patient in
            guard let modems = patient.status?.modems else { return [] }
            if modems.contains(where: { $0.state == .ready }) {
                return [
                    Finding(.fine, "\(modems.filter { $0.state == .ready }.count) of \(modems.count) modems are ready")
                ]
            }
            return [
                Finding(
                    .wrong, modems.isEmpty ? "the gateway has no modem" : "none of \(modems.count) modems is ready",
                    cure: modems.isEmpty
                        ? "plug one in, and see Serial ports below" : "see below what each of them lacks")
            ]
        },
        each("modems.sim") { modem in
            guard modem.state == .blocked, says(modem, "no SIM", "SIM is missing", "SIM not inserted", "not inserted")
            else {
                return nil
            }
            return (
                .wrong, "has no SIM", "put one in with the contacts as drawn on the slot, and plug the modem in again"
            )
        },
        each("modems.pin") { modem in
            guard modem.state == .blocked, says(modem, "PIN"), !says(modem, "PUK") else { return nil }
            return (
                .wrong, "wants its SIM's PIN",
                "write it to a file of mode 0600 and name that as pin_file under modems: in conductor.yaml"
            )
        },
        each("modems.puk") { modem in
            guard says(modem, "PUK") else { return nil }
            return (.wrong, "wants its SIM's PUK", "unlock the SIM in a phone with the PUK from the operator's letter")
        },
        each("modems.blocked") { modem in
            guard modem.state == .blocked, !says(modem, "PIN", "PUK", "SIM") else { return nil }
            return (.wrong, "cannot work: \(modem.problem ?? "it gives no reason")", "unplug it, and plug it in again")
        },
        each("modems.recovering") { modem in
            guard modem.state == .recovering else { return nil }
            return (
                .hint, "does not answer and is being brought back",
                "wait a minute; if it stays so, unplug it, or give it a powered hub"
            )
        },
        each("modems.registration") { modem in
            guard modem.state == .ready, let word = modem.registration,
                ["searching", "denied", "unknown"].contains(word)
            else { return nil }
            return word == "denied"
                ? (.wrong, "is refused by the network", "the SIM may be inactive or unpaid: try it in a phone")
                : (.hint, "is not registered (\(word))", "move the antenna; see whether the SIM has service in a phone")
        },
        each("modems.signal") { modem in
            guard let signal = modem.signalDBm, signal <= -103 else { return nil }
            return (
                .hint, "has a weak signal (\(signal) dBm)", "move it to a window, or give it an antenna; -95 is fair"
            )
        },
        each("modems.storage") { modem in
            guard let full = modem.memories.first(where: { $0.total > 0 && $0.used * 10 >= $0.total * 9 }) else {
                return nil
            }
            return (
                full.used >= full.total ? .wrong : .hint,
                "has \(full.used) of \(full.total) places of its storage \(full.name) in use: when it is full it is deaf",
                "the gateway empties it as soon as the journal can be written: see the alarms above"
            )
        },
        each("modems.smsc") { modem in
            guard modem.state == .ready, modem.smsc?.isEmpty ?? true else { return nil }
            return (
                .hint, "knows no service centre number, without which texts may not leave",
                "conductor modems at \(modem.id.rawValue) 'AT+CSCA=\"+NUMBER\"', with the number the operator names"
            )
        },
        each("modems.roaming") { modem in
            guard modem.registration == "roaming" else { return nil }
            return (.hint, "is roaming: texts may cost more", "move the antenna, or choose another operator's SIM")
        },
    ]

    /// A check that looks at one modem after the other.
    private static func each(
        _ id: String, _ look: @escaping @Sendable (ModemSnapshot) -> (Finding.Verdict, String, String)?
    ) -> DoctorCheck {
        DoctorCheck(id, .modems) { patient in
            (patient.status?.modems ?? []).compactMap { modem in
                look(modem).map { Finding($0.0, "modem \(modem.id.rawValue) \($0.1)", cure: $0.2) }
            }
        }
    }

    private static func says(_ modem: ModemSnapshot, _ words: String...) -> Bool {
        words.contains { modem.problem?.contains($0) == true }
    }
}
