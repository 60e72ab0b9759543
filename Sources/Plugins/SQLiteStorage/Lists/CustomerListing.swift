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
        var cursor: ListCursor?
        if let after = query.after {
            cursor = ListCursor(after)
            if cursor == nil {
                throw PluginError(.invalid, "after: this is no place in the list: give it as the page before did")
            }
        }
        let columns = (shape.columns.map(\.sql) + [key, shape.id]).joined(separator: ", ")
        let filtered = conditions.joined(separator: " AND ")
        var rows: [Row] = []
        for stretch in ListStretch.all(key, shape, cursor, isDescending, from: arguments.count + 1)
        where rows.count <= Int(query.limit) {
            let values = arguments + stretch.values + [Int(query.limit) + 1 - rows.count]
            // A sum is known once its rows are grouped.
            let rest =
                shape.grouping.map { "WHERE \(filtered) GROUP BY \($0) HAVING \(stretch.condition)" }
                ?? "WHERE \(filtered) AND \(stretch.condition)"
            rows += try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT \(columns) FROM \(shape.source) \(rest)
                        ORDER BY \(stretch.order) LIMIT ?\(values.count)
                        """), arguments: StatementArguments(values))
        }
        let page = rows.prefix(Int(query.limit))
        var next: String?
        if rows.count > page.count, let last = page.last {
            next = ListCursor(key: last[shape.columns.count], id: last[shape.columns.count + 1]).text
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
}
