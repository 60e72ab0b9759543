internal import GRDB
internal import PluginKit

/// What is made of receipts, made anew of a page of customers, in the caller's transaction.
struct CustomerRecount {
    let after: String?
    let limit: Int
    let lowers: Bool
    let now: Timestamp

    func run(on db: Database) throws -> CustomerDifferences {
        let ids = try String.fetchAll(
            db.cachedStatement(sql: "SELECT id FROM customers WHERE id > ? ORDER BY id LIMIT ?"),
            arguments: [after ?? "", limit + 1])
        var differences: [CustomerDifference] = []
        let made = CustomerRefresh.made
        for id in ids.prefix(limit) {
            guard let before = try CustomerSnapshot.read(id, made, on: db) else { continue }
            if lowers {
                try db.cachedStatement(
                    sql: """
                        DELETE FROM conductor_crm_opening WHERE customer_id = :id
                            AND EXISTS (SELECT 1 FROM transactions t WHERE t.customer_id = :id)
                        """
                ).execute(arguments: ["id": id])
            }
            try CustomerRefresh.recount(id, now: now.milliseconds / 1000, on: db)
            guard let now = try CustomerSnapshot.read(id, made, on: db) else { continue }
            differences += before.differences(to: now, in: made)
            if !lowers { differences += try lower(now, on: db) }
        }
        return CustomerDifferences(differences, next: ids.count > limit ? ids[limit - 1] : nil)
    }

    /// What would be less if only the receipts counted.
    private func lower(_ customer: CustomerSnapshot, on db: Database) throws -> [CustomerDifference] {
        guard
            let row = try Row.fetchOne(
                db.cachedStatement(
                    sql: """
                        SELECT count(*), sum(\(MoneySQL.micros("t.total"))) FROM transactions t
                        WHERE t.customer_id = :id
                            AND EXISTS (SELECT 1 FROM conductor_crm_opening WHERE customer_id = :id)
                        HAVING count(*) > 0
                        """), arguments: ["id": customer.id])
        else { return [] }
        var differences: [CustomerDifference] = []
        func stays(_ column: String, _ counted: String?) {
            guard let known = customer.values[column], known != counted else { return }
            differences.append(
                CustomerDifference(
                    customer: customer.id, name: customer.name, column: column, before: known, after: counted,
                    stays: true))
        }
        let value = CustomerValue(row)
        stays("visit_count", value.text(0))
        stays("lifetime_value", value.number(1).map(Millionths.text))
        return differences
    }
}
