public import PluginKit

/// How a person wants a file to be read: a map file, options of a command, the form of a page.
public struct ImportWish: Sendable, Hashable, Codable {
    /// What one column of the file is.
    public struct Column: Sendable, Hashable, Codable {
        /// Its heading, or its number, from 1.
        public var column: String
        /// `customers.phone`, or `phone` in a file of customers; `skip` for one that is not read.
        public var use: String

        public init(column: String, use: String) {
            self.column = column
            self.use = use
        }
    }

    /// `,`, `;`, `|` or `tab`.
    public var delimiter: String?
    /// The line of the headings, from 1, or `none`.
    public var header: String?
    public var columns: [Column]?
    /// `mdy` or `dmy`.
    public var dates: String?
    /// `point` or `comma`.
    public var decimal: String?
    /// IANA name of the zone in which the till's days are.
    public var zone: String?

    public init() {}

    /// - Throws: `ImportProblem` that names what is wrong.
    public func map(for kind: CustomerTable) throws(ImportProblem) -> ImportMap {
        var map = ImportMap()
        if let delimiter {
            let known: [String: Character] = [",": ",", ";": ";", "|": "|", "tab": "\t", "\t": "\t"]
            guard let byte = known[delimiter]?.asciiValue else {
                throw ImportProblem("delimiter: it is one of `,`, `;`, `|` and `tab`")
            }
            map.delimiter = byte
        }
        if let header {
            guard header == "none" || Int(header).map({ $0 > 0 }) == true else {
                throw ImportProblem("header: it is the number of a line, from 1, or `none`")
            }
            map.header = Int(header).map(ImportMap.Header.line) ?? .none
        }
        for column in columns ?? [] {
            let place = Int(column.column).map(ImportMap.Place.number) ?? .heading(column.column)
            guard column.use != "skip" else {
                map.columns[place] = .skip
                continue
            }
            guard let known = ImportColumn.named(column.use, in: kind) else {
                let all = ImportColumn.all(for: kind).map { $0.table == kind ? $0.name : $0.path }
                throw ImportProblem(
                    "columns: \"\(column.use)\" is nothing that a file of \(kind.rawValue) tells"
                        + NearestName.hint(for: column.use, among: all)
                        + "; known: \(all.joined(separator: ", ")), skip")
            }
            map.columns[place] = .column(known)
        }
        if let dates {
            guard let order = DateOrder(rawValue: dates) else {
                throw ImportProblem("dates: it is mdy (07/04/2026 is in July) or dmy (it is in April)")
            }
            map.dates = order
        }
        if let decimal {
            guard let sign = DecimalSign(rawValue: decimal) else {
                throw ImportProblem("decimal: it is point or comma")
            }
            map.decimal = sign
        }
        map.zone = zone
        return map
    }
}
