package import CPluginABI

/// Optional numbers of a struct: a bit says whether the number is there. golden.c guards the bits.
private struct Optionals {
    var flags: UInt32 = 0

    mutating func add<Number: FixedWidthInteger>(_ number: Number?, _ bit: UInt32) -> Number {
        if number != nil { flags |= 1 << bit }
        return number ?? 0
    }

    func get<Number: FixedWidthInteger>(_ number: Number, _ bit: UInt32) -> Number? {
        flags.has(1 << bit) ? number : nil
    }
}

extension CustomerQuery: ABIValue {
    package func cForm(in arena: inout Arena) -> conductor_customer_query {
        conductor_customer_query(
            struct_size: UInt32(sizeOf: conductor_customer_query.self), purchases: purchases, phone: arena.slice(phone))
    }

    package init(_ form: conductor_customer_query) throws(PluginError) {
        self.init(phone: String(form.phone), purchases: form.purchases)
    }
}

extension CustomerSearch: ABIValue {
    package func cForm(in arena: inout Arena) -> conductor_customer_search {
        conductor_customer_search(
            struct_size: UInt32(sizeOf: conductor_customer_search.self), limit: limit, words: arena.slice(words))
    }

    package init(_ form: conductor_customer_search) throws(PluginError) {
        self.init(words: String(form.words), limit: form.limit)
    }
}

extension Product: ABIValue {
    package func cForm(in arena: inout Arena) -> conductor_product {
        var form = conductor_product()
        var optionals = Optionals()
        form.struct_size = UInt32(sizeOf: conductor_product.self)
        form.sku = arena.slice(sku)
        form.name = arena.slice(name)
        form.category = arena.slice(category)
        form.brand = arena.slice(brand)
        form.thc_content = arena.slice(thcContent)
        form.cbd_content = arena.slice(cbdContent)
        form.strain_type = arena.slice(strainType)
        form.effects = arena.slice(effects)
        form.stock_status = arena.slice(stockStatus)
        form.retail_price_micros = optionals.add(retailPriceMicros, 0)
        form.current_stock = optionals.add(currentStock, 1)
        form.flags = optionals.flags
        return form
    }

    package init(_ form: conductor_product) throws(PluginError) {
        let optionals = Optionals(flags: form.flags)
        self.init(
            sku: String(form.sku), name: String(present: form.name), category: String(present: form.category),
            brand: String(present: form.brand), thcContent: String(present: form.thc_content),
            cbdContent: String(present: form.cbd_content), strainType: String(present: form.strain_type),
            effects: String(present: form.effects), retailPriceMicros: optionals.get(form.retail_price_micros, 0),
            currentStock: optionals.get(form.current_stock, 1), stockStatus: String(present: form.stock_status))
    }
}

extension PurchaseItem: ABIValue {
    package func cForm(in arena: inout Arena) -> conductor_purchase_item {
        var form = conductor_purchase_item()
        var optionals = Optionals()
        form.struct_size = UInt32(sizeOf: conductor_purchase_item.self)
        form.quantity = optionals.add(quantity, 0)
        form.unit_price_micros = optionals.add(unitPriceMicros, 1)
        form.total_price_micros = optionals.add(totalPriceMicros, 2)
        form.discount_micros = optionals.add(discountMicros, 3)
        form.flags = optionals.flags
        if let product { form.product = arena.pointer(product) }
        return form
    }

    package init(_ form: conductor_purchase_item) throws(PluginError) {
        let optionals = Optionals(flags: form.flags)
        var product: Product?
        if let pointer = form.product { product = try Product(loadVersioned(pointer)) }
        self.init(
            quantity: optionals.get(form.quantity, 0), unitPriceMicros: optionals.get(form.unit_price_micros, 1),
            totalPriceMicros: optionals.get(form.total_price_micros, 2),
            discountMicros: optionals.get(form.discount_micros, 3), product: product)
    }
}

extension Purchase: ABIValue {
    package func cForm(in arena: inout Arena) -> conductor_purchase {
        var optionals = Optionals()
        let (number, total) = (optionals.add(number, 0), optionals.add(totalMicros, 1))
        return conductor_purchase(
            struct_size: UInt32(sizeOf: conductor_purchase.self), flags: optionals.flags, number: number,
            total_micros: total, date: arena.slice(date), payment_method: arena.slice(paymentMethod),
            location: arena.slice(location), items: arena.array(items))
    }

