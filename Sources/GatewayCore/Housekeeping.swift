internal import GRDB
internal import PluginKit

/// What is done by the clock: texts whose parts did not all come, and the journal's old rows.
struct Housekeeping: Sendable {
    /// Settled rows stay so long: for the story of a text, and to recognise what the network repeats.
    static let keepMilliseconds: Int64 = 7 * 86_400_000

    let inbound: InboundPath
    let clock: any GatewayClock
    let deadLetters: DeadLetters

    /// Looks every 5 s for incomplete texts and for failed ones that pile up, and every hour for old rows, until cancelled.
    func run(_ onIntake: @Sendable (InboundPath.Intake) async -> Void) async {
        var nextSweep: Int64 = 0
        while !Task.isCancelled {
            let now = clock.monotonicMilliseconds
            do {
                try await inbound.endRests()
                try deadLetters.look()
                if try isWaitOver() {
                    await onIntake(try await inbound.giveUpWaiting())
                }
                if now >= nextSweep {
                    nextSweep = now + 3_600_000
                    try await sweep()
                }
                try await clock.sleep(milliseconds: 5_000)
            } catch is CancellationError {
                return
            } catch {
                // The journal is away: its own alarm stands; look again later.
                do { try await clock.sleep(milliseconds: 5_000) } catch { return }
            }
        }
    }

    private func isWaitOver() throws -> Bool {
        let now = clock.now.milliseconds
        return try inbound.journal.read { database in
            try database.first("SELECT 1 FROM inbound WHERE visible = 0 AND give_up_at <= ?", [now]) != nil
        }
    }

    /// Drops what is settled, stored and old. Nothing that storage does not have is dropped.
    func sweep() async throws {
        let before = clock.now.milliseconds - Self.keepMilliseconds
        try await inbound.journal.writer.write { database in
            try database.run(
                """
                DELETE FROM inbound WHERE received_at < ? AND visible = 1 AND answer <> 0 AND stored >= revision
                """, [before])
            try database.run(
                """
                DELETE FROM outbound WHERE created_at < ? AND stored >= revision
                    AND state IN ('accepted', 'delivered', 'undelivered', 'failed')
                """, [before])
            try database.run("DELETE FROM part WHERE intent_at < ? AND uid NOT IN (SELECT uid FROM outbound)", [before])
            try database.run(
                """
                DELETE FROM reading WHERE read_at < ? AND deleted = 1
                    AND (uid IS NULL OR uid NOT IN (SELECT uid FROM inbound))
                """, [before])
            try database.run("DELETE FROM part_before WHERE intent_at < ?", [before])
            try database.run("DELETE FROM report WHERE received_at < ?", [before])
        }
    }
}
