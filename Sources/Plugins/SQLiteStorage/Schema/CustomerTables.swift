internal import GRDB

/// The tables of the CRM, as the programs that share them know them.
///
/// Where a file has one of them already, it gets the columns that it lacks; nothing of it is renamed, retyped or dropped.
/// There are no foreign keys: receipts without a customer and items without a receipt are legal, and reported elsewhere.
///
/// Money has NUMERIC affinity, so that every program reads a plain number. That is exact enough: SQLite keeps whole
/// amounts as integers and others as the nearest binary fraction, which rounded to millionths is the amount that was
/// written, up to nine thousand million. What adds amounts up adds millionths (`MoneySQL`).
struct CustomerTables {
    private struct Column {
        let name: String
        let type: String
        /// What only a new table can have: SQLite adds no column with such a default.
        var onCreation = ""

        init(_ name: String, _ type: String, _ onCreation: String = "") {
            self.name = name
            self.type = type
            self.onCreation = onCreation
        }
    }

    private struct Table {
        let name: String
        let columns: [Column]
        /// Whether it has `updated_at`.
        var isUpdated: Bool { columns.contains { $0.name == "updated_at" } }
    }

    /// A random UUID (RFC 9562, version 4), for rows of programs that bring none.
    static let uuid = """
        lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-' \
        || substr('89ab', 1 + (random() & 3), 1) || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))
        """

    private static let id = Column("id", "TEXT", "PRIMARY KEY DEFAULT (\(uuid))")
    private static let created = Column("created_at", "TEXT", "DEFAULT (\(TimeSQL.now))")
    private static let updated = Column("updated_at", "TEXT", "DEFAULT (\(TimeSQL.now))")

    private static let tables = [
        Table(
            name: "customers",
            columns: [
                id, Column("name", "TEXT"), Column("email", "TEXT"), Column("phone", "TEXT"),
                Column("visit_count", "INTEGER"), Column("lifetime_value", "NUMERIC"),
                Column("first_visit_date", "TEXT"),
                Column("last_visit_date", "TEXT"), Column("vip_status", "TEXT"), Column("churn_risk", "TEXT"),
                Column("avg_transaction_value", "NUMERIC"), Column("days_since_last_visit", "INTEGER"),
                Column("preferred_location", "TEXT"), Column("preferred_budtender", "TEXT"), created, updated,
                Column("phone_e164", "TEXT"),
            ]),
        Table(
            name: "transactions",
            columns: [
                id, Column("transaction_id", "INTEGER"), Column("customer_id", "TEXT"), Column("date", "TEXT"),
                Column("total", "NUMERIC"), Column("payment_method", "TEXT"), Column("location", "TEXT"),
                Column("staff_id", "TEXT"), created,
            ]),
        Table(
            name: "transaction_items",
            columns: [
                id, Column("transaction_id", "INTEGER"), Column("product_sku", "TEXT"), Column("quantity", "INTEGER"),
                Column("unit_price", "NUMERIC"), Column("total_price", "NUMERIC"), Column("discount", "NUMERIC"),
                created,
            ]),
        Table(
            name: "products",
            columns: [
                id, Column("sku", "TEXT", "UNIQUE"), Column("name", "TEXT"), Column("category", "TEXT"),
                Column("brand", "TEXT"), Column("thc_content", "TEXT"), Column("cbd_content", "TEXT"),
                Column("strain_type", "TEXT"), Column("effects", "TEXT"), Column("unit_cost", "NUMERIC"),
                Column("retail_price", "NUMERIC"), Column("current_stock", "INTEGER"), Column("stock_status", "TEXT"),
                Column("vendor", "TEXT"), Column("last_restocked", "TEXT"), created, updated,
            ]),
        Table(
            name: "staff",
            columns: [
                id, Column("name", "TEXT"), Column("employee_id", "TEXT"), Column("role", "TEXT"),
                Column("location", "TEXT"), Column("hire_date", "TEXT"), Column("active", "BOOLEAN"), created,
            ]),
    ]

