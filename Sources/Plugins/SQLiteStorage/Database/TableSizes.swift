internal import GRDB
internal import PluginKit

/// What each table of the file takes. Reads through all of it.
enum TableSizes {
    /// Under which the tables and indexes of the full-text search are counted together.
    private static let search = "conductor_search"

    static func read(on db: Database) throws -> [StorageTable] {
        let bytes = bytes(on: db)
        let names = try String.fetchAll(
            db,
            sql: """
                SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
                    AND name NOT LIKE 'conductor\\_search%' ESCAPE '\\' ORDER BY name
                """)
        var tables = try names.map { name in
            // A table is named by whoever made it.
            let rows = try Int64.fetchOne(db, sql: "SELECT count(*) FROM \(name.quotedDatabaseIdentifier)") ?? 0
            return StorageTable(name: name, rows: rows, bytes: bytes.map { $0[name] ?? 0 })
        }
        if try db.tableExists("conductor_search_messages") {
            let rows = try Int64.fetchOne(db, sql: "SELECT count(*) FROM conductor_search_messages_docsize") ?? 0
            tables.append(
                StorageTable(
                    name: search, rows: rows,
                    bytes: bytes.map { $0.reduce(0) { $0 + ($1.key.hasPrefix(search) ? $1.value : 0) } }))
            tables.sort { $0.name < $1.name }
        }
        return tables
    }

    /// Bytes of each table with its indexes; nil where this SQLite was made without `dbstat`.
    private static func bytes(on db: Database) -> [String: Int64]? {
        let rows = try? Row.fetchAll(
            db,
            sql: """
                SELECT s.tbl_name AS name, sum(d.pgsize) AS bytes
                FROM dbstat d JOIN sqlite_schema s ON s.name = d.name WHERE d.aggregate = TRUE GROUP BY s.tbl_name
                """)
        return rows.map { $0.reduce(into: [:]) { $0[$1["name"]] = $1["bytes"] } }
    }
}
