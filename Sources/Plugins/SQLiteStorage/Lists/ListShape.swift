internal import PluginKit

/// A list in SQL: where its rows come from, what they tell, and by what they are chosen and ordered.
struct ListShape {
    enum Kind {
        case text
        case number
        /// In millionths.
        case amount
        case day
    }

    /// What a row tells: name, expression, kind.
    var columns: [(name: String, sql: String, kind: Kind)]
    var source: String
    /// What always holds.
    var condition = "1"
    /// By name; the value stands for `?`. `search` is the match of a full-text index, or what a name begins with.
    var filters: [String: String] = [:]
    /// By name: an expression that is never NULL, so that a page can begin behind it.
    var orders: [String: String]
    /// Tells rows with the same place in the order apart.
    var id: String
    var grouping: String?

    private static let customers = "\(CustomerSQL.people) c CROSS JOIN conductor_crm_rules r"
    private static let days = CustomerSQL.daysSinceLastVisit(now: CustomerSQL.clock)

    private static func text(_ names: String...) -> [(name: String, sql: String, kind: Kind)] {
        names.map { name in
            (String(name.split(separator: ".").last ?? ""), name, .text)
        }
    }

    static func of(_ list: CustomerList) -> ListShape {
        switch list {
        case .customers: ofCustomers
        case .transactions: receipts()
        case .receiptsWithoutCustomer:
            receipts("(t.customer_id IS NULL OR NOT EXISTS (SELECT 1 FROM customers x WHERE x.id = t.customer_id))")
        case .receiptsWithoutItems:
            receipts("NOT EXISTS (SELECT 1 FROM transaction_items x WHERE x.transaction_id = t.transaction_id)")
        case .items: lines()
        case .itemsWithoutReceipt:
            lines("NOT EXISTS (SELECT 1 FROM transactions x WHERE x.transaction_id = i.transaction_id)")
        case .itemsWithoutProduct: lines("NOT EXISTS (SELECT 1 FROM products x WHERE x.sku = i.product_sku)")
        case .products: ofProducts
        case .staff: ofStaff
        case .categories: spend("category")
        case .brands: spend("brand")
        case .months: ofMonths
        case .bestsellers: ofBestsellers
        case .duplicates: ofDuplicates
        }
    }

    private static let ofCustomers = ListShape(
        columns: text("c.id", "c.member_id", "c.name", "c.email") + [
            ("phone", "ifnull(c.phone_e164, c.phone)", .text), ("visit_count", "c.visit_count", .number),
            ("lifetime_value", MoneySQL.micros("c.lifetime_value"), .amount),
            ("first_visit_date", "c.first_visit_date", .day), ("last_visit_date", "c.last_visit_date", .day),
            ("vip_status", CustomerSQL.vipStatus, .text), ("churn_risk", CustomerSQL.churnRisk(days: days), .text),
            ("avg_transaction_value", MoneySQL.micros("c.avg_transaction_value"), .amount),
            ("days_since_last_visit", days, .number), ("preferred_location", "c.preferred_location", .text),
            ("preferred_budtender", "c.preferred_budtender", .text),
        ], source: customers,
        filters: [
            "search": """
            c.id IN (SELECT p.id FROM conductor_search_customers f JOIN conductor_search_people p ON p.row = f.rowid \
            WHERE f.conductor_search_customers MATCH ?)
            """,
            "vip_status": "\(CustomerSQL.vipStatus) = ?", "churn_risk": "\(CustomerSQL.churnRisk(days: days)) = ?",
            "location": "c.preferred_location = ?",
        ],
        orders: [
            "name": "ifnull(c.name, '') COLLATE NOCASE", "last_visit_date": "ifnull(c.last_visit_date, '')",
            "visit_count": "ifnull(c.visit_count, 0)", "lifetime_value": "ifnull(c.lifetime_value, 0)",
        ], id: "c.id")

    private static func receipts(_ condition: String = "1") -> ListShape {
        ListShape(
            columns: text("t.id") + [
                ("transaction_id", "t.transaction_id", .number), ("date", "t.date", .day),
                ("total", MoneySQL.micros("t.total"), .amount),
            ] + text("t.payment_method", "t.location", "t.customer_id") + [
                ("customer", "c.name", .text), ("staff_id", "t.staff_id", .text), ("staff", "s.name", .text),
                (
                    "items",
                    "(SELECT count(*) FROM transaction_items i WHERE i.transaction_id = t.transaction_id)", .number
                ),
            ],
            source: """
                transactions t LEFT JOIN customers c ON c.id = t.customer_id LEFT JOIN staff s ON s.id = t.staff_id
                """, condition: condition,
            filters: [
                "customer_id": "t.customer_id = ?", "from": "ifnull(t.date, '') >= ?",
                "to": "ifnull(t.date, '') < date(?, '+1 day') AND t.date IS NOT NULL", "location": "t.location = ?",
                "staff_id": "t.staff_id = ?", "payment_method": "t.payment_method = ?",
            ], orders: ["date": "ifnull(t.date, '')"], id: "t.rowid")
    }

