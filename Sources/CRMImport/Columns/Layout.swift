public import PluginKit

/// How a file is built, as its first lines and the map tell.
public struct Layout: Sendable {
    /// A column of the file.
    public struct Column: Sendable, Hashable {
        /// From 1.
        public var number: Int
        /// Nil where the file has none.
        public var heading: String?
        public var use: ImportColumn?
        /// What the first rows have in it.
        public var samples: [String]
    }

    public var kind: CustomerTable
    public var delimiter: UInt8
    /// The line of the headings; nil where there are none.
    public var headerLine: Int?
    /// Lines above the headings.
    public var titleLines: Int { headerLine.map { $0 - 1 } ?? 0 }
    public var columns: [Column]
    /// Which of day and month comes first; nil where no date of the first rows leaves it open.
    public var dates: DateOrder?
    /// The order was neither said nor told by a date: it is that of the shop's country.
    public var isOrderAssumed = false
    /// Where the headings stand, in bytes of the text, and where the first row begins; and in which line that is.
    let headings: Range<Int>?
    let start: Int
    let line: Int

    /// Rows that are looked at, at most, and how many of them may stand above the headings.
    private static let (sample, mostTitles, shown) = (2_000, 30, 5)

    /// Looks at the beginning of a text.
    ///
    /// - Parameters:
    ///   - bytes: UTF-8.
    ///   - isWhole: they are all of it.
    ///   - monthFirst: how the shop's country writes dates.
    /// - Throws: `ImportProblem` when it cannot be told what the columns are, or the map speaks of some that are not there.
    public init(
        _ bytes: UnsafeBufferPointer<UInt8>, isWhole: Bool, kind: CustomerTable, map: ImportMap, monthFirst: Bool
    ) throws(ImportProblem) {
        self.kind = kind
        delimiter = map.delimiter ?? Self.delimiter(of: bytes)
        let rows = Self.rows(bytes, isWhole: isWhole, delimiter)
        guard let first = rows.first else { throw ImportProblem("the file is empty") }
        let header = try Self.header(rows, kind, map)
        headerLine = header.map { rows[$0].line }
        let names = header.map { rows[$0].fields }
        headings = header.map { rows[$0].start..<rows[$0].end }
        let data = Array(rows.dropFirst(header.map { $0 + 1 } ?? 0))
        start = header.map { rows[$0].end } ?? first.start
        line = header.map { rows[$0].nextLine } ?? first.line
        let width = names?.count ?? data.prefix(Self.shown).map(\.fields.count).max() ?? 0
        columns = try Self.columns(names, width, data, kind, map)
        dates = map.dates
        if dates == nil {
            let places = columns.indices.filter { columns[$0].use?.kind == .day }
            let order = places.isEmpty ? nil : Self.order(of: places, bytes, from: start, isWhole: isWhole, delimiter)
            if let order, let certain = order {
                dates = certain
            } else if order != nil {
                dates = monthFirst ? .monthFirst : .dayFirst
                isOrderAssumed = true
            }
        }
    }

    /// What the dates in some columns tell of their order, as far as the text is here.
    ///
    /// - Returns: nil where none leaves it open; nil within where nothing tells it, or dates tell both.
    private static func order(
        of places: [Int], _ bytes: UnsafeBufferPointer<UInt8>, from start: Int, isWhole: Bool, _ delimiter: UInt8
    ) -> DateOrder?? {
        var reader = RowReader(delimiter: delimiter)
        var row = RowFields()
        var place = start
        var isOpen = false
        var told: Set<DateOrder> = []
        scan: while told.count < 2 {
            switch reader.next(bytes, at: place, isWhole: isWhole, into: &row) {
            case .incomplete, .end: break scan
            case .blank(let next), .unclosed(let next): place = next
            case .row(let next):
                place = next
                for index in places where index < row.count {
                    let field = row.fields[index]
                    let text = Blank.trimmed(Bytes(rebasing: bytes[field.start..<field.end]))
                    guard let pair = DayReader.pair(text) else { continue }
                    isOpen = true
                    if let order = DayReader.certain(pair.0, pair.1) { told.insert(order) }
                }
            }
        }
        guard isOpen else { return nil }
        return .some(told.count == 1 ? told.first : nil)
    }

    /// Headings that nothing of ours is filled from.
    public var unused: [String] { columns.filter { $0.use == nil }.map { $0.heading ?? "column \($0.number)" } }

    // MARK: Rows

    private struct Row {
        var fields: [String]
        var line: Int
        var start: Int
        var end: Int
        /// The line of the file behind it.
        var nextLine: Int
    }