    package init(_ form: conductor_purchase) throws(PluginError) {
        let optionals = Optionals(flags: form.flags)
        self.init(
            number: optionals.get(form.number, 0), date: String(present: form.date),
            totalMicros: optionals.get(form.total_micros, 1), paymentMethod: String(present: form.payment_method),
            location: String(present: form.location), items: try [PurchaseItem](form.items))
    }
}

extension Customer: ABIValue {
    private static let ambiguous: UInt32 = 1 << 16

    package func cForm(in arena: inout Arena) -> conductor_customer {
        var form = conductor_customer()
        var optionals = Optionals()
        form.struct_size = UInt32(sizeOf: conductor_customer.self)
        form.id = arena.slice(id)
        form.name = arena.slice(name)
        form.email = arena.slice(email)
        form.phone = arena.slice(phone)
        form.first_visit = arena.slice(firstVisit)
        form.last_visit = arena.slice(lastVisit)
        form.vip_status = arena.slice(vipStatus)
        form.churn_risk = arena.slice(churnRisk)
        form.preferred_location = arena.slice(preferredLocation)
        form.preferred_staff = arena.slice(preferredStaff)
        form.visit_count = optionals.add(visitCount, 0)
        form.lifetime_value_micros = optionals.add(lifetimeValueMicros, 1)
        form.average_transaction_micros = optionals.add(averageTransactionMicros, 2)
        form.days_since_last_visit = optionals.add(daysSinceLastVisit, 3)
        form.flags = optionals.flags | (isAmbiguous ? Self.ambiguous : 0)
        form.purchases = arena.array(purchases)
        return form
    }

    package init(_ form: conductor_customer) throws(PluginError) {
        let optionals = Optionals(flags: form.flags)
        self.init(
            id: String(form.id), name: String(present: form.name), email: String(present: form.email),
            phone: String(present: form.phone), visitCount: optionals.get(form.visit_count, 0),
            lifetimeValueMicros: optionals.get(form.lifetime_value_micros, 1),
            firstVisit: String(present: form.first_visit), lastVisit: String(present: form.last_visit),
            vipStatus: String(present: form.vip_status), churnRisk: String(present: form.churn_risk),
            averageTransactionMicros: optionals.get(form.average_transaction_micros, 2),
            daysSinceLastVisit: optionals.get(form.days_since_last_visit, 3),
            preferredLocation: String(present: form.preferred_location),
            preferredStaff: String(present: form.preferred_staff), isAmbiguous: form.flags.has(Self.ambiguous),
            purchases: try [Purchase](form.purchases))
    }
}

extension CustomerCard: ABIValue {
    private static let (optedOut, open): (UInt32, UInt32) = (1 << 0, 1 << 1)

    package func cForm(in arena: inout Arena) -> conductor_customer_reply {
        conductor_customer_reply(
            struct_size: UInt32(sizeOf: conductor_customer_reply.self),
            flags: (isOptedOut ? Self.optedOut : 0) | (isConversationOpen ? Self.open : 0),
            customer: customers.first.map { arena.pointer($0) }, others: arena.array(Array(customers.dropFirst())))
    }

    package init(_ form: conductor_customer_reply) throws(PluginError) {
        self.init(
            customers: try [Customer](form.others), isOptedOut: form.flags.has(Self.optedOut),
            isConversationOpen: form.flags.has(Self.open))
        if let pointer = form.customer { customers.insert(try Customer(loadVersioned(pointer)), at: 0) }
    }
}

/// What a plugin answers: everybody with a number, as it crosses to the host.
package struct CustomersReply: ABIValue {
    package var customers: [Customer]

    package init(customers: [Customer]) { self.customers = customers }

    package func cForm(in arena: inout Arena) -> conductor_customers_reply {
        conductor_customers_reply(
            struct_size: UInt32(sizeOf: conductor_customers_reply.self), flags: 0, customers: arena.array(customers))
    }

    package init(_ form: conductor_customers_reply) throws(PluginError) {
        customers = try [Customer](form.customers)
    }
}
