internal import GRDB
internal import PluginKit

/// Who has a number, and what they bought.
struct CustomerLookup {
    let query: CustomerQuery
    let now: Timestamp

    /// More with one number than this are a placeholder's.
    private static let most = 20
    private static let seconds = ":now"
    private static let days = CustomerSQL.daysSinceLastVisit(now: seconds)

    /// What `customer` reads, in its order.
    static let columns = """
        c.id, c.name, c.email, ifnull(c.phone_e164, c.phone), c.visit_count, \
        \(MoneySQL.micros("c.lifetime_value")), c.first_visit_date, c.last_visit_date, \(CustomerSQL.vipStatus), \
        \(CustomerSQL.churnRisk(days: days)), \(MoneySQL.micros("c.avg_transaction_value")), \(days), \
        c.preferred_location, c.preferred_budtender
        """

    /// By a number as the gateway writes it, and by one as anybody may.
    static let customersSQL = customersSQL(by: ":phone")
    private static let anyFormSQL = customersSQL(by: "ifnull(\(PhoneSQL.e164(":phone")), :phone)")

    private static func customersSQL(by number: String) -> String {
        """
        SELECT \(columns) FROM \(CustomerSQL.people) c CROSS JOIN conductor_crm_rules r \
        WHERE \(CustomerAliases.means(.phone, number, "c.")) ORDER BY c.last_visit_date DESC, c.id LIMIT \(most)
        """
    }

    static let purchasesSQL = """
        SELECT transaction_id, date, \(MoneySQL.micros("total")), payment_method, location FROM transactions \
        WHERE customer_id = :customer ORDER BY date DESC, transaction_id DESC, rowid DESC LIMIT :count
        """

    static let itemsSQL = """
        SELECT i.quantity, \(MoneySQL.micros("i.unit_price")), \(MoneySQL.micros("i.total_price")), \
        \(MoneySQL.micros("i.discount")), i.product_sku, p.id, p.name, p.category, p.brand, p.thc_content, \
        p.cbd_content, p.strain_type, p.effects, \(MoneySQL.micros("p.retail_price")), p.current_stock, \
        \(ProductSQL.stockStatus) FROM transaction_items i CROSS JOIN conductor_crm_rules r \
        LEFT JOIN products p ON p.sku = i.product_sku \
        WHERE i.transaction_id = :number ORDER BY i.rowid
        """

    func run(on db: Database) throws -> [Customer] {
        guard (0...100).contains(query.purchases) else {
            throw PluginError(.invalid, "purchases: \(query.purchases) is not within 0 and 100")
        }
        let rows = try Row.fetchAll(
            db.cachedStatement(sql: PhoneSQL.isE164(query.phone) ? Self.customersSQL : Self.anyFormSQL),
            arguments: ["now": now.milliseconds / 1000, "phone": query.phone])
        return try rows.map { row in
            var customer = Self.customer(row)
            customer.isAmbiguous = rows.count > 1
            customer.purchases = try purchases(of: customer.id, on: db)
            return customer
        }
    }

    static func customer(_ row: Row) -> Customer {
        let value = CustomerValue(row)
        return Customer(
            id: value.text(0) ?? "", name: value.text(1), email: value.text(2), phone: value.text(3),
            visitCount: value.count(4), lifetimeValueMicros: value.number(5), firstVisit: value.day(6),
            lastVisit: value.day(7), vipStatus: value.text(8), churnRisk: value.text(9),
            averageTransactionMicros: value.number(10), daysSinceLastVisit: value.count(11),
            preferredLocation: value.text(12), preferredStaff: value.text(13))
    }

    private func purchases(of customer: String, on db: Database) throws -> [Purchase] {
        if query.purchases == 0 { return [] }
        let rows = try Row.fetchCursor(
            db.cachedStatement(sql: Self.purchasesSQL), arguments: ["customer": customer, "count": query.purchases])
        var purchases: [Purchase] = []
        while let row = try rows.next() {
            let value = CustomerValue(row)
            let number = value.number(0)
            purchases.append(
                Purchase(
                    number: number, date: value.day(1), totalMicros: value.number(2), paymentMethod: value.text(3),
                    location: value.text(4), items: try number.map { try items(of: $0, on: db) } ?? []))
        }
        return purchases
    }

    private func items(of number: Int64, on db: Database) throws -> [PurchaseItem] {
        let rows = try Row.fetchCursor(db.cachedStatement(sql: Self.itemsSQL), arguments: ["number": number])
        var items: [PurchaseItem] = []
        while let row = try rows.next() {
            let value = CustomerValue(row)
            items.append(
                PurchaseItem(
                    quantity: value.count(0), unitPriceMicros: value.number(1), totalPriceMicros: value.number(2),
                    discountMicros: value.number(3), product: Self.product(value)))
        }
        return items
    }

    /// nil for an article that `products` does not have.
    private static func product(_ value: CustomerValue) -> Product? {
        guard let sku = value.text(4), value.text(5) != nil else { return nil }
        return Product(
            sku: sku, name: value.text(6), category: value.text(7), brand: value.text(8), thcContent: value.text(9),
            cbdContent: value.text(10), strainType: value.text(11), effects: value.text(12),
            retailPriceMicros: value.number(13), currentStock: value.count(14), stockStatus: value.text(15))
    }
}
