internal import GRDB
internal import ModemKit
internal import PluginKit
internal import Synchronization

/// Which SIM is in which modem: another one than before is told, since answers leave from the SIM that a person wrote to,
/// and what waits for a SIM that is gone waits in vain.
final class SIMWatch: Sendable {
    private let journal: Journal
    private let alarms: Alarms
    private let clock: any GatewayClock
    private let seen = Mutex<[ModemID: SIMID]>([:])

    init(journal: Journal, alarms: Alarms, clock: any GatewayClock) {
        self.journal = journal
        self.alarms = alarms
        self.clock = clock
    }

    func note(_ modem: ModemSnapshot) {
        guard modem.state == .ready, let sim = modem.sim else { return }
        let isNews = seen.withLock { seen in
            defer { seen[modem.id] = sim }
            return seen[modem.id] != sim
        }
        guard isNews else { return }
        let now = clock.now
        journal.writer.record { database -> String? in
            let before: String? = try database.first(
                "SELECT sim FROM modem_seen WHERE imei = ?", [modem.id.rawValue])?["sim"]
            guard before != sim.rawValue else { return nil }
            try database.run(
                "INSERT OR REPLACE INTO modem_seen (imei, sim, seen_at) VALUES (?, ?, ?)",
                [modem.id.rawValue, sim.rawValue, now.milliseconds])
            return before
        } after: { [alarms] before in
            // A SIM that tells its ICCID at one time and at another only its IMSI is the same one.
            guard let before, Self.isICCID(before) == Self.isICCID(sim.rawValue) else { return }
            alarms.raise(
                "modem.sim", subject: modem.id.rawValue,
                "modem \(modem.id) has another SIM (\(sim)) than before (\(before)): answers to texts that came to the "
                    + "former one leave from it now. Put it back if that is not meant")
        }
    }

    private static func isICCID(_ sim: String) -> Bool { sim.hasPrefix("89") && sim.count >= 18 }
}
