internal import GRDB

/// What this file is known by, wherever it lies: the addresses of its rows mean nothing in another one.
enum StorageIdentity {
    /// In the caller's transaction; changes nothing where there is one.
    static func ensure(on db: Database) throws {
        try db.execute(
            sql: """
                CREATE TABLE IF NOT EXISTS conductor_identity (
                    id INTEGER PRIMARY KEY CHECK (id = 1), identity TEXT NOT NULL);
                INSERT OR IGNORE INTO conductor_identity (id, identity) VALUES (1, lower(hex(randomblob(16))));
                """)
    }

    static func read(on db: Database) throws -> String? {
        try String.fetchOne(db.cachedStatement(sql: "SELECT identity FROM conductor_identity WHERE id = 1"))
    }
}
