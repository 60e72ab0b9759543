import PluginKit

extension CustomerQuery: WireValue {
    func write(to wire: inout WireWriter) {
        phone.write(to: &wire)
        purchases.write(to: &wire)
    }
    init(from wire: inout WireReader) throws(WireError) {
        self.init(
            phone: try wire.value(), purchases: try wire.value())
    }
}

extension CustomerSearch: WireValue {
    func write(to wire: inout WireWriter) {
        words.write(to: &wire)
        limit.write(to: &wire)
    }
    init(from wire: inout WireReader) throws(WireError) {
        self.init(words: try wire.value(), limit: try wire.value())
    }
}

extension Customer: WireValue {
    func write(to wire: inout WireWriter) {
        id.write(to: &wire)
        name.write(to: &wire)
        email.write(to: &wire)
        phone.write(to: &wire)
        visitCount.write(to: &wire)
        lifetimeValueMicros.write(to: &wire)
        firstVisit.write(to: &wire)
        lastVisit.write(to: &wire)
        vipStatus.write(to: &wire)
        churnRisk.write(to: &wire)
        averageTransactionMicros.write(to: &wire)
        daysSinceLastVisit.write(to: &wire)
        preferredLocation.write(to: &wire)
        preferredStaff.write(to: &wire)
        isAmbiguous.write(to: &wire)
        purchases.write(to: &wire)
    }
    init(from wire: inout WireReader) throws(WireError) {
        self.init(
            id: try wire.value(), name: try wire.value(), email: try wire.value(), phone: try wire.value(),
            visitCount: try wire.value(), lifetimeValueMicros: try wire.value(), firstVisit: try wire.value(),
            lastVisit: try wire.value(), vipStatus: try wire.value(), churnRisk: try wire.value(),
            averageTransactionMicros: try wire.value(), daysSinceLastVisit: try wire.value(),
            preferredLocation: try wire.value(), preferredStaff: try wire.value(),
            isAmbiguous: try wire.value(), purchases: try wire.value())
    }
}

extension Purchase: WireValue {
    func write(to wire: inout WireWriter) {
        number.write(to: &wire)
        date.write(to: &wire)
        totalMicros.write(to: &wire)
        paymentMethod.write(to: &wire)
        location.write(to: &wire)
        items.write(to: &wire)
    }
    init(from wire: inout WireReader) throws(WireError) {
        self.init(
            number: try wire.value(), date: try wire.value(), totalMicros: try wire.value(),
            paymentMethod: try wire.value(), location: try wire.value(), items: try wire.value())
    }
}

extension PurchaseItem: WireValue {
    func write(to wire: inout WireWriter) {
        quantity.write(to: &wire)
        unitPriceMicros.write(to: &wire)
        totalPriceMicros.write(to: &wire)
        discountMicros.write(to: &wire)
        product.write(to: &wire)
    }
    init(from wire: inout WireReader) throws(WireError) {
        self.init(
            quantity: try wire.value(), unitPriceMicros: try wire.value(), totalPriceMicros: try wire.value(),
            discountMicros: try wire.value(), product: try wire.value())
    }
}

extension Product: WireValue {
    func write(to wire: inout WireWriter) {
        sku.write(to: &wire)
        name.write(to: &wire)
        category.write(to: &wire)
        brand.write(to: &wire)
        thcContent.write(to: &wire)
        cbdContent.write(to: &wire)
        strainType.write(to: &wire)
        effects.write(to: &wire)
        retailPriceMicros.write(to: &wire)
        currentStock.write(to: &wire)
        stockStatus.write(to: &wire)
    }
    init(from wire: inout WireReader) throws(WireError) {
        self.init(
            sku: try wire.value(), name: try wire.value(), category: try wire.value(), brand: try wire.value(),
            thcContent: try wire.value(), cbdContent: try wire.value(), strainType: try wire.value(),
            effects: try wire.value(), retailPriceMicros: try wire.value(), currentStock: try wire.value(),
            stockStatus: try wire.value())
    }
}

extension CustomerCard: WireValue {
    func write(to wire: inout WireWriter) {
        customers.write(to: &wire)
        isOptedOut.write(to: &wire)
        isConversationOpen.write(to: &wire)
    }
    init(from wire: inout WireReader) throws(WireError) {
        self.init(
            customers: try wire.value(), isOptedOut: try wire.value(), isConversationOpen: try wire.value())
    }
}
