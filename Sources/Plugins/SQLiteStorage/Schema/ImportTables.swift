internal import GRDB
internal import PluginKit

/// What imports leave beside the rows themselves: how far each has come, and what stood there before it changed it.
enum ImportTables {
    /// The migration.
    static func create(_ db: Database) throws {
        for table in CustomerTable.allCases {
            try DerivedTables.add("import_id", "INTEGER", to: table.rawValue, db)
        }
        try db.execute(
            sql: """
                CREATE TABLE conductor_imports (
                    id INTEGER PRIMARY KEY AUTOINCREMENT, uid TEXT NOT NULL UNIQUE, sequence INTEGER NOT NULL,
                    outcomes BLOB NOT NULL, is_undone INTEGER NOT NULL DEFAULT 0);
                CREATE TABLE conductor_import_changes (
                    import INTEGER NOT NULL, place TEXT NOT NULL, row TEXT NOT NULL, name TEXT NOT NULL, before, after,
                    PRIMARY KEY (import, place, row, name)) WITHOUT ROWID;
                -- Whoever is erased is erased here, too.
                CREATE TRIGGER conductor_import_changes_gone AFTER DELETE ON customers WHEN old.id IS NOT NULL
                BEGIN
                    DELETE FROM conductor_import_changes
                        WHERE place IN ('customers', 'conductor_crm_opening') AND row = old.id;
                END;
                CREATE INDEX conductor_import_changes_row ON conductor_import_changes(row);
                """)
    }
}
