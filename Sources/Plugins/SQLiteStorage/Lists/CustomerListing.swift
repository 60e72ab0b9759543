internal import GRDB
internal import PluginKit

/// A page of a list.
struct CustomerListing {
    let query: ListQuery

    func run(on db: Database) throws -> ListPage {
        let (order, isDescending) = try query.checked()
        let shape = ListShape.of(query.list)
        guard let key = shape.orders[order] else { throw PluginError(.invalid, "order: there is no \(order)") }
        if query.filters["search"] != nil, query.list == .customers, try !SearchIndex.isKept(on: db) {
            throw SearchIndex.notKept
        }
        var arguments: [any DatabaseValueConvertible] = []
        var conditions = [shape.condition]
        for (name, value) in query.filters.sorted(by: { $0.key < $1.key }) {
            guard let condition = shape.filters[name] else { continue }
            guard let argument = argument(name, value) else { return ListPage(rows: []) }
            conditions.append(numbered(condition, from: arguments.count + 1))
            arguments.append(argument)
        }
        var place = "1"
        if let after = query.after {
            guard let cursor = Cursor(after) else {
                throw PluginError(.invalid, "after: this is no place in the list: give it as the page before did")
            }
            let (first, second) = (arguments.count + 1, arguments.count + 2)
            place = "(\(key), \(shape.id)) \(isDescending ? "<" : ">") (?\(first), ?\(second))"
            arguments += [cursor.key, cursor.id]
        }
        arguments.append(Int(query.limit) + 1)
        let columns = shape.columns.map(\.sql) + [key, shape.id]
        let direction = isDescending ? "DESC" : "ASC"
        // A sum is known once its rows are grouped.
        let filtered = conditions.joined(separator: " AND ")
        let rest =
            shape.grouping.map { "WHERE \(filtered) GROUP BY \($0) HAVING \(place)" }
            ?? "WHERE \(filtered) AND \(place)"
        let rows = try Row.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT \(columns.joined(separator: ", ")) FROM \(shape.source) \(rest)
                    ORDER BY \(key) \(direction), \(shape.id) \(direction) LIMIT ?\(arguments.count)
                    """), arguments: StatementArguments(arguments))
        let page = rows.prefix(Int(query.limit))
        var next: String?
        if rows.count > page.count, let last = page.last {
            next = Cursor(key: last[shape.columns.count], id: last[shape.columns.count + 1]).text
        }
        return ListPage(rows: page.map { record($0, shape) }, next: next)
    }

    /// nil where nothing can be found by it.
    private func argument(_ name: String, _ value: String) -> String? {
        guard name == "search" else { return value }
        if query.list == .customers { return SearchWords.match(value) }
        return value.replacing("\\", with: "\\\\").replacing("%", with: "\\%").replacing("_", with: "\\_")
    }

    private func numbered(_ condition: String, from number: Int) -> String {
        condition.replacing("?1", with: "?").replacing("?", with: "?\(number)")
    }

    private func record(_ row: Row, _ shape: ListShape) -> CustomerRecord {
        let value = CustomerValue(row)
        var fields: [String: RecordValue] = [:]
        for (index, column) in shape.columns.enumerated() {
            switch column.kind {
            case .text: fields[column.name] = value.text(index).map(RecordValue.text)
            case .day: fields[column.name] = value.day(index).map(RecordValue.text)
            case .number: fields[column.name] = value.number(index).map { .number(String($0)) }
            case .amount: fields[column.name] = value.number(index).map { .number(Millionths.text($0)) }
            }
        }
        return CustomerRecord(fields)
    }

    /// A place in a list: what the last row has in the order, and what tells it apart. As texts, with what they are.
    private struct Cursor {
        var key: DatabaseValue
        var id: DatabaseValue

        init(key: DatabaseValue, id: DatabaseValue) { (self.key, self.id) = (key, id) }

        init?(_ text: String) {
            let parts = text.split(separator: "\u{1F}", omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2, let key = Self.value(parts[0]), let id = Self.value(parts[1]) else { return nil }
            self.init(key: key, id: id)
        }

        var text: String { "\(Self.text(key))\u{1F}\(Self.text(id))" }

        private static func text(_ value: DatabaseValue) -> String {
            switch value.storage {
            case .int64(let number): "i\(number)"
            case .double(let number): "d\(number)"
            case .string(let text): "t\(text)"
            default: "t"
            }
        }

        private static func value(_ text: String) -> DatabaseValue? {
            let rest = String(text.dropFirst())
            switch text.first {
            case "i": return Int64(rest)?.databaseValue
            case "d": return Double(rest)?.databaseValue
            case "t": return rest.databaseValue
            default: return nil
            }
        }
    }
}
