internal import GRDB

/// What people's changes leave beside the rows themselves: by what else a merged customer is known, and rules that count at
/// once, whoever changes them.
enum ChangeTables {
    /// The migration.
    static func create(_ db: Database) throws {
        let rules = [
            "zone", "casual_visits", "regular_visits", "vip_visits", "medium_risk_days", "high_risk_days", "low_stock",
        ]
        // A trigger's table has no other name.
        let stock = """
            (SELECT \(ProductSQL.stockStatus) FROM products p, conductor_crm_rules r WHERE p.rowid = products.rowid)
            """
        try db.execute(
            sql: """
                CREATE TABLE conductor_customer_aliases (
                    kind TEXT NOT NULL, value TEXT NOT NULL, customer_id TEXT NOT NULL, PRIMARY KEY (kind, value)
                ) WITHOUT ROWID;
                CREATE INDEX conductor_customer_aliases_customer ON conductor_customer_aliases(customer_id);
                CREATE TRIGGER conductor_customer_aliases_gone AFTER DELETE ON customers WHEN old.id IS NOT NULL
                BEGIN DELETE FROM conductor_customer_aliases WHERE customer_id = old.id; END;
                CREATE TRIGGER conductor_rules_change AFTER UPDATE OF \(rules.joined(separator: ", ")) ON conductor_crm_rules
                BEGIN
                    UPDATE conductor_crm_rules SET refreshed_for = NULL;
                    UPDATE products SET stock_status = \(stock)
                        WHERE old.low_stock IS NOT new.low_stock AND stock_status IS NOT \(stock);
                END;
                """)
    }
}
