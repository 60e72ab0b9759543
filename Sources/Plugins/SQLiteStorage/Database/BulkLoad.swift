internal import GRDB

/// A file of the till's comes in: its rows go all over the indexes, so that more of these is kept in memory, and the log is
/// folded into the file less often. Until it has come, or the file is opened anew.
enum BulkLoad {
    /// KiB of the writer's pages; and pages of the log. As SQLite has them by itself.
    private static let usual = (memory: 2_000, log: 1_000)
    private static let bulk = (memory: 16_000, log: 8_000)

    /// In a transaction or not.
    static func begin(on db: Database) throws { try set(bulk, on: db) }

    static func end(on db: Database) throws {
        try set(usual, on: db)
        db.releaseMemory()
    }

    private static func set(_ sizes: (memory: Int, log: Int), on db: Database) throws {
        try db.execute(sql: "PRAGMA cache_size = -\(sizes.memory); PRAGMA wal_autocheckpoint = \(sizes.log)")
    }
}
