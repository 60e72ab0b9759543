internal import GRDB

/// One SQLite file, looked at from outside: whether it is whole, what is in it.
struct DatabaseFile: Sendable {
    let path: String

    /// SQLite's side files, which belong to it.
    var sides: [String] { ["-wal", "-shm", "-journal"].map { path + $0 } }
    var exists: Bool { Files.exists(path) }
    var hasLog: Bool { Files.exists(path + "-wal") }

    /// A connection to a file that nobody writes to, which leaves nothing beside it. With a log, it is an ordinary
    /// reader.
    func quietReader() throws -> DatabaseQueue {
        guard !hasLog else { return try reader() }
        let plain = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/-_.".utf8)
        let escaped = path.utf8.map { byte in
            plain.contains(byte)
                ? String(UnicodeScalar(byte)) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
        }.joined()
        var configuration = Configuration()
        configuration.label = "keeping"
        configuration.readonly = true
        configuration.allowsUnsafeTransactions = true
        return try DatabaseQueue(path: "file:\(escaped)?immutable=1", configuration: configuration)
    }

    /// A connection that only reads and waits at most `patience` seconds for a lock.
    func reader(patience: Double = 1) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.label = "keeping"
        configuration.readonly = true
        configuration.busyMode = .timeout(patience)
        // A snapshot is held from one call to the next.
        configuration.allowsUnsafeTransactions = true
        return try DatabaseQueue(path: path, configuration: configuration)
    }

    /// A connection that writes, without a write-ahead log of its own making.
    func writer() throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.label = "keeping"
        configuration.busyMode = .timeout(2)
        return try DatabaseQueue(path: path, configuration: configuration)
    }

    /// Why the file cannot be trusted; nil when it is whole.
    ///
    /// - Parameter fully: every index against its table too; else the pages and their order only.
    func damage(fully: Bool) -> String? {
        do {
            let queue = try quietReader()
            defer { try? queue.close() }
            return try queue.read { try Self.damage(in: $0, fully: fully) }
        } catch {
            return Self.isDamage(error) ? Self.words(error) : nil
        }
    }

    static func damage(in database: Database, fully: Bool) throws -> String? {
        do {
            // Each page is read once: a cache of SQLite's usual 2 MB would only be in the way of everybody's memory.
            if !fully { try database.execute(sql: "PRAGMA cache_size = -256") }
            let lines = try String.fetchAll(database, sql: "PRAGMA \(fully ? "integrity_check" : "quick_check")(1)")
            return lines == ["ok"] ? nil : lines.first ?? "it cannot be checked"
        } catch let error where isDamage(error) {
            return words(error)
        }
    }

    /// Condition of what is not part of a full-text index, which its owner makes anew from the rows.
    static let isNoIndex = "sql NOT LIKE 'CREATE VIRTUAL%' AND name NOT GLOB 'conductor_search_*'"

    /// Rows by table, SQLite's own and full-text indexes left out.
    static func rows(in database: Database) throws -> [String: Int64] {
        let tables = try String.fetchAll(
            database,
            sql: """
                SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!'
                    AND \(isNoIndex)
                """)
        return try tables.reduce(into: [:]) { rows, table in
            rows[table] = try Int64.fetchOne(database, sql: "SELECT count(*) FROM \(table.quotedDatabaseIdentifier)")
        }
    }

    /// True when the file itself is at fault.
    static func isDamage(_ error: any Error) -> Bool {
        guard let error = error as? DatabaseError else { return false }
        return error.resultCode == .SQLITE_CORRUPT || error.resultCode == .SQLITE_NOTADB
    }

    /// What SQLite says, without values of rows.
    static func words(_ error: any Error) -> String {
        (error as? DatabaseError).map { $0.message ?? $0.resultCode.description } ?? "\(error)"
    }
}
