internal import GRDB
internal import PluginKit

/// A table of the CRM as it stands in this file: with columns of somebody's own, perhaps.
struct TableShape {
    let table: CustomerTable
    /// Those that have a value of their own; known ones in lower case, as programs know them.
    let columns: [String]

    init(_ table: CustomerTable, on db: Database) throws {
        self.table = table
        let rows = try Row.fetchAll(
            db.cachedStatement(sql: "SELECT name, hidden FROM pragma_table_xinfo(?)"), arguments: [table.rawValue])
        // The number as E.164 is made of the other, by every storage; imports are numbered in this one.
        let own = ["phone_e164", "import_id"]
        columns = rows.filter { $0["hidden"] == 0 && !own.contains(($0["name"] as String).lowercased()) }.map { row in
            let name: String = row["name"]
            return table.column(name.lowercased()) == nil ? name : name.lowercased()
        }
        guard columns.contains("id"), columns.contains(table.key) else {
            throw PluginError(
                .unsupported,
                "the file's table \(table.rawValue) is gone or lacks its key: restart the gateway to mend it")
        }
    }

    /// What to read of a row, in the order of `columns`.
    var selection: String {
        columns.map { name in
            let column = name.quotedDatabaseIdentifier
            return table.column(name)?.kind == .moment ? TimeSQL.canonical(column) : column
        }.joined(separator: ", ")
    }

    /// - Throws: `.conflict` where a value cannot stand in its column.
    func record(_ row: Row) throws(PluginError) -> CustomerRecord {
        var fields: [String: RecordValue] = [:]
        for (index, name) in columns.enumerated() {
            let value: DatabaseValue = row[index]
            switch value.storage {
            case .null: fields[name] = .null
            case .int64(let number): fields[name] = .number(String(number))
            case .double(let number): fields[name] = .number(String(number))
            case .string(let text): fields[name] = .text(text)
            case .blob(let data):
                // Nobody else has a place for what is in a column of somebody's own.
                if table.column(name) != nil { fields[name] = .text(String(decoding: data, as: UTF8.self)) }
            }
        }
        return try CustomerRecord(fields).canonical(in: table)
    }

    /// As the columns of this file take it.
    func value(_ name: String, of record: CustomerRecord) -> DatabaseValue {
        switch record[name] {
        case .null: .null
        case .flag(let value): value.databaseValue
        case .number(let text): Int64(text)?.databaseValue ?? Double(text)?.databaseValue ?? text.databaseValue
        case .text(let text), .json(let text): text.databaseValue
        }
    }
}
