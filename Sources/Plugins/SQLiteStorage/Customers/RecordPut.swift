internal import GRDB
internal import PluginKit

/// Putting rows into a table by their keys, in the caller's transaction.
struct RecordPut {
    let batch: RecordBatch
    let now: Timestamp

    func run(on db: Database) throws -> RecordReply {
        let (records, keys) = try batch.checked()
        let shape = try TableShape(batch.table, on: db)
        var unplaced: Set<String> = []
        var outcomes: [RecordReply.Outcome] = []
        for (record, key) in zip(records, keys) {
            for (name, value) in record.fields where value != .null && !shape.columns.contains(name) {
                unplaced.insert(name)
            }
            outcomes.append(try put(record, key, shape, on: db))
        }
        // What every storage makes by itself.
        unplaced.subtract(["phone_e164", "import_id"])
        return RecordReply(outcomes: outcomes, unplaced: unplaced.sorted())
    }

    private func put(
        _ record: CustomerRecord, _ key: RecordKey, _ shape: TableShape, on db: Database
    ) throws -> RecordReply.Outcome {
        let told = shape.columns.filter { record.fields[$0] != nil }
        do {
            guard let row = try row(key, on: db) else { return try insert(record, told, shape, on: db) }
            guard batch.replaces else { return .kept }
            return try replace(row, record, told.filter { $0 != "id" }, shape, on: db)
        } catch let error as DatabaseError where error.resultCode == .SQLITE_CONSTRAINT {
            // A rule of somebody's own.
            return .refused
        }
    }

    private func row(_ key: RecordKey, on db: Database) throws -> Int64? {
        let column = key.isID ? "id" : batch.table.key
        let isNumber = batch.table == .transactions && !key.isID
        let value = isNumber ? Int64(key.text)?.databaseValue ?? .null : key.text.databaseValue
        return try Int64.fetchOne(
            db.cachedStatement(
                sql: "SELECT rowid FROM \(batch.table.rawValue) WHERE \(column) = ? COLLATE BINARY LIMIT 1"),
            arguments: [value])
    }

    private func insert(
        _ record: CustomerRecord, _ told: [String], _ shape: TableShape, on db: Database
    ) throws -> RecordReply.Outcome {
        var told = told
        // Nobody refers to the id of a row that has another key: where it is taken, the row gets one of its own.
        if batch.table.key != "id", record[batch.table.key] != .null, let id = record["id"].text,
            try row(RecordKey(id, isID: true), on: db) != nil
        {
            told.removeAll { $0 == "id" }
        }
        let names = told.map(\.quotedDatabaseIdentifier).joined(separator: ", ")
        let marks = Array(repeating: "?", count: told.count).joined(separator: ", ")
        try db.cachedStatement(sql: "INSERT INTO \(batch.table.rawValue) (\(names)) VALUES (\(marks))")
            .execute(arguments: StatementArguments(told.map { shape.value($0, of: record) }))
        return .inserted
    }

    private func replace(
        _ row: Int64, _ record: CustomerRecord, _ told: [String], _ shape: TableShape, on db: Database
    ) throws -> RecordReply.Outcome {
        guard !told.isEmpty else { return .kept }
        let names = told.map(\.quotedDatabaseIdentifier)
        let marks = Array(repeating: "?", count: told.count).joined(separator: ", ")
        let values = told.map { shape.value($0, of: record) }
        var changes = names.map { "\($0) = ?" }
        var arguments = values
        if shape.columns.contains("updated_at"), !told.contains("updated_at") {
            changes.append("updated_at = ?")
            arguments.append(now.description.databaseValue)
        }
        try db.cachedStatement(
            sql: """
                UPDATE \(batch.table.rawValue) SET \(changes.joined(separator: ", "))
                WHERE rowid = ? AND (\(names.joined(separator: ", "))) IS NOT (\(marks))
                """
        ).execute(arguments: StatementArguments(arguments + [row.databaseValue] + values))
        return db.changesCount > 0 ? .changed : .kept
    }
}
