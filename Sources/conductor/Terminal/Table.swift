/// Rows in aligned columns.
struct Table: Sendable {
    enum Alignment: Sendable {
        case left, right
    }

    struct Column: Sendable {
        var title: String
        var alignment = Alignment.left
        /// The one that is cut when the terminal is too narrow.
        var isFlexible = false
    }

    let columns: [Column]
    private(set) var rows: [[String]] = []

    init(_ columns: [Column]) {
        self.columns = columns
    }

    mutating func add(_ cells: [String]) {
        rows.append(cells)
    }

    /// The lines; columns that are empty in every row are left out.
    ///
    /// - Parameters:
    ///   - width: columns of the terminal; nil cuts nothing.
    ///   - indent: before each line.
    func lines(width: Int?, indent: String = "", title: (String) -> String = { $0 }) -> [String] {
        let shown = columns.indices.filter { index in rows.contains { !$0[index].isEmpty } }
        var widths = columns.indices.map { index in
            rows.map { DisplayWidth.of($0[index]) }.reduce(DisplayWidth.of(columns[index].title), max)
        }
        if let width, let flexible = shown.first(where: { columns[$0].isFlexible }) {
            let total = shown.map { widths[$0] }.reduce(0, +) + 2 * (shown.count - 1) + indent.count
            if total > width {
                widths[flexible] = max(widths[flexible] - (total - width), 10)
            }
        }
        func line(_ cells: [String]) -> String {
            let padded = shown.map { index in
                let cell = columns[index].isFlexible ? DisplayWidth.cut(cells[index], to: widths[index]) : cells[index]
                let space = String(repeating: " ", count: max(0, widths[index] - DisplayWidth.of(cell)))
                return columns[index].alignment == .left ? cell + space : space + cell
            }
            var text = indent + padded.joined(separator: "  ")
            while text.last == " " { text.removeLast() }
            return text
        }
        let heads = columns.map(\.title)
        let hasTitles = heads.contains { !$0.isEmpty }
        return (hasTitles ? [title(line(heads))] : []) + rows.map(line)
    }
}
