/// What can be listed of the customers' tables: `CustomerDirectory.list`. Rows are JSON objects, amounts decimal numbers,
/// days `YYYY-MM-DD`; what is not known is left out.
public enum CustomerList: String, Sendable, Hashable, CaseIterable, Codable {
    /// The columns of `conductor_customers`. Filters: `search`, `vip_status`, `churn_risk`, `location`. Orders: `name`,
    /// `last_visit_date`, `visit_count`, `lifetime_value`.
    case customers
    /// Receipts with the names of customer and seller and the number of lines. Filters: `customer_id`, `from`, `to` (days,
    /// both included), `location`, `staff_id`, `payment_method`. Order: `date`.
    case transactions
    /// Lines with their article. Filters: `transaction_id`, `product_sku`. Order: `id`.
    case items = "transaction_items"
    /// Articles. Filters: `search` (in name, sku or brand), `category`, `brand`, `vendor`, `stock_status`. Orders: `name`,
    /// `sku`, `current_stock`.
    case products
    /// Filter: `location`. Order: `name`.
    case staff
    /// What a customer spent, by category or by brand: `name`, `quantity`, `total`. Filter: `customer_id`. Order: `total`.
    case categories = "spend_by_category"
    case brands = "spend_by_brand"
    /// `month` (`YYYY-MM`), `visits`, `total`. Filter: `customer_id`. Order: `month`.
    case months = "visits_by_month"
    /// `sku`, `name`, `quantity`, `total`. Filters: `from`, `to`. Order: `total`.
    case bestsellers
    /// Customers who share a phone or an e-mail: `by` (`phone`, `email`), `value`, `count`, `ids`. Order: `value`.
    case duplicates
    /// Receipts and lines that lack what they should refer to, as in their own lists.
    case receiptsWithoutItems = "receipts_without_items"
    case receiptsWithoutCustomer = "receipts_without_customer"
    case itemsWithoutReceipt = "items_without_receipt"
    case itemsWithoutProduct = "items_without_product"

    /// By what rows may be chosen.
    public var filters: [String] {
        switch self {
        case .customers: ["search", "vip_status", "churn_risk", "location"]
        case .transactions: ["customer_id", "from", "to", "location", "staff_id", "payment_method"]
        case .items: ["transaction_id", "product_sku"]
        case .products: ["search", "category", "brand", "vendor", "stock_status"]
        case .staff: ["location"]
        case .categories, .brands, .months: ["customer_id"]
        case .bestsellers: ["from", "to"]
        case .duplicates, .receiptsWithoutItems, .receiptsWithoutCustomer, .itemsWithoutReceipt, .itemsWithoutProduct:
            []
        }
    }

    /// In what orders they may come, the usual one first.
    public var orders: [String] {
        switch self {
        case .customers: ["name", "last_visit_date", "visit_count", "lifetime_value"]
        case .transactions, .receiptsWithoutItems, .receiptsWithoutCustomer: ["date"]
        case .items, .itemsWithoutReceipt, .itemsWithoutProduct: ["id"]
        case .products: ["name", "sku", "current_stock"]
        case .staff: ["name"]
        case .categories, .brands, .bestsellers: ["total"]
        case .months: ["month"]
        case .duplicates: ["value"]
        }
    }

    /// Whether the usual order is from the end: the newest, the most.
    public var isUsuallyDescending: Bool {
        switch self {
        case .transactions, .receiptsWithoutItems, .receiptsWithoutCustomer, .categories, .brands, .months,
            .bestsellers:
            true
        case .customers, .items, .products, .staff, .duplicates, .itemsWithoutReceipt, .itemsWithoutProduct: false
        }
    }
}
