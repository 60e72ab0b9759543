internal import GRDB

/// The columns `phone_e164`, which triggers fill as this version, and the country it is used in, want them, whoever writes
/// the rows.
///
/// They are not generated ones: SQLite computes those anew at every place where a statement, an index or a trigger names
/// them, and two thirds of an insert went there.
enum PhoneColumn {
    /// Which column of which table is the number as it is written.
    private static let sources = [("messages", "phone_number"), ("optouts", "phone_number"), ("customers", "phone")]

    /// In the caller's transaction; changes nothing where the columns are right.
    static func bringUpToDate(home: PhoneSQL.Home, on db: Database) throws {
        let wanted = sources.flatMap { triggers(on: $0, of: $1, home) }.map(\.sql).joined(separator: "\n")
        try db.execute(
            sql:
                "CREATE TABLE IF NOT EXISTS conductor_phone (id INTEGER PRIMARY KEY CHECK (id = 1), form TEXT NOT NULL)"
        )
        guard try String.fetchOne(db, sql: "SELECT form FROM conductor_phone") != wanted else { return }
        // They are over these columns.
        try Derived.drop(on: db)
        for (table, written) in sources where try db.tableExists(table) {
            let triggers = triggers(on: table, of: written, home)
            for trigger in triggers { try db.execute(sql: "DROP TRIGGER IF EXISTS \(trigger.name)") }
            try withoutIndexes(of: table, on: db) {
                try makeOrdinary(table, on: db)
                try db.execute(sql: "UPDATE \(table) SET phone_e164 = \(PhoneSQL.e164(written, home: home))")
            }
            for trigger in triggers { try db.execute(sql: trigger.sql) }
        }
        try db.execute(sql: "INSERT OR REPLACE INTO conductor_phone (id, form) VALUES (1, ?)", arguments: [wanted])
    }

    /// Who writes the column itself, as this gateway does, is not put right.
    private static func triggers(
        on table: String, of written: String, _ home: PhoneSQL.Home
    ) -> [(name: String, sql: String)] {
        let fill = """
            BEGIN
                UPDATE \(table) SET phone_e164 = \(PhoneSQL.e164("new.\(written)", home: home)) WHERE rowid = new.rowid;
            END
            """
        let (insert, update) = ("conductor_\(table)_phone_insert", "conductor_\(table)_phone_update")
        return [
            (
                insert,
                """
                CREATE TRIGGER \(insert) AFTER INSERT ON \(table)
                WHEN new.phone_e164 IS NULL AND new.\(written) IS NOT NULL
                \(fill)
                """
            ),
            (
                update,
                """
                CREATE TRIGGER \(update) AFTER UPDATE OF \(written) ON \(table)
                WHEN old.\(written) IS NOT new.\(written)
                    AND (new.phone_e164 IS NULL OR new.phone_e164 IS old.phone_e164)
                \(fill)
                """
            ),
        ]
    }

    /// Those over the column are made anew afterwards, which is quicker than to move each row in them.
    private static func withoutIndexes(of table: String, on db: Database, _ work: () throws -> Void) throws {
        let indexes = try Row.fetchAll(
            db,
            sql: """
                SELECT name, sql FROM sqlite_master
                WHERE type = 'index' AND tbl_name = ? AND sql LIKE '%phone_e164%'
                """, arguments: [table])
        for index in indexes { try db.execute(sql: "DROP INDEX \((index["name"] as String).quotedDatabaseIdentifier)") }
        try work()
        for index in indexes { try db.execute(sql: index["sql"]) }
    }

    /// Early files have a generated column. A generated one has no values of its own: nothing is lost.
    private static func makeOrdinary(_ table: String, on db: Database) throws {
        let hidden = try Int.fetchOne(
            db, sql: "SELECT hidden FROM pragma_table_xinfo(?) WHERE name = 'phone_e164'", arguments: [table])
        if hidden == 0 { return }
        do {
            if hidden != nil { try db.execute(sql: "ALTER TABLE \(table) DROP COLUMN phone_e164") }
        } catch let error as DatabaseError where error.resultCode == .SQLITE_ERROR {
            throw ForeignSchema(
                reason:
                    "a view or trigger uses the column phone_e164 of \(table), which is to be made anew: drop that, "
                    + "start the gateway, and make it again (\(error.message ?? "")); or else")
        }
        try db.execute(sql: "ALTER TABLE \(table) ADD COLUMN phone_e164 TEXT")
    }
}
