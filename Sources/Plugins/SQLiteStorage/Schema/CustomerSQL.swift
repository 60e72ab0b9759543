/// What depends on the rules in `conductor_crm_rules` and on today's date: computed wherever it is read, and never stale.
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

    /// The column names of `customers`, so that a reader of the table has only to read the view instead.
    static let view: String = {
        let days = daysSinceLastVisit(now: "CAST(strftime('%s', 'now') AS INTEGER)")
        return """
            CREATE VIEW conductor_customers AS SELECT c.id, c.name, c.email, c.phone, c.phone_e164, c.visit_count, \
            c.lifetime_value, c.first_visit_date, c.last_visit_date, \(vipStatus) AS vip_status, \
            \(churnRisk(days: days)) AS churn_risk, c.avg_transaction_value, \(days) AS days_since_last_visit, \
            c.preferred_location, c.preferred_budtender, c.created_at, c.updated_at \
            FROM customers c CROSS JOIN conductor_crm_rules r
            """
    }()
}