    private static let indexes = [
        "conductor_customers_recipient ON customers(\(PhoneSQL.recipient(phone: "phone")))",
        "conductor_customers_email ON customers(lower(email))",
        "conductor_transactions_number ON transactions(transaction_id)",
        "conductor_transactions_customer ON transactions(customer_id, date)",
        "conductor_transactions_date ON transactions(date)",
        "conductor_items_number ON transaction_items(transaction_id)",
        "conductor_items_product ON transaction_items(product_sku)",
        "conductor_staff_employee ON staff(employee_id)",
    ]

    /// The migration.
    static func create(_ db: Database) throws {
        for table in tables {
            let isNew = try !exists(table.name, db)
            if isNew {
                let columns = table.columns.map { "\($0.name) \($0.type) \($0.onCreation)" }.joined(separator: ", ")
                try db.execute(sql: "CREATE TABLE \(table.name) (\(columns))")
            } else {
                try complete(table, db)
            }
            try addDefaults(table, db)
            if !isNew, table.name == "products" {
                try db.execute(sql: "CREATE INDEX IF NOT EXISTS conductor_products_sku ON products(sku)")
            }
        }
        for index in indexes { try db.execute(sql: "CREATE INDEX IF NOT EXISTS \(index)") }
        try db.execute(
            sql: """
                CREATE TABLE conductor_crm_rules (
                    id INTEGER PRIMARY KEY CHECK (id = 1),
                    zone TEXT NOT NULL DEFAULT '',
                    casual_visits INTEGER NOT NULL DEFAULT 2,
                    regular_visits INTEGER NOT NULL DEFAULT 6,
                    vip_visits INTEGER NOT NULL DEFAULT 16,
                    medium_risk_days INTEGER NOT NULL DEFAULT 30,
                    high_risk_days INTEGER NOT NULL DEFAULT 60);
                INSERT INTO conductor_crm_rules (id) VALUES (1);
                CREATE TABLE conductor_zone (
                    zone TEXT NOT NULL, since INTEGER NOT NULL, minutes INTEGER NOT NULL, PRIMARY KEY (zone, since));
                """)
    }

    private static func exists(_ name: String, _ db: Database) throws -> Bool {
        let type = try String.fetchOne(
            db, sql: "SELECT type FROM sqlite_master WHERE lower(name) = ? AND type IN ('table', 'view')",
            arguments: [name])
        guard type != "view" else {
            throw ForeignSchema(reason: "\(name) is a view in it, where customers are to be kept in a table")
        }
        return type != nil
    }

    private static func complete(_ table: Table, _ db: Database) throws {
        let present = Set(
            try Row.fetchAll(db, sql: "PRAGMA table_xinfo(\(table.name))").map { ($0["name"] as String).lowercased() })
        for column in table.columns where !present.contains(column.name) {
            try db.execute(sql: "ALTER TABLE \(table.name) ADD COLUMN \(column.name) \(column.type)")
        }
        if !present.contains("id") { try db.execute(sql: "UPDATE \(table.name) SET id = \(uuid)") }
    }

    /// A column that was added has no default, and a program may write NULL into one that has.
    private static func addDefaults(_ table: Table, _ db: Database) throws {
        let times = ["created_at"] + (table.isUpdated ? ["updated_at"] : [])
        let missing = (["id"] + times).map { "new.\($0) IS NULL" }.joined(separator: " OR ")
        let filled = times.map { "\($0) = ifnull(\($0), \(TimeSQL.now))" }.joined(separator: ", ")
        try db.execute(
            sql: """
                CREATE TRIGGER \(table.name)_defaults AFTER INSERT ON \(table.name) WHEN \(missing)
                BEGIN
                    UPDATE \(table.name) SET id = ifnull(id, \(uuid)), \(filled) WHERE rowid = new.rowid;
                END
                """)
    }
}
