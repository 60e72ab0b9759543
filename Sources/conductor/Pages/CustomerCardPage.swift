import PluginKit

/// Customers, for a person.
struct CustomerCardPage {
    let card: CustomerCard
    let terminal: Terminal

    func lines() -> [String] {
        var lines: [String] = []
        if card.customers.count > 1 {
            lines.append("\(card.customers.count) customers have this number: nothing says which of them writes.")
            lines.append("")
        }
        for customer in card.customers {
            lines += Self.lines(customer, terminal)
            lines.append("")
        }
        lines.append(
            (card.isOptedOut ? "Has said STOP" : "May be texted")
                + (card.isConversationOpen ? "; the conversation is open." : "; no conversation is open."))
        return lines
    }

    private static func lines(_ customer: Customer, _ terminal: Terminal) -> [String] {
        var lines = [terminal.style(customer.name ?? "(without a name)", .bold)]
        func add(_ name: String, _ value: String?) {
            if let value, !value.isEmpty { lines.append("  \(name): \(value)") }
        }
        add("id", customer.id)
        add("phone", customer.phone)
        add("e-mail", customer.email)
        add(
            "status",
            [customer.vipStatus, customer.churnRisk.map { "churn risk \($0)" }].compactMap(\.self).joined(
                separator: ", "))
        add("visits", customer.visitCount.map { "\($0)" })
        add("lifetime value", customer.lifetimeValueMicros.map(money))
        add("on average", customer.averageTransactionMicros.map(money))
        add("first visit", customer.firstVisit)
        let ago = customer.daysSinceLastVisit.map { $0 == 1 ? ", a day ago" : ", \($0) days ago" } ?? ""
        add("last visit", customer.lastVisit.map { $0 + ago })
        add("usually at", customer.preferredLocation)
        add("usually served by", customer.preferredStaff)
        if !customer.purchases.isEmpty { lines.append("  last purchases:") }
        for purchase in customer.purchases {
            let where_ = [purchase.location, purchase.paymentMethod].compactMap(\.self).joined(separator: ", ")
            lines.append(
                "    "
                    + [purchase.date, purchase.number.map { "receipt \($0)" }, purchase.totalMicros.map(money), where_]
                    .compactMap(\.self).filter { !$0.isEmpty }.joined(separator: "  "))
            for item in purchase.items { lines.append("      \(words(item))") }
        }
        return lines
    }

    private static func words(_ item: PurchaseItem) -> String {
        var words = "\(item.quantity ?? 1) × \(item.product?.name ?? item.product?.sku ?? "(unknown article)")"
        if let category = item.product?.category { words += ", \(category)" }
        if let content = item.product?.thcContent { words += ", THC \(content)" }
        if let content = item.product?.cbdContent { words += ", CBD \(content)" }
        if let price = item.unitPriceMicros { words += ", \(money(price)) each" }
        if let discount = item.discountMicros, discount != 0 { words += ", \(money(discount)) off" }
        if let total = item.totalPriceMicros { words += " = \(money(total))" }
        return words
    }

    static func table(_ customers: [Customer]) -> Table {
        var table = Table([
            .init(title: "name", isFlexible: true), .init(title: "phone"), .init(title: "status"),
            .init(title: "churn risk"), .init(title: "visits", alignment: .right),
            .init(title: "value", alignment: .right), .init(title: "last visit"), .init(title: "id"),
        ])
        for customer in customers {
            table.add([
                customer.name ?? "", customer.phone ?? "", customer.vipStatus ?? "", customer.churnRisk ?? "",
                customer.visitCount.map { "\($0)" } ?? "", customer.lifetimeValueMicros.map(money) ?? "",
                customer.lastVisit ?? "", customer.id,
            ])
        }
        return table
    }

    /// With two decimals, or as many as it has.
    static func money(_ micros: Int64) -> String { money(decimal: Millionths.text(micros)) }

    static func money(decimal: String) -> String {
        guard let point = decimal.firstIndex(of: ".") else { return decimal + ".00" }
        return decimal.distance(from: point, to: decimal.endIndex) == 2 ? decimal + "0" : decimal
    }
}
