internal import Foundation
internal import PluginKit

/// Turns rows of a file into rows of tables.
struct RowTranslator {
    /// Rows that go out together.
    struct Draft {
        var sections: [ImportSection]
        /// For each section: which row of the file, counted within the draft, each of its rows is of.
        var origins: [[Int]]
        /// Rows of the file that are in it.
        var count = 0
    }

    private let layout: Layout
    private let plan: TablePlan
    private var days: DayReader
    private let decimal: DecimalSign
    private let normalise: (String) -> String?
    private var occurrences = OccurrenceCount()
    /// Hashes of rows of other tables than the file's own that are in the draft: a receipt stands in each of its lines.
    private var told: Set<Int> = []
    /// The values of the row under way, by the column of the file.
    private var values: [ImportValue]
    /// A field without the doubling of its quotation marks.
    private var plain: [UInt8] = []

    /// - Parameter normalise: a number in the one form that texts go to (E.164); nil for what is none.
    init(
        _ layout: Layout, map: ImportMap, zone: TimeZone, normalise: @escaping (String) -> String?
    ) throws(ImportProblem) {
        self.layout = layout
        plan = try TablePlan(layout)
        days = DayReader(order: layout.dates, zone: map.zone.flatMap { TimeZone(identifier: $0) } ?? zone)
        decimal = map.decimal
        self.normalise = normalise
        values = layout.columns.map { _ in .absent }
    }

    /// An empty draft, for the next rows. What goes into it depends on nothing but them, and on which lines of receipts
    /// came before.
    mutating func draft() -> Draft {
        told.removeAll(keepingCapacity: true)
        return Draft(
            sections: plan.sections.map {
                ImportSection(table: $0.table, columns: $0.names, fills: $0.table != layout.kind)
            },
            origins: plan.sections.map { _ in [] })
    }

    /// Adds one row.
    ///
    /// - Returns: why it cannot be taken; nil when it was.
    mutating func take(_ row: RowFields, in bytes: Bytes, into draft: inout Draft) -> String? {
        // Behind the columns of a file without headings may stand why a row was rejected before.
        let most = values.count + (layout.headerLine == nil ? 1 : 0)
        guard row.count <= most || row.fields[most...].allSatisfy({ $0.start == $0.end }) else {
            return
                "it has \(row.count) fields, and the headings are \(values.count): is a delimiter or a quotation mark "
                + "in one of them?"
        }
        for index in values.indices {
            values[index] = .absent
            guard let column = plan.columns[index], index < row.count else { continue }
            switch value(of: row.fields[index], in: bytes, column) {
            case .blank: continue
            case .value(let value): values[index] = value
            case .refused(let reason):
                return "\(layout.columns[index].heading ?? "column \(index + 1)"): \(reason)"
            }
        }
        if let reason = Sale.obstacle(type: text(plan.type), status: text(plan.status)) { return reason }
        if Sale.isRefund(type: text(plan.type)) { turn() }
        return fill(&draft)
    }

    private func text(_ index: Int?) -> String? {
        guard let index, case .text(let text) = values[index] else { return nil }
        return text
    }

    /// What was given back counts against the sum, whether the till writes it so or not.
    private mutating func turn() {
        for (index, column) in plan.columns.enumerated() {
            guard let path = column?.path, ["transactions.total", "items.total_price", "items.quantity"].contains(path)
            else { continue }
            switch values[index] {
            case .money(let micros): values[index] = .money(micros: -abs(micros))
            case .count(let number): values[index] = .count(-abs(number))
            default: break
            }
        }
    }

    // MARK: Values

    private mutating func value(
        of field: RowFields.Field, in bytes: Bytes, _ column: ImportColumn
    ) -> Parsed<ImportValue> {
        let whole = Bytes(rebasing: bytes[field.start..<field.end])
        guard field.hasDoubled else { return read(Blank.trimmed(whole), column) }
        plain.removeAll(keepingCapacity: true)
        var place = 0
        while place < whole.count {
            plain.append(whole[place])
            place += whole[place] == UInt8(ascii: "\"") ? 2 : 1
        }
        var copy: [UInt8] = []
        swap(&copy, &plain)
        defer { swap(&copy, &plain) }
        return copy.withUnsafeBufferPointer { read(Blank.trimmed($0), column) }
    }

    private mutating func read(_ bytes: Bytes, _ column: ImportColumn) -> Parsed<ImportValue> {
        switch column.kind {
        case .text:
            Blank.isBlank(bytes) ? .blank : .value(.text(String(decoding: bytes, as: UTF8.self)))
        case .name:
            Blank.isBlank(bytes, isName: true) ? .blank : .value(.text(PersonName.plain(bytes)))
        case .code: Code.text(bytes).map(ImportValue.text)
        case .receipt: Code.receipt(bytes).map(ImportValue.count)
        case .phone: Phone.text(bytes, normalise).map(ImportValue.text)
        case .count: Count.number(bytes, decimal).map(ImportValue.count)
        case .money: Money.millionths(bytes, decimal).map { .money(micros: $0) }
        case .day: days.read(bytes).map { .day($0.text) }
        case .flag: Flag.value(bytes).map(ImportValue.flag)
        }
    }

    // MARK: Tables

    private mutating func fill(_ draft: inout Draft) -> String? {
        let last = plan.sections.count - 1
        // A row that cannot be known is not half taken.
        guard isKnown(plan.sections[last]) else {
            let keys = plan.sections[last].keys.joined(separator: ", ")
            return "it has nothing to be known by: none of \(keys)"
        }
        let origin = draft.count
        for (index, section) in plan.sections.enumerated() {
            if index < last, !isKnown(section) { continue }
            var row: [ImportValue] = []
            row.reserveCapacity(section.names.count)
            for source in section.sources { row.append(value(source)) }
            if section.sources.last == .occurrence {
                row[row.count - 1] = .count(occurrences.next(Self.hash(index, row)))
            }
            if index < last, !told.insert(Self.hash(index, row)).inserted { continue }
            draft.sections[index].values += row
            draft.origins[index].append(origin)
        }
        draft.count += 1
        return nil
    }

    private func isKnown(_ section: TablePlan.Section) -> Bool {
        zip(section.names, section.sources).contains { name, source in
            section.keys.contains(name) && value(source) != .absent
        }
    }

    private func value(_ source: TablePlan.Source) -> ImportValue {
        switch source {
        case .field(let index): return values[index]
        case .names(let first, let last):
            let names = [first, last].compactMap { text($0) }
            return names.isEmpty ? .absent : .text(names.joined(separator: " "))
        case .occurrence: return .absent
        }
    }

    private static func hash(_ section: Int, _ row: [ImportValue]) -> Int {
        var hasher = Hasher()
        hasher.combine(section)
        hasher.combine(row)
        return hasher.finalize()
    }
}
