import CRMImport
import GatewayCore
import PluginKit
import Settings

/// A YAML file that says how files of a till are to be read.
enum ImportMapFile {
    private static let keys = ["delimiter", "header", "dates", "decimal", "zone", "columns"]

    static func read(_ file: String) throws(CommandFailure) -> ImportWish {
        do throws(ConfigurationError) {
            let map = try ConfigurationNode.read(file: file).mapping(keys: keys)
            var wish = ImportWish()
            wish.delimiter = try map["delimiter"]?.string()
            wish.header = try map["header"]?.string()
            wish.dates = try map["dates"]?.word(among: DateOrder.allCases.map(\.rawValue))
            wish.decimal = try map["decimal"]?.word(among: DecimalSign.allCases.map(\.rawValue))
            wish.zone = try map["zone"]?.string()
            if let columns = map["columns"] {
                guard case .mapping(let entries) = columns.content else {
                    throw columns.error("it is a mapping, as `Member #: member_id`")
                }
                wish.columns = []
                for entry in entries {
                    wish.columns?.append(.init(column: entry.key, use: try entry.value.string()))
                }
            }
            return wish
        } catch {
            throw CommandFailure(.usage, error.description)
        }
    }

    /// How a file was understood, so that another one is read alike.
    static func text(_ check: ImportCheck, _ wish: ImportWish?, _ kind: CustomerTable) -> String {
        var lines = [
            "# How `conductor import \(kind.rawValue == "transaction_items" ? "items" : kind.rawValue) --map` reads a file.",
            "delimiter: \(quoted(check.delimiter))",
            "header: \(check.headerLine.map(String.init) ?? "none")",
        ]
        if let dates = check.dates { lines.append("dates: \(dates)") }
        lines.append("decimal: \(wish?.decimal ?? DecimalSign.point.rawValue)")
        if let zone = wish?.zone { lines.append("zone: \(zone)") }
        lines.append("columns:")
        for column in check.columns {
            let name = column.heading.map { quoted($0) } ?? "\(column.number)"
            lines.append("  \(name): \(column.use ?? "skip")")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func quoted(_ text: String) -> String {
        let escaped = text.flatMap { character -> String in
            switch character {
            case "\"": "\\\""
            case "\\": "\\\\"
            case "\n", "\r\n": "\\n"
            case "\t": "\\t"
            default: String(character)
            }
        }
        return "\"\(String(escaped))\""
    }
}
