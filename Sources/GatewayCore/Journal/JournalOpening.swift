internal import GRDB
internal import PluginKit

/// What was wrong with the journal when it was opened.
struct JournalFinding: Sendable, Hashable {
    /// Stable word of the alarm, as `journal.damaged`.
    var alarm: String
    /// What was found, what was done, and what a person should do.
    var sentence: String
}

/// Looks at the journal's file before it is opened, and sets right what it is then.
///
/// Three things tell that texts may be missing in it: the file is damaged; it is gone or empty where there was one; its
/// log is gone, though no gateway had closed it. In each, what the journal says is older than the world.
struct JournalOpening {
    /// Up to this size the whole file is looked at before anything else, in some 20 ms; a larger one after the
    /// start, in the background.
    static let quickLimit: Int64 = 8 << 20

    private(set) var finding: JournalFinding?
    private let folder: String
    private let now: Timestamp
    private let wasLogged: Bool
    private var mustHold = false
    private var report: RepairReport?

    /// - Throws: `JournalError` when the file is damaged and cannot be replaced.
    init(path: String, folder: String, now: Timestamp) throws {
        self.folder = folder
        self.now = now
        let file = DatabaseFile(path: path)
        wasLogged = file.hasLog
        if (Files.size(path) ?? 0) == 0 {
            guard Self.wasHere(folder) else { return }
            mustHold = true
            finding = JournalFinding(
                alarm: "journal.lost",
                sentence:
                    "\(path) is \(file.exists ? "empty" : "gone"), where there was a journal: a new one was begun. "
                    + "What was to be sent then is not sent by itself, see `conductor messages list`; a backup can be put "
                    + "back with `conductor storage restore`")
            // An empty file would make SQLite throw the log away, which may be all that is left.
            if wasLogged { try Self.setAside(file, now: now) }
            return
        }
        if (Files.size(path) ?? 0) <= Self.quickLimit, let damage = file.damage(fully: false) {
            try salvage(file, damage)
        }
    }

    private mutating func salvage(_ file: DatabaseFile, _ damage: String) throws {
        do {
            let report = try Salvage.replace(file.path, damage: damage, now: now, schema: JournalSchema.migrate)
            self.report = report
            mustHold = true
        } catch {
            throw JournalError(
                code: .damaged,
                description:
                    "\(file.path) is damaged (\(damage)), and what can be read of it cannot be saved beside it "
                    + "(\(DatabaseFile.words(error))): mend the disk, or put a backup back with `conductor storage restore`"
            )
        }
    }

    /// Holds what must be held, and tells the journal's name and its former ones.
    mutating func settle(_ queue: DatabaseQueue) throws -> (id: String, former: [String]) {
        let known = Files.text("\(folder)/journal.id")?.split(separator: "\n").first.map(String.init)
        let (now, wasLogged, mustHold, report) = (now, wasLogged, mustHold, report)
        let (id, former, held, isOpen) = try queue.write { database in
            func value(_ key: String) throws -> String? {
                try String.fetchOne(database, sql: "SELECT value FROM meta WHERE key = ?", arguments: [key])
            }
            var held: HeldTexts.Count?
            let isOpen = try value(Journal.openMark) != nil
            if mustHold || isOpen && !wasLogged {
                held = try HeldTexts.hold(journal: database, since: nil, now: now, formerly: known)
            } else if try value("journal") == nil {
                try database.execute(sql: "INSERT INTO meta VALUES ('journal', ?)", arguments: [UID.make(at: now)])
            }
            try database.execute(
                sql: "INSERT OR REPLACE INTO meta VALUES (?, ?)", arguments: [Journal.openMark, "\(now.milliseconds)"])
            let former = try value(HeldTexts.former) ?? ""
            return (try value("journal") ?? "", former.split(separator: " ").map(String.init), held, isOpen)
        }
        if known != id { try? Files.write(Array((id + "\n").utf8), to: "\(folder)/journal.id") }
        // Where the log is lost, this must not be lost with it.
        if !isOpen || held != nil {
            _ = try queue.writeWithoutTransaction { try $0.checkpoint(.full) }
        }
        if let held {
            let words =
                "\(held.outbound) texts to send are held for a person, \(held.unanswered) are not answered by themselves"
            if let report {
                finding = JournalFinding(alarm: "journal.damaged", sentence: "\(report.sentence). \(words)")
            } else if finding == nil {
                finding = JournalFinding(
                    alarm: "journal.lost",
                    sentence:
                        "the journal's log (journal.db-wal) is gone, though no gateway had closed it: the journal is "
                        + "older than what was sent. \(words)")
            }
        }
        return (id, former)
    }

    /// Whether a gateway has worked in this folder before.
    private static func wasHere(_ folder: String) -> Bool {
        Files.exists("\(folder)/journal.id") || (Files.size("\(folder)/console.db") ?? 0) > 0
    }

    private static func setAside(_ file: DatabaseFile, now: Timestamp) throws {
        let kept = "\(file.path).damaged-\(now.description.filter { $0 != "-" && $0 != ":" })"
        for side in file.sides where Files.exists(side) {
            try Files.rename(side, to: kept + side.dropFirst(file.path.count))
        }
        if file.exists { try Files.rename(file.path, to: kept) }
    }
}
