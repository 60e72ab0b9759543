internal import GRDB
internal import PluginKit

/// What a row of `customers` tells at one moment, as people read it: the stored columns.
struct CustomerSnapshot {
    let id: String
    let name: String?
    let values: [String: String]

    /// Columns that are made of receipts, rules and today.
    static let made = [
        "visit_count", "lifetime_value", "first_visit_date", "last_visit_date", "vip_status", "churn_risk",
        "avg_transaction_value", "days_since_last_visit", "preferred_location", "preferred_budtender",
    ]
    private static let amounts = ["lifetime_value", "avg_transaction_value"]

    /// - Returns: nil where nobody has the id.
    static func read(_ id: String, _ columns: [String], on db: Database) throws -> CustomerSnapshot? {
        let told = columns.map { name in
            amounts.contains(name) ? MoneySQL.micros(name) : name.quotedDatabaseIdentifier
        }
        let receipts = "(SELECT count(*) FROM transactions t WHERE t.customer_id = c.id)"
        guard
            let row = try Row.fetchOne(
                db.cachedStatement(
                    sql: "SELECT name, \(receipts), \(told.joined(separator: ", ")) FROM customers c WHERE id = ?"),
                arguments: [id])
        else { return nil }
        let value = CustomerValue(row)
        var values = ["transactions": value.text(1) ?? "0"]
        for (index, name) in columns.enumerated() {
            values[name] =
                amounts.contains(name) ? value.number(index + 2).map(Millionths.text) : value.text(index + 2)
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
