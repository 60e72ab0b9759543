internal import Foundation
internal import GRDB
internal import GRDBSQLite
internal import PluginKit
internal import Synchronization

/// The host's own durable record of what the radio did: small, local, always on, whatever the storage is.
///
/// One writer thread (`writer`); readers use a connection of their own and see what is committed.
final class Journal: Sendable {
    /// Names this journal for ever: a storage row that is `sending` belongs to the journal that began it.
    let id: String
    let writer: JournalWriter
    /// Makes keyed hashes of erased numbers.
    let erasedKey: ErasedKey
    private let queue: DatabaseQueue
    private let reader: DatabaseQueue
    private let folder: String
    private let lock: FileLock

    /// What was found when it was opened, and a person should know.
    let finding: JournalFinding?
    /// Names that this journal had before it was put back or mended: rows that they began in storage are held.
    let formerIDs: [String]

    /// Key of `meta`: present while a gateway has the journal open.
    static let openMark = "open"

    /// Opens or creates the journal in `folder`, locks it against a second gateway, and looks whether it is whole. A
    /// damaged one is replaced by what can be read of it, and whatever may be older than the world is held.
    ///
    /// - Throws: `JournalError`.
    init(
        folder: String, now: Timestamp, look: FirstLook = FirstLook(),
        onHealth: @escaping @Sendable (JournalError?) -> Void
    ) throws {
        self.folder = folder
        lock = try FileLock(path: folder + "/journal.lock")
        guard !Files.exists("\(folder)/\(Restore.mark)") else {
            throw JournalError(
                code: .other,
                description: "a restore in \(folder) did not come to its end: run `conductor storage restore` again")
        }
        let path = folder + "/journal.db"
        let key = try ErasedKey(folder: folder)
        erasedKey = key
        do {
            var opening = try JournalOpening(path: path, folder: folder, now: now, look: look)
            let opened: Opened
            do {
                opened = try Self.open(path, key, &opening)
            } catch {
                try opening.salvage(after: error)
                opened = try Self.open(path, key, &opening)
            }
            (queue, reader, id, formerIDs) = (opened.queue, opened.reader, opened.id, opened.formerIDs)
            finding = opening.finding
        } catch let error as DatabaseError {
            let reason = JournalError(commit: error)
            throw JournalError(code: reason.code, description: "\(path): \(reason)")
        }
        let ballast = Ballast(path: folder + "/journal.ballast")
        ballast.restore()
        writer = JournalWriter(database: queue, ballast: ballast) { problem in
            if problem?.code == .damaged { Suspicion.begin(in: folder) }
            onHealth(problem)
            if problem == nil { ballast.restore() }
        }
        writer.start()
    }

    private struct Opened {
        var queue: DatabaseQueue
        var reader: DatabaseQueue
        var id: String
        var formerIDs: [String]
    }

    /// The connections to a file that a start can read; when that fails, none is left open.
    private static func open(_ path: String, _ key: ErasedKey, _ opening: inout JournalOpening) throws -> Opened {
        // SQLite gives its log and index the mode of the file: nobody else reads what people wrote.
        if !FileManager.default.fileExists(atPath: path) {
            _ = FileManager.default.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: 0o600])
        }
        let queue = try DatabaseQueue(path: path, configuration: configuration(readonly: false, key))
        var reader: DatabaseQueue?
        do {
            try JournalSchema.migrate(queue)
            // What an erasure took out may still stand in the log of a run that was killed.
            try queue.writeWithoutTransaction { try Scrub.emptyLog($0) }
            let other = try DatabaseQueue(path: path, configuration: configuration(readonly: true, key))
            reader = other
            if !opening.isSeen { try other.read(opening.readAhead) }
            let (id, formerIDs) = try opening.settle(queue)
            return Opened(queue: queue, reader: other, id: id, formerIDs: formerIDs)
        } catch {
            try? reader?.close()
            try? queue.close()
            throw error
        }
    }

    private static func configuration(readonly: Bool, _ key: ErasedKey) -> Configuration {
        var configuration = Configuration()
        configuration.label = readonly ? "journal.reader" : "journal"
        configuration.readonly = readonly
        configuration.busyMode = .timeout(2)
        configuration.prepareDatabase { database in
            // Before anything that a full disk lets fail.
            try keepLog(true, database)
            // Large batches would else spill into a file of the system's temporary folder: another disk that can be full.
            try database.execute(sql: "PRAGMA temp_store = MEMORY")
            if !readonly {
                // Freed pages can be given back; it must be said before the file is begun.
                try database.execute(sql: "PRAGMA auto_vacuum = INCREMENTAL")
                // WAL: readers never wait for the writer. FULL: a commit is on the disk when it returns. FAST: what is
                // deleted is overwritten where that costs no further page.
                try database.execute(
                    sql: """
                        PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 2000;
                        PRAGMA secure_delete = FAST
                        """)
            }
            database.add(function: ErasedNumbers.function(key))
        }
        return configuration
    }

    /// Reads what is committed. Blocks the calling thread for the length of the query: keep queries short.
    func read<Value>(_ body: (Database) throws -> Value) throws -> Value {
        do {
            return try reader.read(body)
        } catch let error where DatabaseFile.isDamage(error) {
            suspect()
            throw error
        }
    }

    /// As `read`, but in no transaction, which costs more than a small query: for one statement, or some that need not see
    /// the same moment.
    func glance<Value>(_ body: (Database) throws -> Value) throws -> Value {
        do {
            return try reader.unsafeRead(body)
        } catch let error where DatabaseFile.isDamage(error) {
            suspect()
            throw error
        }
    }

    /// Damage was met: the next start looks at the whole file.
    func suspect() { Suspicion.begin(in: folder) }

    /// Whether the log outlives the closing of a connection. That it is gone while the mark stands tells that texts are
    /// missing: so only who takes the mark back may take the log away, and not a start that found the disk full.
    private static func keepLog(_ isKept: Bool, _ database: Database) throws {
        var flag: CInt = isKept ? 1 : 0
        guard sqlite3_file_control(database.sqliteConnection, nil, SQLITE_FCNTL_PERSIST_WAL, &flag) == SQLITE_OK else {
            throw DatabaseError(resultCode: .SQLITE_MISUSE, message: "the journal's log cannot be kept")
        }
    }

    /// Commits what waits, closes the file and gives the lock back.
    func close() {
        writer.stop()
        do {
            try queue.write { try $0.execute(sql: "DELETE FROM meta WHERE key = ?", arguments: [Self.openMark]) }
            for connection in [reader, queue] { try connection.read { try Self.keepLog(false, $0) } }
        } catch {
            // The mark stands, and so does the log: the next start looks for both.
        }
        try? reader.close()
        try? queue.close()
        lock.release()
    }
}
