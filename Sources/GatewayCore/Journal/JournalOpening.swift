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
    private(set) var finding: JournalFinding?
    /// The whole file was looked at, or is new.
    private(set) var isSeen = true
    private let folder: String
    private let path: String
    private let now: Timestamp
    private static let day: Int64 = 86_400_000
    private let wasLogged: Bool
    private var mustHold = false
    private var report: RepairReport?

    /// - Throws: `JournalError` when the file is damaged and cannot be replaced.
    init(path: String, folder: String, now: Timestamp, look: FirstLook) throws {
        self.folder = folder
        self.path = path
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
        switch look.finding(in: file, isSuspect: Suspicion.stands(in: folder)) {
        case .whole: break
        case .damaged(let damage): try salvage(damage)
        case .notSeen: isSeen = false
        }
    }

    /// Opening or reading it failed: what can be read of it is taken into a new one, however large it is.
    ///
    /// - Throws: `error` when that was done before.
    mutating func salvage(after error: any Error) throws {
        guard DatabaseFile.isDamage(error), report == nil else { throw error }
        try salvage(DatabaseFile.words(error))
        isSeen = true
    }

    private mutating func salvage(_ damage: String) throws {
        let file = DatabaseFile(path: path)
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
        // The file is whole, or what was wrong with it is mended.
        if isSeen { Suspicion.end(in: folder) }
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

    /// Reads what a start is about to read, of a file that could not be looked at wholly: what is damaged there is met
    /// while the file can still be replaced.
    func readAhead(_ database: Database) throws {
        for sql in [
            "SELECT sum(length(content)), count(note) FROM outbound WHERE state IN ('waiting', 'sending', 'unknown')",
            "SELECT sum(length(content)) FROM outbound WHERE stored < revision",
            "SELECT sum(length(content)) FROM inbound WHERE visible = 1 AND answer = 0",
            "SELECT sum(length(content)) FROM inbound WHERE visible = 1 AND stored < revision",
            "SELECT count(content) FROM inbound WHERE visible = 0 AND give_up_at > 0",
            "SELECT count(pdu) FROM part WHERE state IN ('intent', 'unknown')",
            "SELECT count(phone), count(origin) FROM (\(PastParts.sql))",
            "SELECT count(reason) FROM loop_rest", "SELECT count(reason) FROM sim_pause",
            "SELECT count(sealed) FROM erasure", "SELECT count(sealed) FROM erasure_elsewhere",
            "SELECT count(mark) FROM erased_number", "SELECT count(identity) FROM storage",
            "SELECT count(value) FROM meta",
            // Where rows are added.
            "SELECT max(seq) FROM inbound", "SELECT max(seq) FROM outbound", "SELECT max(id) FROM reading",
            "SELECT max(id) FROM report", "SELECT max(id) FROM part_before",
        ] {
            let since: StatementArguments = sql.contains("?1") ? [now.milliseconds - Self.day] : []
            _ = try Row.fetchOne(database, sql: sql, arguments: since)
        }
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
