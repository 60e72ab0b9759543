/// One receipt of a customer.
public struct Purchase: Sendable, Hashable, Codable {
    /// The till's number.
    public var number: Int64?
    /// `YYYY-MM-DD`.
    public var date: String?
    /// Millionths of the shop's currency.
    public var totalMicros: Int64?
    public var paymentMethod: String?
    public var location: String?
    /// Empty for a receipt without items, which is legal.
    public var items: [PurchaseItem]

    public init(
        number: Int64? = nil, date: String? = nil, totalMicros: Int64? = nil, paymentMethod: String? = nil,
        location: String? = nil, items: [PurchaseItem] = []
    ) {
        self.number = number
        self.date = date
        self.totalMicros = totalMicros
        self.paymentMethod = paymentMethod
        self.location = location
        self.items = items
    }
}

/// One line of a receipt. Amounts are millionths of the shop's currency.
public struct PurchaseItem: Sendable, Hashable, Codable {
    public var quantity: Int32?
    public var unitPriceMicros: Int64?
    public var totalPriceMicros: Int64?
    public var discountMicros: Int64?
    /// nil when the till's article is unknown to the CRM.
    public var product: Product?

    public init(
        quantity: Int32? = nil, unitPriceMicros: Int64? = nil, totalPriceMicros: Int64? = nil,
        discountMicros: Int64? = nil, product: Product? = nil
    ) {
        self.quantity = quantity
        self.unitPriceMicros = unitPriceMicros
        self.totalPriceMicros = totalPriceMicros
        self.discountMicros = discountMicros
        self.product = product
    }
}

/// What is sold. What it costs the shop is for managers, and not here.
public struct Product: Sendable, Hashable, Codable {
    public var sku: String
    public var name: String?
    public var category: String?
    public var brand: String?
    /// As the label says, as `21 %`.
    public var thcContent: String?
    public var cbdContent: String?
    /// `Indica`, `Sativa`, `Hybrid`.
    public var strainType: String?
    public var effects: String?
    /// Millionths of the shop's currency.
    public var retailPriceMicros: Int64?
    public var currentStock: Int32?
    /// `In stock`, `Low`, `Out of stock`.
    public var stockStatus: String?

    public init(
        sku: String, name: String? = nil, category: String? = nil, brand: String? = nil, thcContent: String? = nil,
        cbdContent: String? = nil, strainType: String? = nil, effects: String? = nil, retailPriceMicros: Int64? = nil,
        currentStock: Int32? = nil, stockStatus: String? = nil
    ) {
        self.sku = sku
        self.name = name
        self.category = category
        self.brand = brand
        self.thcContent = thcContent
        self.cbdContent = cbdContent
        self.strainType = strainType
        self.effects = effects
        self.retailPriceMicros = retailPriceMicros
        self.currentStock = currentStock
        self.stockStatus = stockStatus
    }
}
