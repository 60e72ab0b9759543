/// What is made of a customer's receipts, of the rules in `conductor_crm_rules` and of today's date.
///
/// The columns of `customers` hold what receipts say, for readers of that table; whose receipts have changed since stands
/// in `conductor_crm_dirty`, and is counted wherever it is read. What depends on today's date is always computed. So
/// nothing that is read here is ever stale.
///
/// A history that is only partly here has an opening balance, `conductor_crm_opening`: what somebody said of the customer,
/// and of which day that is. Receipts of later days add to it; where those that are here say more than it does, they
/// count alone.
///
/// `c` is `customers`, or whatever stands for it, and `r` the one row of rules.
enum CustomerSQL {
    /// Today at the shop.
    ///
    /// - Parameter now: seconds since 1970.
    static func today(now: String) -> String {
        """
        date(\(now), 'unixepoch', ifnull((SELECT minutes FROM conductor_zone WHERE zone = r.zone AND since <= \(now) \
        ORDER BY since DESC LIMIT 1), 0) || ' minutes')
        """
    }

    /// Seconds since 1970, now.
    static let clock = "CAST(strftime('%s', 'now') AS INTEGER)"

    /// NULL where the last visit is not known.
    static func daysSinceLastVisit(now: String) -> String {
        "max(0, CAST(julianday(\(today(now: now))) - julianday(date(c.last_visit_date)) AS INTEGER))"
    }

    /// What is stored counts only where nobody knows how often the customer was here.
    static let vipStatus = """
        CASE WHEN c.visit_count IS NULL THEN c.vip_status WHEN c.visit_count >= r.vip_visits THEN 'VIP' \
        WHEN c.visit_count >= r.regular_visits THEN 'Regular' WHEN c.visit_count >= r.casual_visits THEN 'Casual' \
        ELSE 'New' END
        """

    static func churnRisk(days: String) -> String {
        """
        CASE WHEN \(days) IS NULL THEN c.churn_risk WHEN \(days) >= r.high_risk_days THEN 'High' \
        WHEN \(days) >= r.medium_risk_days THEN 'Medium' ELSE 'Low' END
        """
    }

    // MARK: What receipts say

    private static let mine = "FROM transactions t WHERE t.customer_id = c.id"
    private static let later = "\(mine) AND date(t.date) > o.as_of"
    private static let opening = "FROM conductor_crm_opening o WHERE o.customer_id = c.id"
    private static let spent = "sum(\(MoneySQL.micros("t.total")))"

    /// A visit is a receipt. NULL where there is none, and nobody has said how many there were.
    private static let visits = """
        nullif(max((SELECT count(*) \(mine)), ifnull((SELECT o.visits + (SELECT count(*) \(later)) \(opening)), 0)), 0)
        """

    /// Millionths.
    private static let value = """
        ifnull((SELECT CASE WHEN o.value IS NULL OR o.visits + (SELECT count(*) \(later)) <= (SELECT count(*) \(mine)) \
        THEN (SELECT \(spent) \(mine)) ELSE \(MoneySQL.micros("o.value")) + ifnull((SELECT \(spent) \(later)), 0) END \
        \(opening)), (SELECT \(spent) \(mine)))
        """

    private static let firstVisit = earlier(
        "(SELECT min(date(t.date)) \(mine))", "(SELECT date(o.first_visit) \(opening))", of: "min")
    private static let lastVisit = earlier(
        "(SELECT max(date(t.date)) \(mine))", "(SELECT date(o.last_visit) \(opening))", of: "max")

    /// SQLite's `min` and `max` of two are NULL where one is.
    private static func earlier(_ one: String, _ other: String, of which: String) -> String {
        "\(which)(ifnull(\(one), \(other)), ifnull(\(other), \(one)))"
    }

    /// Where the customer was most often; of several, where last.
    private static let location = """
        ifnull((SELECT t.location \(mine) AND t.location <> '' GROUP BY t.location \
        ORDER BY count(*) DESC, max(date(t.date)) DESC, t.location LIMIT 1), (SELECT o.location \(opening)))
        """

    private static let staff = """
        ifnull((SELECT s.name FROM transactions t JOIN staff s ON s.id = t.staff_id \
        WHERE t.customer_id = c.id AND s.name <> '' GROUP BY s.id \
        ORDER BY count(*) DESC, max(date(t.date)) DESC, s.id LIMIT 1), (SELECT o.staff \(opening)))
        """

    private static func known(_ column: String, _ counted: String) -> String {
        "CASE WHEN d.customer_id IS NULL THEN c.\(column) ELSE ifnull(\(counted), c.\(column)) END AS \(column)"
    }

    /// Customers as their receipts have them now: a table, with the columns of `customers`.
    static let people = """
        (SELECT c.id, c.name, c.email, c.phone, c.phone_e164, c.member_id, \(known("visit_count", visits)), \
        \(known("lifetime_value", "(\(value)) / 1000000.0")), \(known("first_visit_date", firstVisit)), \
        \(known("last_visit_date", lastVisit)), c.vip_status, c.churn_risk, \
        \(known("avg_transaction_value", "round((\(value)) / 1000000.0 / (\(visits)), 2)")), \
        \(known("preferred_location", location)), \(known("preferred_budtender", staff)), c.created_at, c.updated_at \
        FROM customers c LEFT JOIN conductor_crm_dirty d ON d.customer_id = c.id)
        """

    /// The column names of `customers`, so that a reader of the table has only to read the view instead.
    static let view: String = {
        let days = daysSinceLastVisit(now: clock)
        return """
            CREATE VIEW conductor_customers AS SELECT c.id, c.name, c.email, c.phone, c.phone_e164, c.member_id, \
            c.visit_count, c.lifetime_value, c.first_visit_date, c.last_visit_date, \(vipStatus) AS vip_status, \
            \(churnRisk(days: days)) AS churn_risk, c.avg_transaction_value, \(days) AS days_since_last_visit, \
            c.preferred_location, c.preferred_budtender, c.created_at, c.updated_at \
            FROM \(people) c CROSS JOIN conductor_crm_rules r
            """
    }()
}
