internal import PluginKit

/// A customer as the project's functions give it: amounts are millionths.
enum CustomerJSON {
    /// Everybody whom an answer names, with the mark of those who share a number.
    static func matches(in reply: JSONValue, sharesNumber: Bool) throws(Refusal) -> [Customer] {
        guard let rows = reply["matches"].elements else { throw .garbled(200) }
        return rows.map { row in
            var customer = read(row)
            customer.isAmbiguous = sharesNumber && rows.count > 1
            return customer
        }
    }

    private static func read(_ row: JSONValue) -> Customer {
        Customer(
            id: row["id"].text ?? "", name: text(row["name"]), email: text(row["email"]), phone: text(row["phone"]),
            visitCount: row["visit_count"].number, lifetimeValueMicros: row["lifetime_value_micros"].integer,
            firstVisit: row["first_visit"].text, lastVisit: row["last_visit"].text, vipStatus: row["vip_status"].text,
            churnRisk: row["churn_risk"].text, averageTransactionMicros: row["average_transaction_micros"].integer,
            // A receipt of tomorrow, by a till whose clock is ahead, is of today.
            daysSinceLastVisit: row["days_since_last_visit"].number.map { max(0, $0) },
            preferredLocation: text(row["preferred_location"]), preferredStaff: text(row["preferred_staff"]),
            purchases: (row["purchases"].elements ?? []).map(purchase))
    }

    private static func purchase(_ row: JSONValue) -> Purchase {
        Purchase(
            number: row["number"].integer, date: row["date"].text, totalMicros: row["total_micros"].integer,
            paymentMethod: text(row["payment_method"]), location: text(row["location"]),
            items: (row["items"].elements ?? []).map(item))
    }

    private static func item(_ row: JSONValue) -> PurchaseItem {
        PurchaseItem(
            quantity: row["quantity"].number, unitPriceMicros: row["unit_price_micros"].integer,
            totalPriceMicros: row["total_price_micros"].integer, discountMicros: row["discount_micros"].integer,
            product: product(row["product"]))
    }

    private static func product(_ row: JSONValue) -> Product? {
        guard let sku = row["sku"].text else { return nil }
        return Product(
            sku: sku, name: text(row["name"]), category: text(row["category"]), brand: text(row["brand"]),
            thcContent: text(row["thc_content"]), cbdContent: text(row["cbd_content"]),
            strainType: text(row["strain_type"]), effects: text(row["effects"]),
            retailPriceMicros: row["retail_price_micros"].integer, currentStock: row["current_stock"].number,
            stockStatus: text(row["stock_status"]))
    }

    /// nil for an empty text, too: forms write it where they know nothing.
    private static func text(_ value: JSONValue) -> String? { value.text.flatMap { $0.isEmpty ? nil : $0 } }
}
