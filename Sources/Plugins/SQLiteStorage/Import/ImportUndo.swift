internal import GRDB
internal import PluginKit

/// Takes an import back, step by step: what it changed is as before, where nobody has changed it since; what it inserted is
/// gone, where nothing of others refers to it. Repeating a step changes nothing.
struct ImportUndo {
    let importID: String

    /// Rows in one step.
    private static let most = 5_000

    /// In the order in which rows can go: what others refer to goes after them.
    private static let tables: [(table: CustomerTable, isFree: String)] = [
        (.items, "1"),
        (
            .transactions,
            """
            NOT EXISTS (SELECT 1 FROM transaction_items i WHERE i.transaction_id = x.transaction_id
                AND i.import_id IS NOT x.import_id)
            """
        ),
        (
            .customers,
            "NOT EXISTS (SELECT 1 FROM transactions t WHERE t.customer_id = x.id AND t.import_id IS NOT x.import_id)"
        ),
        (
            .products,
            "NOT EXISTS (SELECT 1 FROM transaction_items i WHERE i.product_sku = x.sku AND i.import_id IS NOT x.import_id)"
        ),
        (
            .staff,
            "NOT EXISTS (SELECT 1 FROM transactions t WHERE t.staff_id = x.id AND t.import_id IS NOT x.import_id)"
        ),
    ]
    /// A later import has changed the row.
    private static let isChanged = """
        EXISTS (SELECT 1 FROM conductor_import_changes h WHERE h.row = x.id AND h.import > x.import_id)
        """

    /// - Returns: nil when there is no such import.
    static func number(_ importID: String, on db: Database) throws -> Int64? {
        try Int64.fetchOne(
            db.cachedStatement(sql: "SELECT id FROM conductor_imports WHERE uid = ?"), arguments: [importID])
    }

    /// What taking it back would do.
    func foresee(on db: Database) throws -> [ImportTableChange] {
        guard let id = try Self.number(importID, on: db) else { return [] }
        return try Self.tables.map { table, isFree in
            var change = ImportTableChange(table: table)
            let row = try Row.fetchOne(
                db.cachedStatement(
                    sql: """
                        SELECT count(*) AS n, ifnull(sum(\(isFree) AND NOT \(Self.isChanged)), 0) AS free
                        FROM \(table.rawValue) x WHERE x.import_id = ?
                        """), arguments: [id])
            change.removed = UInt64(clamping: (row?["free"] as Int64?) ?? 0)
            change.left = UInt64(clamping: ((row?["n"] as Int64?) ?? 0) - ((row?["free"] as Int64?) ?? 0))
            for isMine in try changes(of: id, in: table, on: db) {
                if isMine { change.restored += 1 } else { change.left += 1 }
            }
            return change
        }.filter { $0.removed + $0.restored + $0.left > 0 }
    }

    /// One step.
    ///
    /// - Returns: what it did; nil when nothing is left to do.
    func step(on db: Database) throws -> [ImportTableChange]? {
        guard let id = try Self.number(importID, on: db) else { return nil }
        try db.cachedStatement(sql: "UPDATE conductor_imports SET is_undone = 1 WHERE id = ?").execute(arguments: [id])
        if let restored = try restore(id, on: db) { return restored }
        for (table, isFree) in Self.tables {
            try db.cachedStatement(
                sql: """
                    DELETE FROM \(table.rawValue) WHERE rowid IN (SELECT x.rowid FROM \(table.rawValue) x
                        WHERE x.import_id = ? AND \(isFree) AND NOT \(Self.isChanged) LIMIT \(Self.most))
                    """
            ).execute(arguments: [id])
            if db.changesCount > 0 {
                return [ImportTableChange(table: table, removed: UInt64(db.changesCount))]
            }
        }
        return nil
    }

    /// What stays, once nothing is left to do.
    func left(on db: Database) throws -> [ImportTableChange] {
        guard let id = try Self.number(importID, on: db) else { return [] }
        return try Self.tables.compactMap { table, _ in
            let count = try Int64.fetchOne(
                db.cachedStatement(sql: "SELECT count(*) FROM \(table.rawValue) WHERE import_id = ?"), arguments: [id])
            guard let count, count > 0 else { return nil }
            return ImportTableChange(table: table, left: UInt64(count))
        }
    }

