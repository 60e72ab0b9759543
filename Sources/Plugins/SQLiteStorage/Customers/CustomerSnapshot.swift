internal import GRDB
internal import PluginKit

/// What a row of `customers` tells at one moment, as people read it: the stored columns.
struct CustomerSnapshot {
    let id: String
    let name: String?
    let values: [String: String]

    private static let amounts = ["lifetime_value", "avg_transaction_value"]

    /// - Parameter columns: of the table; and `transactions`, how many receipts there are.
    /// - Returns: nil where nobody has the id.
    static func read(_ id: String, _ columns: [String], on db: Database) throws -> CustomerSnapshot? {
        let told = columns.map { name in
            switch name {
            case "transactions": "(SELECT count(*) FROM transactions t WHERE t.customer_id = c.id)"
            case _ where amounts.contains(name): MoneySQL.micros(name)
            default: name.quotedDatabaseIdentifier
            }
        }
        guard
            let row = try Row.fetchOne(
                db.cachedStatement(
                    sql: "SELECT name, \(told.joined(separator: ", ")) FROM customers c WHERE id = ?"),
                arguments: [id])
        else { return nil }
        let value = CustomerValue(row)
        var values: [String: String] = [:]
        for (index, name) in columns.enumerated() {
            values[name] =
                amounts.contains(name) ? value.number(index + 1).map(Millionths.text) : value.text(index + 1)
        }
        return CustomerSnapshot(id: id, name: value.text(0), values: values)
    }

    /// What is different in `later`, in the order of `columns`.
    func differences(to later: CustomerSnapshot, in columns: [String]) -> [CustomerDifference] {
        columns.filter { values[$0] != later.values[$0] }.map { column in
            CustomerDifference(
                customer: id, name: name, column: column, before: values[column], after: later.values[column])
        }
    }
}
