internal import GRDB

/// What keeps the columns of `customers` and `products` that are made of others: triggers that note whose receipts have
/// changed, whoever writes them, and take down what other programs say of a customer.
enum DerivedTables {
    /// The migration.
    static func create(_ db: Database) throws {
        try db.execute(sql: "ALTER TABLE conductor_crm_rules ADD COLUMN low_stock INTEGER NOT NULL DEFAULT 5")
        // The shop's day for which the stored columns were last made right; and whether it is this gateway that writes
        // them just now, which nobody else ever sees.
        try db.execute(sql: "ALTER TABLE conductor_crm_rules ADD COLUMN refreshed_for TEXT")
        try db.execute(sql: "ALTER TABLE conductor_crm_rules ADD COLUMN refreshing INTEGER NOT NULL DEFAULT 0")
        try db.execute(
            sql: """
                CREATE TABLE conductor_crm_opening (
                    customer_id TEXT PRIMARY KEY, visits INTEGER, value NUMERIC, first_visit TEXT, last_visit TEXT,
                    location TEXT, staff TEXT, as_of TEXT NOT NULL) WITHOUT ROWID;
                CREATE TABLE conductor_crm_dirty (customer_id TEXT PRIMARY KEY) WITHOUT ROWID;
                """)
        try add("member_id", "TEXT", to: "customers", db)
        try db.execute(
            sql:
                "CREATE INDEX IF NOT EXISTS conductor_customers_member ON customers(member_id) WHERE member_id IS NOT NULL"
        )
        try db.execute(sql: "CREATE INDEX IF NOT EXISTS conductor_customers_name ON customers(name COLLATE NOCASE)")
        try db.execute(sql: "CREATE INDEX IF NOT EXISTS conductor_products_name ON products(name)")
        // Lists, in their usual order.
        try db.execute(
            sql: """
                CREATE INDEX IF NOT EXISTS conductor_customers_list ON customers(ifnull(name, '') COLLATE NOCASE, id);
                DROP INDEX IF EXISTS conductor_transactions_date;
                CREATE INDEX IF NOT EXISTS conductor_transactions_list ON transactions(ifnull(date, ''));
                CREATE INDEX IF NOT EXISTS conductor_products_list ON products(ifnull(name, '') COLLATE NOCASE, id)
                """)
        try db.execute(sql: "CREATE INDEX IF NOT EXISTS conductor_staff_name ON staff(name COLLATE NOCASE)")
        // What is stored now is what is known of everybody.
        try db.execute(
            sql: """
                INSERT INTO conductor_crm_opening (customer_id, visits, value, first_visit, last_visit, as_of)
                    SELECT c.id, c.visit_count, c.lifetime_value, date(c.first_visit_date), date(c.last_visit_date),
                        ifnull(date(c.last_visit_date), \(today))
                    FROM customers c CROSS JOIN conductor_crm_rules r
                    WHERE c.id IS NOT NULL AND \(states("c")) GROUP BY c.id;
                INSERT OR IGNORE INTO conductor_crm_dirty SELECT id FROM customers WHERE id IS NOT NULL;
                """)
        for trigger in triggers { try db.execute(sql: trigger) }
        try db.execute(
            sql: """
                UPDATE products AS p SET stock_status = (SELECT \(ProductSQL.stockStatus) FROM conductor_crm_rules r)
                WHERE stock_status IS NOT (SELECT \(ProductSQL.stockStatus) FROM conductor_crm_rules r)
                """)
    }

    static func add(_ column: String, _ type: String, to table: String, _ db: Database) throws {
        let present = try String.fetchAll(db, sql: "SELECT lower(name) FROM pragma_table_xinfo('\(table)')")
        if !present.contains(column) { try db.execute(sql: "ALTER TABLE \(table) ADD COLUMN \(column) \(type)") }
    }

    private static let today = CustomerSQL.today(now: CustomerSQL.clock)
    private static let stated = ["visit_count", "lifetime_value", "first_visit_date", "last_visit_date"]
    private static let isRefreshing = "(SELECT refreshing FROM conductor_crm_rules)"

