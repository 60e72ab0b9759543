/// The tables of the CRM by the names that all programs of the business know, in the order in which rows are put: what a
/// table refers to comes before it.
public enum CustomerTable: String, Sendable, Hashable, CaseIterable, Codable {
    case customers
    case products
    case staff
    case transactions
    case items = "transaction_items"

    /// The column by which a row is the same one wherever it is kept: the till's number of a receipt, the `sku` of an
    /// article, else `id`, which is what others refer to. A row that has nothing in it is known by its `id`.
    public var key: String {
        switch self {
        case .customers, .staff, .items: "id"
        case .products: "sku"
        case .transactions: "transaction_id"
        }
    }

    /// The columns that every program knows; a table may have more.
    public var columns: [RecordColumn] {
        switch self {
        case .customers: Self.customerColumns
        case .products: Self.productColumns
        case .staff: Self.staffColumns
        case .transactions: Self.transactionColumns
        case .items: Self.itemColumns
        }
    }

    /// One of them by its name; nil for a column that is somebody's own.
    public func column(_ name: String) -> RecordColumn? { columns.first { $0.name == name } }

    private static let created = RecordColumn("created_at", .moment, .kept)
    private static let updated = RecordColumn("updated_at", .moment, .kept)

    private static let customerColumns = [
        RecordColumn("id", .uuid), RecordColumn("name", .text), RecordColumn("email", .text),
        RecordColumn("phone", .text), RecordColumn("member_id", .text), RecordColumn("visit_count", .integer, .derived),
        RecordColumn("lifetime_value", .amount, .derived), RecordColumn("first_visit_date", .day, .derived),
        RecordColumn("last_visit_date", .day, .derived), RecordColumn("vip_status", .text, .derived),
        RecordColumn("churn_risk", .text, .derived), RecordColumn("avg_transaction_value", .amount, .derived),
        RecordColumn("days_since_last_visit", .integer, .derived),
        RecordColumn("preferred_location", .text, .derived), RecordColumn("preferred_budtender", .text, .derived),
        created, updated,
    ]

    private static let productColumns = [
        RecordColumn("id", .uuid, .kept), RecordColumn("sku", .text), RecordColumn("name", .text),
        RecordColumn("category", .text), RecordColumn("brand", .text), RecordColumn("thc_content", .text),
        RecordColumn("cbd_content", .text), RecordColumn("strain_type", .text), RecordColumn("effects", .text),
        RecordColumn("unit_cost", .amount), RecordColumn("retail_price", .amount),
        RecordColumn("current_stock", .integer), RecordColumn("stock_status", .text, .derived),
        RecordColumn("vendor", .text),
        RecordColumn("last_restocked", .day), created, updated,
    ]

    private static let staffColumns = [
        RecordColumn("id", .uuid), RecordColumn("name", .text), RecordColumn("employee_id", .text),
        RecordColumn("role", .text), RecordColumn("location", .text), RecordColumn("hire_date", .day),
        RecordColumn("active", .flag), created,
    ]

    private static let transactionColumns = [
        RecordColumn("id", .uuid, .kept), RecordColumn("transaction_id", .integer),
        RecordColumn("customer_id", .uuid), RecordColumn("date", .day), RecordColumn("total", .amount),
        RecordColumn("payment_method", .text), RecordColumn("location", .text), RecordColumn("staff_id", .uuid),
        created,
    ]

    private static let itemColumns = [
        RecordColumn("id", .uuid), RecordColumn("transaction_id", .integer), RecordColumn("product_sku", .text),
        RecordColumn("quantity", .integer), RecordColumn("unit_price", .amount), RecordColumn("total_price", .amount),
        RecordColumn("discount", .amount), created,
    ]
}
