package import CPluginABI

extension ImportSection: ABIValue {
    private static let fill: UInt32 = 1 << 0

    package func cForm(in arena: inout Arena) -> conductor_import_section {
        conductor_import_section(
            struct_size: UInt32(sizeOf: conductor_import_section.self), flags: fills ? Self.fill : 0,
            table: arena.slice(table.rawValue), columns: arena.array(columns), cells: arena.array(values))
    }

    package init(_ form: conductor_import_section) throws(PluginError) {
        self.init(
            table: try CustomerTable.named(form.table), columns: try [String](form.columns),
            values: try [ImportValue](cells: form.cells), fills: form.flags.has(Self.fill))
        guard columns.isEmpty ? values.isEmpty : values.count.isMultiple(of: columns.count) else {
            throw PluginError(.invalid, "\(values.count) cells are no rows of \(columns.count) columns")
        }
    }
}

extension ImportValue {
    fileprivate func cell(in arena: inout Arena) -> conductor_cell {
        switch self {
        case .absent: conductor_cell(kind: 0, reserved: 0, number: 0, text: conductor_slice())
        case .text(let text): conductor_cell(kind: 1, reserved: 0, number: 0, text: arena.slice(text))
        case .count(let number): conductor_cell(kind: 2, reserved: 0, number: number, text: conductor_slice())
        case .money(let micros): conductor_cell(kind: 3, reserved: 0, number: micros, text: conductor_slice())
        case .day(let day): conductor_cell(kind: 4, reserved: 0, number: 0, text: arena.slice(day))
        case .flag(let flag): conductor_cell(kind: 5, reserved: 0, number: flag ? 1 : 0, text: conductor_slice())
        }
    }

    fileprivate init(_ cell: conductor_cell) throws(PluginError) {
        switch cell.kind {
        case 0: self = .absent
        case 1: self = .text(String(cell.text))
        case 2: self = .count(cell.number)
        case 3: self = .money(micros: cell.number)
        case 4: self = .day(String(cell.text))
        case 5: self = .flag(cell.number != 0)
        default: throw unknownNumber("a cell's kind", cell.kind)
        }
    }
}

extension Arena {
    fileprivate mutating func array(_ values: [ImportValue]) -> conductor_array {
        array(count: values.count, of: conductor_cell.self) { index, arena in values[index].cell(in: &arena) }
    }
}

extension Array where Element == ImportValue {
    fileprivate init(cells: conductor_array) throws(PluginError) {
        self.init()
        guard let start = cells.ptr, cells.count > 0 else { return }
        guard cells.stride >= MemoryLayout<conductor_cell>.size else {
            throw PluginError(.internal, "an array came with a stride of \(cells.stride) bytes")
        }
        reserveCapacity(Int(cells.count))
        for index in 0..<Int(cells.count) {
            append(try ImportValue((start + index * Int(cells.stride)).load(as: conductor_cell.self)))
        }
    }
}

extension ImportBatch: ABIValue {
    private static let dry: UInt32 = 1 << 0

    package func cForm(in arena: inout Arena) -> conductor_import_batch {
        conductor_import_batch(
            struct_size: UInt32(sizeOf: conductor_import_batch.self), flags: isDry ? Self.dry : 0,
            import_id: arena.slice(importID), today: arena.slice(today), sequence: sequence,
            sections: arena.array(sections))
    }

    package init(_ form: conductor_import_batch) throws(PluginError) {
        self.init(
            importID: String(form.import_id), sequence: form.sequence, today: String(form.today),
            sections: try [ImportSection](form.sections), isDry: form.flags.has(Self.dry))
    }
}

extension ImportReply: ABIValue {
    package func cForm(in arena: inout Arena) -> conductor_import_outcome {
        conductor_import_outcome(
            struct_size: UInt32(sizeOf: conductor_import_outcome.self), flags: 0,
            outcomes: arena.array(bytes: outcomes.map(\.byte)))
    }

    package init(_ form: conductor_import_outcome) throws(PluginError) {
        var outcomes: [Outcome] = []
        for byte in [UInt8](bytes: form.outcomes) {
            guard let outcome = Outcome(byte: byte) else { throw unknownNumber("a row's outcome", byte) }
            outcomes.append(outcome)
        }
        self.init(outcomes: outcomes)
    }
}

extension ImportEnd: ABIValue {
    package func cForm(in arena: inout Arena) -> conductor_import_end {
        conductor_import_end(
            struct_size: UInt32(sizeOf: conductor_import_end.self), what: what.rawValue,
            import_id: arena.slice(importID))
    }

    package init(_ form: conductor_import_end) throws(PluginError) {
        guard let what = What(rawValue: form.what) else { throw unknownNumber("an import's end", form.what) }
        self.init(importID: String(form.import_id), what: what)
    }
}

extension ImportTableChange: ABIValue {
    package func cForm(in arena: inout Arena) -> conductor_import_table {
        conductor_import_table(
            struct_size: UInt32(sizeOf: conductor_import_table.self), flags: 0, table: arena.slice(table.rawValue),
            removed: removed, restored: restored, left: left)
    }

    package init(_ form: conductor_import_table) throws(PluginError) {
        self.init(
            table: try CustomerTable.named(form.table), removed: form.removed, restored: form.restored, left: form.left)
    }
}

/// What taking an import back did, as it crosses.
package struct ImportSummary: ABIValue {
    package var tables: [ImportTableChange]

    package init(tables: [ImportTableChange]) { self.tables = tables }

    package func cForm(in arena: inout Arena) -> conductor_import_summary {
        conductor_import_summary(
            struct_size: UInt32(sizeOf: conductor_import_summary.self), flags: 0, tables: arena.array(tables))
    }

    package init(_ form: conductor_import_summary) throws(PluginError) {
        tables = try [ImportTableChange](form.tables)
    }
}
