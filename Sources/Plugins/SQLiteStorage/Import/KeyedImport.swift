internal import GRDB
internal import PluginKit

/// The values of a row by the names of its columns.
struct NamedRow {
    private let places: [String: Int]

    init(_ columns: [String]) {
        places = Dictionary(columns.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    }

    func has(_ name: String) -> Bool { places[name] != nil }

    /// Where a row has it; nil: nowhere.
    func place(_ name: String) -> Int? { places[name] }

    func value(_ name: String, _ row: ArraySlice<ImportValue>) -> ImportValue {
        places[name].map { row[row.startIndex + $0] } ?? .absent
    }

    func text(_ name: String, _ row: ArraySlice<ImportValue>) -> String? {
        if case .text(let text) = value(name, row) { text } else { nil }
    }
}

/// Articles: known by `sku`, else by a name that only one has. A new one without a `sku` has its name for that.
struct ProductImport: SectionImport {
    private let names: NamedRow
    private let columns: [String]
    private var upsert: RowUpsert
    private let bySKU: RawStatement
    private let byName: RawStatement

    init(_ section: ImportSection, _ run: ImportRun, on db: Database) throws {
        names = NamedRow(section.columns)
        // Its own columns, and `sku` in any case.
        columns = ["sku"] + section.columns.filter { $0 != "sku" }
        upsert = try RowUpsert(.products, columns, fills: section.fills, run, on: db)
        bySKU = try RawStatement("SELECT rowid FROM products WHERE sku = ? LIMIT 1", on: db)
        byName = try RawStatement("SELECT rowid FROM products WHERE name = ? LIMIT 2", on: db)
    }

    mutating func put(_ row: ArraySlice<ImportValue>) throws -> ImportReply.Outcome {
        let sku = names.text("sku", row)
        guard let key = sku ?? names.text("name", row) else { return .init(.keyless) }
        let found = try (sku == nil ? byName : bySKU).rows(key)
        if found.count > 1 { return .init(.keyless) }
        var values = columns.map { names.value($0, row) }
        if let known = found.first { return .init(try upsert.update(known, values).outcome) }
        values[0] = .text(key)
        _ = try upsert.insert(values)
        return .init(.inserted)
    }
}

/// Staff: known by `employee_id`, else by a name that only one has.
struct StaffImport: SectionImport {
    private let names: NamedRow
    private var upsert: RowUpsert
    private let byID: RawStatement
    private let byName: RawStatement

    init(_ section: ImportSection, _ run: ImportRun, on db: Database) throws {
        names = NamedRow(section.columns)
        upsert = try RowUpsert(.staff, section.columns, fills: section.fills, run, on: db)
        byID = try RawStatement("SELECT rowid FROM staff WHERE employee_id = ? LIMIT 1", on: db)
        let isFree = names.has("employee_id") ? " AND employee_id IS NULL" : ""
        byName = try RawStatement(
            "SELECT rowid FROM staff WHERE name = ? COLLATE NOCASE\(isFree) LIMIT 2", on: db)
    }

    mutating func put(_ row: ArraySlice<ImportValue>) throws -> ImportReply.Outcome {
        let (id, name) = (names.text("employee_id", row), names.text("name", row))
        guard id != nil || name != nil else { return .init(.keyless) }
        var found = try id.map { try byID.rows($0) } ?? []
        if found.isEmpty, let name { found = try byName.rows(name) }
        if found.count > 1 { return .init(.keyless) }
        let values = Array(row)
        if let known = found.first {
            return .init(upsert.onlyNames(values) ? .unchanged : try upsert.update(known, values).outcome)
        }
        _ = try upsert.insert(values)
        return .init(.inserted)
    }
}

extension RawStatement {
    /// The first column of the rows that are found by a text.
    func rows(_ text: String) throws -> [Int64] {
        try bind(1, text)
        defer { reset() }
        var rows: [Int64] = []
        while try step() { rows.append(number(0) ?? 0) }
        return rows
    }

    /// The first column of the one row that is found by a text; nil where there is none, or several.
    func only(_ text: String) throws -> String? {
        try bind(1, text)
        defer { reset() }
        guard try step(), let found = self.text(0) else { return nil }
        return try step() ? nil : found
    }
}