    /// Whether a row says anything that receipts could say. A count of none is what tables have as a default.
    private static func states(_ row: String) -> String {
        """
        (\(row).visit_count > 0 OR \(row).lifetime_value <> 0 OR \(row).first_visit_date IS NOT NULL \
        OR \(row).last_visit_date IS NOT NULL)
        """
    }

    /// What the row says of the customer, as of the last visit, or of today.
    private static let takeDown = """
        INSERT INTO conductor_crm_opening (customer_id, visits, value, first_visit, last_visit, as_of)
                SELECT new.id, new.visit_count, new.lifetime_value, date(new.first_visit_date),
                    date(new.last_visit_date), ifnull(date(new.last_visit_date), \(today))
                FROM conductor_crm_rules r WHERE new.id IS NOT NULL
                ON CONFLICT (customer_id) DO UPDATE SET visits = excluded.visits, value = excluded.value,
                    first_visit = excluded.first_visit, last_visit = excluded.last_visit, as_of = excluded.as_of;
        """

    private static func note(_ row: String) -> String {
        """
        INSERT OR IGNORE INTO conductor_crm_dirty SELECT \(row).customer_id WHERE \(row).customer_id IS NOT NULL;
        """
    }

    private static let triggers: [String] = {
        let isChanged = stated.map { "old.\($0) IS NOT new.\($0)" }.joined(separator: " OR ")
        let counted = ["customer_id", "date", "total", "location", "staff_id"]
        let isOther = counted.map { "old.\($0) IS NOT new.\($0)" }.joined(separator: " OR ")
        let stock =
            "(SELECT \(ProductSQL.stockStatus) FROM products p, conductor_crm_rules r WHERE p.rowid = new.rowid)"
        return [
            // A row without an id gets one by another trigger, whichever comes first: that is an update of `id`.
            """
            CREATE TRIGGER conductor_customers_stated AFTER INSERT ON customers WHEN new.id IS NOT NULL AND \(states("new"))
            BEGIN
                \(takeDown)
                INSERT OR IGNORE INTO conductor_crm_dirty VALUES (new.id);
            END
            """,
            """
            CREATE TRIGGER conductor_customers_restated AFTER UPDATE OF id, \(stated.joined(separator: ", ")) ON customers
            WHEN new.id IS NOT NULL AND NOT \(isRefreshing) AND (\(isChanged) OR old.id IS NULL AND \(states("new")))
            BEGIN
                \(takeDown)
                INSERT OR IGNORE INTO conductor_crm_dirty VALUES (new.id);
            END
            """,
            """
            CREATE TRIGGER conductor_customers_gone AFTER DELETE ON customers WHEN old.id IS NOT NULL
            BEGIN
                DELETE FROM conductor_crm_opening WHERE customer_id = old.id;
                DELETE FROM conductor_crm_dirty WHERE customer_id = old.id;
            END
            """,
            """
            CREATE TRIGGER conductor_transactions_come AFTER INSERT ON transactions WHEN new.customer_id IS NOT NULL
            BEGIN \(note("new")) END
            """,
            """
            CREATE TRIGGER conductor_transactions_change AFTER UPDATE OF \(counted.joined(separator: ", ")) ON transactions
            WHEN \(isOther)
            BEGIN \(note("old")) \(note("new")) END
            """,
            """
            CREATE TRIGGER conductor_transactions_gone AFTER DELETE ON transactions WHEN old.customer_id IS NOT NULL
            BEGIN \(note("old")) END
            """,
            """
            CREATE TRIGGER conductor_products_come AFTER INSERT ON products WHEN new.current_stock IS NOT NULL
            BEGIN UPDATE products SET stock_status = \(stock) WHERE rowid = new.rowid AND stock_status IS NOT \(stock); END
            """,
            """
            CREATE TRIGGER conductor_products_change AFTER UPDATE OF current_stock, stock_status ON products
            WHEN new.current_stock IS NOT NULL
            BEGIN UPDATE products SET stock_status = \(stock) WHERE rowid = new.rowid AND stock_status IS NOT \(stock); END
            """,
        ]
    }()
}
