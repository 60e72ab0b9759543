internal import Foundation
internal import GRDB
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
    private let lock: FileLock

    /// Opens or creates the journal in `folder`, and locks it against a second gateway.
    ///
    /// - Throws: `JournalError`.
    init(folder: String, now: Timestamp, onHealth: @escaping @Sendable (JournalError?) -> Void) throws {
        lock = try FileLock(path: folder + "/journal.lock")
        let path = folder + "/journal.db"
        let key = try ErasedKey(folder: folder)
        erasedKey = key
        // SQLite gives its log and index the mode of the file: nobody else reads what people wrote.
        if !FileManager.default.fileExists(atPath: path) {
            _ = FileManager.default.createFile(
                atPath: path, contents: nil, attributes: [.posixPermissions: 0o600])
        }
        do {
            queue = try DatabaseQueue(path: path, configuration: Self.configuration(readonly: false, key))
            try JournalSchema.migrate(queue)
            // What an erasure took out may still stand in the log of a run that was killed.
            try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)") }
            reader = try DatabaseQueue(path: path, configuration: Self.configuration(readonly: true, key))
            id = try queue.write { database in
                if let id = try String.fetchOne(database, sql: "SELECT value FROM meta WHERE key = 'journal'") {
                    return id
                }
                let id = UID.make(at: now)
                try database.execute(sql: "INSERT INTO meta VALUES ('journal', ?)", arguments: [id])
                return id
            }
        } catch let error as DatabaseError {
            let reason = JournalError(commit: error)
            throw JournalError(code: reason.code, description: "\(path): \(reason)")
        }
        let ballast = Ballast(path: folder + "/journal.ballast")
        ballast.restore()
        writer = JournalWriter(database: queue, ballast: ballast) { problem in
            onHealth(problem)
            if problem == nil { ballast.restore() }
        }
        writer.start()
    }

    private static func configuration(readonly: Bool, _ key: ErasedKey) -> Configuration {
        var configuration = Configuration()
        configuration.label = readonly ? "journal.reader" : "journal"
        configuration.readonly = readonly
        configuration.busyMode = .timeout(2)
        configuration.prepareDatabase { database in
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
        try reader.read(body)
    }

    /// Commits what waits, closes the file and gives the lock back.
    func close() {
        writer.stop()
        try? reader.close()
        try? queue.close()
        lock.release()
    }
}
