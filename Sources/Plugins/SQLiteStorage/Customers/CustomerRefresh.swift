internal import GRDB
internal import PluginKit

/// Makes the stored columns of `customers` right, for readers of the table: of those whose receipts have changed, and once
/// a day of all whose days have gone by.
enum CustomerRefresh {
    /// Customers in one step, when their receipts are counted, and when only days are.
    private static let (some, many) = (250, 5_000)

    /// Whether somebody's receipts have changed, or it is another day at the shop.
    static func isBehind(now: Int64, on db: Database) throws -> Bool {
        try Bool.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT EXISTS (SELECT 1 FROM conductor_crm_dirty) OR EXISTS (SELECT 1 FROM customers)
                        AND EXISTS (SELECT 1 FROM conductor_crm_rules r
                            WHERE r.refreshed_for IS NOT \(CustomerSQL.today(now: ":now")))
                    """), arguments: ["now": now]) ?? false
    }

    /// One step of either.
    ///
    /// - Parameter after: the row that the last step of a day came to; nil for the first. [in, out]
    /// - Returns: whether more is to be done.
    static func step(now: Int64, after: inout Int64?, on db: Database) throws -> Bool {
        try db.cachedStatement(sql: "UPDATE conductor_crm_rules SET refreshing = 1").execute()
        defer { after = after == .max ? nil : after }
        let dirty = try String.fetchAll(
            db.cachedStatement(sql: "SELECT customer_id FROM conductor_crm_dirty LIMIT \(some)"))
        if dirty.isEmpty {
            try day(now: now, after: &after, on: db)
        } else {
            for id in dirty { try store(id, now: now, on: db) }
        }
        try db.cachedStatement(sql: "UPDATE conductor_crm_rules SET refreshing = 0").execute()
        return try isBehind(now: now, on: db)
    }

    /// Makes one customer's stored columns right, whatever has changed.
    static func recount(_ id: String, now: Int64, on db: Database) throws {
        try db.cachedStatement(sql: "INSERT OR IGNORE INTO conductor_crm_dirty SELECT id FROM customers WHERE id = ?")
            .execute(arguments: [id])
        try db.cachedStatement(sql: "UPDATE conductor_crm_rules SET refreshing = 1").execute()
        try store(id, now: now, on: db)
        try db.cachedStatement(sql: "UPDATE conductor_crm_rules SET refreshing = 0").execute()
    }

    private static func store(_ id: String, now: Int64, on db: Database) throws {
        try db.cachedStatement(sql: countedSQL).execute(arguments: ["id": id, "now": now])
        try db.cachedStatement(sql: "DELETE FROM conductor_crm_dirty WHERE customer_id = ?").execute(arguments: [id])
    }

    private static let days = CustomerSQL.daysSinceLastVisit(now: ":now")
    /// Columns that are made of receipts, rules and today.
    static let made = [
        "visit_count", "lifetime_value", "first_visit_date", "last_visit_date", "vip_status", "churn_risk",
        "avg_transaction_value", "days_since_last_visit", "preferred_location", "preferred_budtender",
    ]
    private static let dated = ["vip_status", "churn_risk", "days_since_last_visit"]
    private static let counted = made.filter { !dated.contains($0) }
    private static let dates = [CustomerSQL.vipStatus, CustomerSQL.churnRisk(days: days), days]

    private static let countedSQL = """
        UPDATE customers SET (\((counted + dated).joined(separator: ", "))) = (
            SELECT \((counted.map { "c.\($0)" } + dates).joined(separator: ", "))
            FROM \(CustomerSQL.people) c CROSS JOIN conductor_crm_rules r WHERE c.id = :id)
        WHERE id = :id
        """

    /// Of customers whose receipts have not changed, the stored columns are what is counted.
    private static let datedSQL = """
        UPDATE customers AS c SET (\(dated.joined(separator: ", "))) = (
            SELECT \(dates.joined(separator: ", ")) FROM conductor_crm_rules r)
        WHERE c.rowid > :after AND c.rowid <= :last AND (\(dated.joined(separator: ", "))) IS NOT (
            SELECT \(dates.joined(separator: ", ")) FROM conductor_crm_rules r)
        """

    private static func day(now: Int64, after: inout Int64?, on db: Database) throws {
        let first = after ?? Int64.min
        let last = try Int64.fetchOne(
            db.cachedStatement(
                sql: "SELECT max(rowid) FROM (SELECT rowid FROM customers WHERE rowid > ? ORDER BY rowid LIMIT \(many))"
            ),
            arguments: [first])
        guard let last else {
            try db.cachedStatement(
                sql: "UPDATE conductor_crm_rules AS r SET refreshed_for = \(CustomerSQL.today(now: ":now"))"
            ).execute(arguments: ["now": now])
            return after = .max
        }
        try db.cachedStatement(sql: datedSQL).execute(arguments: ["now": now, "after": first, "last": last])
        after = last
    }
}