    // MARK: What was changed

    /// The rows that it changed, and whether they are still as it left them. An opening balance counts as its customer.
    private func changes(of id: Int64, in table: CustomerTable, on db: Database) throws -> [Bool] {
        try rows(of: id, in: table, limit: nil, on: db).map { row in
            try noted(id, row, in: table, on: db).allSatisfy { try isAsLeft(row, $0.changes, $0.place, on: db) }
        }
    }

    private func rows(of id: Int64, in table: CustomerTable, limit: Int?, on db: Database) throws -> [String] {
        let places = Self.places(of: table)
        let marks = places.map { _ in "?" }.joined(separator: ", ")
        return try String.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT DISTINCT row FROM conductor_import_changes WHERE import = ? AND place IN (\(marks)) LIMIT ?
                    """),
            arguments: StatementArguments(
                [id.databaseValue] + places.map(\.name.databaseValue) + [(limit ?? -1).databaseValue]))
    }

    private struct Place {
        var name: String
        var key: String
    }

    private static func places(of table: CustomerTable) -> [Place] {
        let own = Place(name: table.rawValue, key: "id")
        return table == .customers ? [own, Place(name: "conductor_crm_opening", key: "customer_id")] : [own]
    }

    private struct Change {
        var name: String
        var before: DatabaseValue
        var after: DatabaseValue
    }

    /// What it changed of one row, by place.
    private func noted(
        _ id: Int64, _ row: String, in table: CustomerTable, on db: Database
    ) throws -> [(place: Place, changes: [Change])] {
        try Self.places(of: table).compactMap { place in
            let rows = try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT name, before, after FROM conductor_import_changes WHERE import = ? AND place = ? AND row = ?
                        """), arguments: [id, place.name, row])
            guard !rows.isEmpty else { return nil }
            return (place, rows.map { Change(name: $0["name"], before: $0["before"], after: $0["after"]) })
        }
    }

    /// Values are compared as texts: what SQLite keeps as a number was written down as one.
    private func isAsLeft(_ row: String, _ changes: [Change], _ place: Place, on db: Database) throws -> Bool {
        let same = changes.map { "CAST(\($0.name) AS TEXT) IS CAST(? AS TEXT)" }.joined(separator: " AND ")
        return try Bool.fetchOne(
            db.cachedStatement(sql: "SELECT 1 FROM \(place.name) WHERE \(place.key) = ? AND \(same)"),
            arguments: StatementArguments([row.databaseValue] + changes.map(\.after))) ?? false
    }

    private func restore(_ id: Int64, on db: Database) throws -> [ImportTableChange]? {
        for table in CustomerTable.allCases {
            let rows = try rows(of: id, in: table, limit: Self.most, on: db)
            if rows.isEmpty { continue }
            var change = ImportTableChange(table: table)
            for row in rows {
                var isMine = true
                for (place, changes) in try noted(id, row, in: table, on: db) {
                    if try isAsLeft(row, changes, place, on: db) {
                        try putBack(row, changes, place, on: db)
                    } else {
                        isMine = false
                    }
                    try db.cachedStatement(
                        sql: "DELETE FROM conductor_import_changes WHERE import = ? AND place = ? AND row = ?"
                    ).execute(arguments: [id, place.name, row])
                }
                if isMine { change.restored += 1 } else { change.left += 1 }
            }
            return [change]
        }
        return nil
    }

    private func putBack(_ row: String, _ changes: [Change], _ place: Place, on db: Database) throws {
        if changes.contains(where: { $0.name == place.key }) {
            // There was none.
            try db.cachedStatement(sql: "DELETE FROM \(place.name) WHERE \(place.key) = ?").execute(arguments: [row])
        } else {
            let names = changes.map { "\($0.name) = ?" }.joined(separator: ", ")
            try db.cachedStatement(sql: "UPDATE \(place.name) SET \(names) WHERE \(place.key) = ?")
                .execute(arguments: StatementArguments(changes.map(\.before) + [row.databaseValue]))
        }
        if place.key == "customer_id" {
            try db.cachedStatement(sql: "INSERT OR IGNORE INTO conductor_crm_dirty VALUES (?)").execute(arguments: [row]
            )
        }
    }
}
