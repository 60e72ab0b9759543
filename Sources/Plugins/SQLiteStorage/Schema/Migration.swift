internal import GRDB

/// One step of the schema. Steps are numbered without a gap, and a released one never changes.
struct Migration: Sendable {
    let version: Int
    let name: String
    let apply: @Sendable (Database) throws -> Void
}

/// Brings a file, new or of the old system, to the newest schema.
enum Migrator {
    /// The file was written by a newer program.
    struct TooNew: Error {
        let version: Int
    }

    /// Applies what is missing, all in the caller's transaction.
    static func run(_ migrations: [Migration], on db: Database) throws {
        try db.execute(
            sql: """
                CREATE TABLE IF NOT EXISTS conductor_migrations (
                    version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at TEXT NOT NULL DEFAULT (\(TimeSQL.now)))
                """)
        let applied = try Int.fetchOne(db, sql: "SELECT max(version) FROM conductor_migrations") ?? 0
        if let newest = migrations.last?.version, applied > newest { throw TooNew(version: applied) }
        for migration in migrations where migration.version > applied {
            try migration.apply(db)
            try db.execute(
                sql: "INSERT INTO conductor_migrations (version, name) VALUES (?, ?)",
                arguments: [migration.version, migration.name])
        }
    }
}
