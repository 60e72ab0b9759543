internal import GRDB
internal import PluginKit

/// What is done by the clock: texts whose parts did not all come. Old rows are `Sweep`'s.
struct Housekeeping: Sendable {
    let inbound: InboundPath
    let clock: any GatewayClock
    let deadLetters: DeadLetters

    /// Looks every 5 s for incomplete texts and for failed ones that pile up, until cancelled.
    func run(_ onIntake: @Sendable (InboundPath.Intake) async -> Void) async {
        while !Task.isCancelled {
            do {
                try await inbound.endRests()
                try inbound.endUndecodable()
                try deadLetters.look()
                if try isWaitOver() {
                    await onIntake(try await inbound.giveUpWaiting())
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
}
