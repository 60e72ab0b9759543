internal import GRDB

/// Keeps the generated columns `phone_e164` as this version, and the country it is used in, want them.
///
/// A generated column cannot be altered: it is dropped with the indexes that are over it, and added again. Nothing is lost
/// by that: it has no values of its own.
enum PhoneColumn {
    /// In the caller's transaction; changes nothing where the columns are right.
    ///
    /// - Returns: false when somebody's view or trigger uses a column, so that it stays as it was.
    static func bringUpToDate(home: PhoneSQL.Home, on db: Database) throws -> Bool {
        let tables = ["messages": "phone_number", "optouts": "phone_number", "customers": "phone"]
        let forms = tables.mapValues { PhoneSQL.e164($0, home: home) }
        let wanted = tables.keys.sorted().map { "\($0): \(forms[$0] ?? "")" }.joined(separator: "\n")
        try db.execute(
            sql:
                "CREATE TABLE IF NOT EXISTS conductor_phone (id INTEGER PRIMARY KEY CHECK (id = 1), form TEXT NOT NULL)"
        )
        guard try String.fetchOne(db, sql: "SELECT form FROM conductor_phone") != wanted else { return true }
        var isDone = true
        for (table, form) in forms where try db.tableExists(table) && !has(form, in: table, on: db) {
            try db.inSavepoint {
                do {
                    try Derived.drop(on: db)
                    try rebuild(table, as: form, on: db)
                    return .commit
                } catch let error as DatabaseError where error.resultCode == .SQLITE_ERROR {
                    isDone = false
                    return .rollback
                }
            }
        }
        if isDone {
            try db.execute(
                sql: "INSERT OR REPLACE INTO conductor_phone (id, form) VALUES (1, ?)", arguments: [wanted])
        }
        return isDone
    }

    private static func has(_ form: String, in table: String, on db: Database) throws -> Bool {
        try String.fetchOne(
            db, sql: "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?", arguments: [table])?
            .contains("AS (\(form))") == true
    }

    private static func rebuild(_ table: String, as form: String, on db: Database) throws {
        let indexes = try Row.fetchAll(
            db,
            sql: """
                SELECT name, sql FROM sqlite_master
                WHERE type = 'index' AND tbl_name = ? AND sql LIKE '%phone_e164%'
                """, arguments: [table])
        for index in indexes { try db.execute(sql: "DROP INDEX \((index["name"] as String).quotedDatabaseIdentifier)") }
        try db.execute(sql: "ALTER TABLE \(table) DROP COLUMN phone_e164")
        try db.execute(sql: "ALTER TABLE \(table) ADD COLUMN phone_e164 TEXT GENERATED ALWAYS AS (\(form)) VIRTUAL")
        for index in indexes { try db.execute(sql: index["sql"]) }
    }
}
