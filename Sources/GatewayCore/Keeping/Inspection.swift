internal import Dispatch
internal import GRDB
internal import PluginKit

/// Looks after the start, beside the traffic, whether the files are whole, and keeps in mind what is held for a person.
struct Inspection: Sendable {
    /// How often the files are looked at: damage creeps in while nobody reads the old rows.
    static let everyMilliseconds: Int64 = 24 * 3_600_000
    static let heldMilliseconds: Int64 = 10_000

    let journal: Journal
    let journalFile: String
    let alarms: Alarms
    let clock: any GatewayClock
    /// What storage says of itself; nil while it is away.
    let storage: @Sendable () async -> StorageHealth?
    /// How many rows of storage are held since a table was put back; nil while it is away.
    let heldRows: @Sendable () async -> Int?

    /// Until cancelled.
    func run() async {
        var journalDue: Int64 = 0
        var storageDue: Int64 = 0
        while !Task.isCancelled {
            await tellHeld()
            let now = clock.monotonicMilliseconds
            if now >= journalDue {
                journalDue = now + Self.everyMilliseconds
                if await look(at: journalFile, alarm: "journal.damaged", Suspicion.cure) { journal.suspect() }
            }
            if now >= storageDue, let health = await storage(), let file = health.databaseFile {
                tellEmpty(health)
                storageDue = now + Self.everyMilliseconds
                _ = await look(
                    at: file, alarm: "storage.damaged",
                    "texts go on and are kept in the journal; stop the gateway and run `conductor storage repair`")
            }
            do {
                // A storage that was away is looked at once it is back.
                try await clock.sleep(milliseconds: storageDue == 0 ? 5_000 : Self.heldMilliseconds)
            } catch { return }
        }
    }

    /// Whether the file is damaged; then people are told.
    private func look(at path: String, alarm: String, _ cure: String) async -> Bool {
        let damage: String? = await withCheckedContinuation { continuation in
            DispatchQueue.global(qos: .background).async {
                continuation.resume(returning: DatabaseFile(path: path).damage(fully: false))
            }
        }
        if let damage { alarms.raise(alarm, "\(path) is damaged (\(damage)): \(cure)") }
        return damage != nil
    }

    /// A table without rows, where the journal put texts this week, is another table.
    private func tellEmpty(_ health: StorageHealth) {
        let stored = try? journal.read { database in
            try Int.fetchOne(
                database,
                sql: """
                    SELECT (SELECT count(*) FROM inbound WHERE stored > 0)
                        + (SELECT count(*) FROM outbound WHERE stored > 0 AND purpose <> 'check')
                    """)
        }
        guard health.rows == 0, let stored, stored > 0 else { return alarms.clear("storage.lost") }
        alarms.raise(
            "storage.lost",
            "\(health.location) is empty, and \(stored) texts were put there before: the file was replaced; put the right one "
                + "back, or a backup with `conductor storage restore`")
    }

    private func tellHeld() async {
        guard let texts = try? journal.read({ try HeldTexts.waiting($0) }) else { return }
        // While storage is away, what it holds is not known: an alarm that stands goes on standing.
        guard let rows = await heldRows() ?? (texts > 0 ? 0 : nil) else { return }
        let count = texts + rows
        if count == 0 { return alarms.clear("restore.held") }
        alarms.raise(
            "restore.held",
            "\(count)\(count >= Int(HeldTexts.page) ? " or more" : "") texts were waiting in a journal or table that was put "
                + "back, and may have been sent since: `conductor messages retry ID` sends one of them")
    }
}
