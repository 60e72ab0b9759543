import ArgumentParser
import ConsoleServer
import PluginKit

extension CustomersCommand {
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "A list of customers, receipts, articles, staff, or of what is made of them.",
            discussion: """
                Lists, with what they can be chosen by, and their orders (the usual one first):
                \(CustomerList.allCases.map(line).joined(separator: "\n"))
                """)

        @Argument(
            help: ArgumentHelp(
                "The list, and by what to choose: `transactions from=2026-07-01 location=Uptown`.",
                valueName: "list or name=value"))
        var words: [String] = ["customers"]

        @Option(help: "By what the rows are ordered.")
        var order: String?

        @Flag(help: "From the end.")
        var descending = false

        @Flag(help: "From the beginning.")
        var ascending = false

        @Option(help: "At most so many rows; 0 is all of them.")
        var limit = 50

        @OptionGroup var output: JSONOption
        @OptionGroup var options: ClientOptions

        func validate() throws {
            if ascending, descending { throw ValidationError("--ascending and --descending exclude each other.") }
            if limit < 0 { throw ValidationError("--limit is 0 or more.") }
            _ = try list()
        }

        private static func line(_ list: CustomerList) -> String {
            let filters = list.filters.isEmpty ? "" : "  \(list.filters.joined(separator: ", "))"
            return "  \(list.rawValue):\(filters); \(list.orders.joined(separator: ", "))"
        }

        private func list() throws -> CustomerList {
            guard let name = words.first, !name.contains("=") else { return .customers }
            guard let list = CustomerList(rawValue: name) else {
                let known = CustomerList.allCases.map(\.rawValue)
                throw ValidationError("There is no list \"\(name)\"\(NearestName.hint(for: name, among: known)).")
            }
            return list
        }

        private func terms(_ list: CustomerList) throws -> [(name: String, value: String)] {
            var terms: [(name: String, value: String)] = []
            for word in words.first?.contains("=") == true ? words[...] : words.dropFirst() {
                guard let sign = word.firstIndex(of: "="), word.startIndex < sign else {
                    throw ValidationError("\"\(word)\" is not name=value.")
                }
                let name = String(word[..<sign])
                guard list.filters.contains(name) else {
                    throw ValidationError(
                        list.filters.isEmpty
                            ? "\(list.rawValue) cannot be chosen from."
                            : "\(list.rawValue) cannot be chosen by \"\(name)\"; but by "
                                + list.filters.joined(separator: ", ") + ".")
                }
                terms.append((name, String(word[word.index(after: sign)...])))
            }
            if let order { terms.append(("order", order)) }
            if ascending || descending { terms.append(("direction", descending ? "desc" : "asc")) }
            return terms
        }

        func run() throws {
            let list = try list()
            let terms = try terms(list)
            let client = try options.client()
            var rows: [[String: CustomerListValue]] = []
            var cursor: String?
            repeat {
                let wanted = limit == 0 ? 1_000 : min(1_000, limit - rows.count)
                let page = try client.customerList(list, terms, limit: wanted, cursor: cursor)
                rows += page.rows
                cursor = page.nextCursor
            } while cursor != nil && (limit == 0 || rows.count < limit)
            let terminal = Terminal.output
            if output.json { return try terminal.json(rows) }
            guard !rows.isEmpty else { return Terminal.errors.line("there is nothing in this list") }
            CustomerListTable(list: list).lines(rows, width: terminal.width) { terminal.style($0, .dim) }
                .forEach { terminal.line($0) }
            if cursor != nil { Terminal.errors.line("there is more: --limit 0 shows all of it") }
        }
    }
}
