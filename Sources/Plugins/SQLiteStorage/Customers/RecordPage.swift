internal import GRDB
internal import PluginKit

/// A page of a table, in the order of its keys.
struct RecordPage {
    let query: RecordQuery

    func run(on db: Database) throws -> [CustomerRecord] {
        try query.check()
        let shape = try TableShape(query.table, on: db)
        let limit = Int(query.limit)
        var records: [CustomerRecord] = []
        if query.after?.isID != true {
            // One more, to see whether a key stands there twice: the second would be passed over.
            let rows = try keyed(shape, limit: limit + 1, on: db)
            for row in rows {
                let record = try shape.record(row)
                if let last = records.last, last[query.table.key] == record[query.table.key] { throw twice }
                records.append(record)
            }
            try check(records)
            if records.count > limit { return Array(records.prefix(limit)) }
        }
        if query.table.key != "id", records.count < limit {
            let rest = try keyless(shape, limit: limit - records.count, on: db).map(shape.record)
            try check(rest)
            records += rest
        }
        return records
    }

    private func keyed(_ shape: TableShape, limit: Int, on db: Database) throws -> [Row] {
        let key = "\(query.table.key) COLLATE BINARY"
        let place = query.after == nil ? "\(query.table.key) IS NOT NULL" : "\(key) > :after"
        var values: StatementArguments = ["limit": limit]
        if let after = query.after {
            let isNumber = query.table == .transactions
            values += ["after": isNumber ? Int64(after.text)?.databaseValue ?? .null : after.text.databaseValue]
        }
        return try Row.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT \(shape.selection) FROM \(query.table.rawValue)
                    WHERE \(place) ORDER BY \(key) LIMIT :limit
                    """), arguments: values)
    }

    private func keyless(_ shape: TableShape, limit: Int, on db: Database) throws -> [Row] {
        try Row.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT \(shape.selection) FROM \(query.table.rawValue)
                    WHERE \(query.table.key) IS NULL AND id > :after ORDER BY id LIMIT :limit
                    """), arguments: ["after": query.after?.isID == true ? query.after?.text : "", "limit": limit])
    }

    /// Ids come in the order of their bytes, and are told in lower case.
    private func check(_ records: [CustomerRecord]) throws {
        let table = query.table
        var last = query.after
        for record in records {
            guard let key = record.key(in: table) else {
                throw PluginError(.conflict, "a row of \(table.rawValue) has no id: give it one")
            }
            if let last, !last.precedes(key, in: table) {
                throw PluginError(
                    .conflict,
                    "\(table.rawValue) has an id with capital letters: write it in lower case, there and where rows refer "
                        + "to it, as UPDATE \(table.rawValue) SET id = lower(id)")
            }
            last = key
        }
    }

    private var twice: PluginError {
        let (table, key) = (query.table.rawValue, query.table.key)
        return PluginError(
            .conflict,
            "two rows of \(table) have the same \(key), so that they cannot be told apart: SELECT \(key) FROM \(table) "
                + "GROUP BY \(key) HAVING count(*) > 1 finds them")
    }
}
