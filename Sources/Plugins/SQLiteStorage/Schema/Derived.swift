internal import GRDB

/// Views of ours: code, not data. They are made anew where this version words them otherwise.
enum Derived {
    private static let views = [("conductor_customers", CustomerSQL.view), ("conductor_products", ProductSQL.view)]

    /// In the caller's transaction; changes nothing where they are right.
    static func bringUpToDate(on db: Database) throws {
        for (name, sql) in views {
            let present = try String.fetchOne(
                db, sql: "SELECT sql FROM sqlite_master WHERE type = 'view' AND name = ?", arguments: [name])
            if present == sql { continue }
            try db.execute(sql: "DROP VIEW IF EXISTS \(name)")
            try db.execute(sql: sql)
        }
    }

    /// Out of the way of a column that they use, and the full-text indexes too.
    static func drop(on db: Database) throws {
        if try db.tableExists("conductor_search") { try SearchIndex.drop(on: db) }
        for (name, _) in views { try db.execute(sql: "DROP VIEW IF EXISTS \(name)") }
    }
}