    private static func rows(_ bytes: UnsafeBufferPointer<UInt8>, isWhole: Bool, _ delimiter: UInt8) -> [Row] {
        var reader = RowReader(delimiter: delimiter)
        var fields = RowFields()
        var rows: [Row] = []
        var place = 0
        while rows.count < sample {
            switch reader.next(bytes, at: place, isWhole: isWhole, into: &fields) {
            case .row(let next):
                rows.append(
                    Row(
                        fields: fields.texts(in: bytes), line: fields.line, start: place, end: next,
                        nextLine: reader.line))
                place = next
            case .blank(let next), .unclosed(let next): place = next
            case .incomplete, .end: return rows
            }
        }
        return rows
    }

    /// The sign that cuts the first lines into most fields, alike in most of them.
    private static func delimiter(of bytes: UnsafeBufferPointer<UInt8>) -> UInt8 {
        let candidates = [",", ";", "\t", "|"].map { UInt8(ascii: $0) }
        let head = UnsafeBufferPointer(rebasing: bytes.prefix(64 << 10))
        let scores = candidates.map { candidate in
            let counts = rows(head, isWhole: true, candidate).prefix(40).map(\.fields.count)
            let usual = Dictionary(grouping: counts.filter { $0 > 1 }, by: \.self).max {
                ($0.value.count, $0.key) < ($1.value.count, $1.key)
            }
            return (usual?.value.count ?? 0) * 1_000 + (usual?.key ?? 0)
        }
        let best = scores.indices.max { scores[$0] < scores[$1] } ?? 0
        return scores[best] > 0 ? candidates[best] : candidates[0]
    }

    // MARK: Headings

    /// The index of the row of headings.
    private static func header(
        _ rows: [Row], _ kind: CustomerTable, _ map: ImportMap
    ) throws(ImportProblem) -> Int? {
        switch map.header {
        case .none:
            guard map.columns.keys.contains(where: { if case .number = $0 { true } else { false } }) else {
                throw ImportProblem(
                    "a file without headings needs a map that says what its columns are, as `columns: {1: phone}`")
            }
            return nil
        case .line(let line):
            guard let index = rows.firstIndex(where: { $0.line == line }) else {
                throw ImportProblem("header: there is no line \(line) with anything in it")
            }
            return index
        case .found:
            let named = Set(
                map.columns.keys.compactMap {
                    if case .heading(let text) = $0 { Heading.normalised(text) } else { nil }
                }
            )
            let known = rows.prefix(mostTitles).map { row in
                row.fields.count { named.contains(Heading.normalised($0)) }
                    + Heading.assign(row.fields, of: kind).count
            }
            let most = known.max() ?? 0
            guard most > 1 || most == 1 && rows.contains(where: { $0.fields.count == 1 }) else {
                throw ImportProblem(
                    "none of the first \(min(rows.count, mostTitles)) lines has headings that are known for \(kind.rawValue): "
                        + "say with a map what the columns are, and `header: none` if there is no such line")
            }
            return known.firstIndex(of: most)
        }
    }

    private static func columns(
        _ headings: [String]?, _ width: Int, _ data: [Row], _ kind: CustomerTable, _ map: ImportMap
    ) throws(ImportProblem) -> [Column] {
        var uses: [Int: ImportColumn] = headings.map { Heading.assign($0, of: kind) } ?? [:]
        var said: [Int: ImportMap.Use] = [:]
        for (place, use) in map.columns {
            switch place {
            case .number(let number):
                guard (1...max(1, width)).contains(number) else {
                    throw ImportProblem("columns: there is no column \(number), but \(width) of them")
                }
                said[number - 1] = use
            case .heading(let heading):
                let name = Heading.normalised(heading)
                guard
                    let index = headings?.firstIndex(where: { $0 == heading })
                        ?? headings?.firstIndex(where: { Heading.normalised($0) == name })
                else { throw ImportProblem("columns: the file has no column \"\(heading)\"") }
                said[index] = use
            }
        }
        // What a person says takes the place of what was guessed, wherever that stood.
        for (index, use) in said {
            uses[index] = nil
            guard case .column(let column) = use else { continue }
            if let twice = said.first(where: { $0.key != index && $0.value == use }) {
                throw ImportProblem("columns: \(column.path) is said of columns \(index + 1) and \(twice.key + 1)")
            }
            for (other, guess) in uses where guess == column { uses[other] = nil }
            uses[index] = column
        }
        return (0..<width).map { index in
            Column(
                number: index + 1, heading: headings?[index], use: uses[index],
                samples: data.prefix(shown).map { $0.fields.indices.contains(index) ? $0.fields[index] : "" })
        }
    }
}

extension RowFields {
    /// Each field as text.
    func texts(in bytes: UnsafeBufferPointer<UInt8>) -> [String] {
        fields.map { field in
            let text = String(decoding: bytes[field.start..<field.end], as: UTF8.self)
            return field.hasDoubled ? text.replacing("\"\"", with: "\"") : text
        }
    }
}