    private static func lines(_ condition: String = "1") -> ListShape {
        ListShape(
            columns: text("i.id") + [
                ("transaction_id", "i.transaction_id", .number), ("product_sku", "i.product_sku", .text),
                ("product", "p.name", .text), ("category", "p.category", .text), ("brand", "p.brand", .text),
                ("quantity", "i.quantity", .number), ("unit_price", MoneySQL.micros("i.unit_price"), .amount),
                ("total_price", MoneySQL.micros("i.total_price"), .amount),
                ("discount", MoneySQL.micros("i.discount"), .amount),
            ], source: "transaction_items i LEFT JOIN products p ON p.sku = i.product_sku", condition: condition,
            filters: ["transaction_id": "i.transaction_id = CAST(? AS INTEGER)", "product_sku": "i.product_sku = ?"],
            orders: ["id": "i.id"], id: "i.id")
    }

    private static let ofProducts = ListShape(
        columns: text(
            "p.id", "p.sku", "p.name", "p.category", "p.brand", "p.thc_content", "p.cbd_content", "p.strain_type",
            "p.effects") + [
                ("unit_cost", MoneySQL.micros("p.unit_cost"), .amount),
                ("retail_price", MoneySQL.micros("p.retail_price"), .amount),
                ("current_stock", "p.current_stock", .number), ("stock_status", ProductSQL.stockStatus, .text),
                ("vendor", "p.vendor", .text), ("last_restocked", "p.last_restocked", .day),
            ], source: "products p CROSS JOIN conductor_crm_rules r",
        filters: [
            "search": """
            (p.name LIKE '%' || ?1 || '%' ESCAPE '\\' OR p.sku LIKE ?1 || '%' ESCAPE '\\' \
            OR p.brand LIKE ?1 || '%' ESCAPE '\\')
            """,
            "category": "p.category = ?", "brand": "p.brand = ?", "vendor": "p.vendor = ?",
            "stock_status": "\(ProductSQL.stockStatus) = ?",
        ],
        orders: [
            "name": "ifnull(p.name, '') COLLATE NOCASE", "sku": "ifnull(p.sku, '')",
            "current_stock": "ifnull(p.current_stock, 0)",
        ], id: "p.id")

    private static let ofStaff = ListShape(
        columns: text("s.id", "s.employee_id", "s.name", "s.role", "s.location") + [
            ("hire_date", "s.hire_date", .day), ("active", "s.active", .number),
        ], source: "staff s", filters: ["location": "s.location = ?"],
        orders: ["name": "ifnull(s.name, '') COLLATE NOCASE"], id: "s.id")

    private static func spend(_ column: String) -> ListShape {
        let name = "ifnull(p.\(column), '')"
        return ListShape(
            columns: [
                ("name", "nullif(\(name), '')", .text), ("quantity", "sum(i.quantity)", .number),
                ("total", total, .amount),
            ],
            source: """
                transactions t JOIN transaction_items i ON i.transaction_id = t.transaction_id \
                LEFT JOIN products p ON p.sku = i.product_sku
                """, filters: ["customer_id": "t.customer_id = ?"], orders: ["total": "ifnull(\(total), 0)"], id: name,
            grouping: name)
    }

    private static let total = "sum(\(MoneySQL.micros("i.total_price")))"

    private static let ofMonths = ListShape(
        columns: [
            ("month", "nullif(\(month), '')", .text), ("visits", "count(*)", .number),
            ("total", "sum(\(MoneySQL.micros("t.total")))", .amount),
        ], source: "transactions t", filters: ["customer_id": "t.customer_id = ?"], orders: ["month": month], id: month,
        grouping: month)
    private static let month = "ifnull(substr(t.date, 1, 7), '')"

    private static let ofBestsellers = ListShape(
        columns: [
            ("sku", "i.product_sku", .text), ("name", "p.name", .text), ("quantity", "sum(i.quantity)", .number),
            ("total", total, .amount),
        ],
        source: """
            transactions t JOIN transaction_items i ON i.transaction_id = t.transaction_id \
            LEFT JOIN products p ON p.sku = i.product_sku
            """, condition: "i.product_sku IS NOT NULL",
        filters: [
            "from": "ifnull(t.date, '') >= ?", "to": "ifnull(t.date, '') < date(?, '+1 day') AND t.date IS NOT NULL",
        ],
        orders: ["total": "ifnull(\(total), 0)"], id: "i.product_sku", grouping: "i.product_sku")

    private static let ofDuplicates = ListShape(
        columns: [
            ("by", "d.what", .text), ("value", "d.value", .text), ("count", "d.n", .number), ("ids", "d.ids", .text),
        ],
        source: """
            (SELECT 'phone' AS what, ifnull(phone_e164, phone) AS value, count(*) AS n, json_group_array(id) AS ids \
            FROM customers WHERE ifnull(phone_e164, phone) LIKE '+%' GROUP BY ifnull(phone_e164, phone) HAVING count(*) > 1 \
            UNION ALL SELECT 'email', lower(email), count(*), json_group_array(id) FROM customers \
            WHERE lower(email) LIKE '%@%' GROUP BY lower(email) HAVING count(*) > 1) d
            """, orders: ["value": "d.value"], id: "d.what")
}
