public import PluginKit

/// What a column of a file can be read as.
public struct ImportColumn: Sendable, Hashable {
    /// How its fields are written.
    public enum Kind: Sendable, Hashable {
        case text
        /// Of a person: no word stands for nothing.
        case name
        /// By which something is known elsewhere, digit for digit.
        case code
        /// The till's number of a receipt.
        case receipt
        case phone
        case count
        case money
        case day
        case flag
    }

    public let table: CustomerTable
    /// Of the table; or one of those that become another: `first_name`, `last_name`, `type`, `status`.
    public let name: String
    public let kind: Kind
    /// Headings by which it is known, in small letters, signs between words as one space; the surest first.
    let headings: [String]

    init(_ table: CustomerTable, _ name: String, _ kind: Kind, _ headings: [String]) {
        self.table = table
        self.name = name
        self.kind = kind
        self.headings = headings
    }

    /// As a mapping file says it: `customers.phone`.
    public var path: String { "\(table.rawValue).\(name)" }

    /// All that a file of this kind may tell of, in the order in which they are looked for.
    public static func all(for kind: CustomerTable) -> [ImportColumn] {
        tables(in: kind).flatMap { table in
            let own = table == kind ? ownHeadings[table] ?? [:] : [:]
            return columns[table]!.map { column in
                guard let more = own[column.name] else { return column }
                return ImportColumn(table, column.name, column.kind, column.headings + more)
            }
        }
    }

    /// The tables that a file of this kind may fill: a line of a receipt often says all there is.
    public static func tables(in kind: CustomerTable) -> [CustomerTable] {
        switch kind {
        case .customers, .products, .staff: [kind]
        case .transactions: [.transactions, .customers, .staff]
        case .items: [.items, .transactions, .products, .customers, .staff]
        }
    }

    /// By `customers.phone`, or by `phone` in a file of customers.
    public static func named(_ path: String, in kind: CustomerTable) -> ImportColumn? {
        let all = all(for: kind)
        return all.first { $0.path == path } ?? all.first { $0.table == kind && $0.name == path }
    }
}

extension ImportColumn {
    /// Headings that mean this only in a file of the table's own.
    private static let ownHeadings: [CustomerTable: [String: [String]]] = [
        .customers: [
            "member_id": ["id", "number"], "name": ["name"], "lifetime_value": ["gross sales", "net sales", "sales"],
            "visit_count": ["transactions", "transaction count", "orders"],
        ],
        .products: [
            "name": ["name", "title"], "strain_type": ["type"], "retail_price": ["price", "unit price"],
            "current_stock": ["quantity", "qty"], "unit_cost": ["cost"],
        ],
        .staff: [
            "name": ["name", "full name"], "employee_id": ["id", "number"], "location": staffPlaces,
            "active": ["status"],
        ],
        .transactions: [
            "transaction_id": ["id", "number"], "total": ["gross sales", "net sales", "amount", "sales"],
            "type": ["type"], "status": ["status"],
        ],
        .items: [
            "total_price": ["gross sales", "net sales", "total", "amount", "sales"],
            "unit_price": ["price"],
        ],
    ]

    private static let places = [
        "shop location", "shop", "store", "store name", "shop name", "location name", "branch",
    ]
    private static let staffPlaces = ["location"] + places

    private static let columns: [CustomerTable: [ImportColumn]] = [
        .customers: [
            ImportColumn(
                .customers, "member_id", .code,
                [
                    "member id", "customer id", "customer number", "customer id number", "member number", "member no",
                    "patient id", "client id", "external id", "account number", "loyalty id", "customer no",
                ]),
            ImportColumn(
                .customers, "name", .name,
                ["customer name", "member name", "member", "customer", "patient", "patient name", "client name"]),
            ImportColumn(
                .customers, "first_name", .name, ["first name", "firstname", "given name", "customer first name"]),
            ImportColumn(
                .customers, "last_name", .name,
                ["last name", "lastname", "surname", "family name", "customer last name"]
            ),
            ImportColumn(
                .customers, "email", .text, ["email", "e mail", "email address", "customer email", "member email"]),
            ImportColumn(
                .customers, "phone", .phone,
                [
                    "mobile phone", "mobile", "cell phone", "cell", "mobile number", "phone number", "phone",
                    "phone no", "customer phone", "member phone", "telephone", "primary phone", "home phone",
                ]),
            ImportColumn(
                .customers, "visit_count", .count,
                ["visit count", "total visits", "visits", "no of visits", "number of visits", "total orders"]),
            ImportColumn(
                .customers, "lifetime_value", .money,
                [
                    "lifetime value", "total spent", "lifetime spend", "lifetime spent", "ltv", "total purchases",
                    "total spend", "lifetime sales",
                ]),
            ImportColumn(
                .customers, "first_visit_date", .day,
                [
                    "first visit date", "first visit", "date joined", "joined", "member since", "join date",
                    "date created",
                ]
            ),
            ImportColumn(
                .customers, "last_visit_date", .day,
                [
                    "last visit date", "last visit", "last visited", "date last visited", "last purchase date",
                    "last purchase", "last order date", "last order",
                ]),
            ImportColumn(
                .customers, "preferred_location", .text,
                ["preferred location", "preferred store", "favorite location", "favorite store", "home store"]),
            ImportColumn(
                .customers, "preferred_budtender", .text,
                ["preferred budtender", "favorite budtender", "preferred staff", "favorite staff"]),
        ],
        .products: [
            ImportColumn(
                .products, "sku", .code,
                ["sku", "product sku", "item sku", "product id", "item id", "product code", "item number", "barcode"]),
            ImportColumn(
                .products, "name", .text,
                ["product name", "item name", "product", "item", "product description", "description"]),
            ImportColumn(
                .products, "category", .text, ["product category", "category", "item category", "department"]),
            ImportColumn(.products, "brand", .text, ["brand", "brand name", "product brand"]),
            ImportColumn(
                .products, "thc_content", .text, ["thc content", "thc", "total thc", "thc percent", "thc pct"]),
            ImportColumn(
                .products, "cbd_content", .text, ["cbd content", "cbd", "total cbd", "cbd percent", "cbd pct"]),
            ImportColumn(
                .products, "strain_type", .text, ["strain type", "flower type", "cannabis type", "strain", "species"]),
            ImportColumn(.products, "effects", .text, ["effects", "effect"]),
            ImportColumn(
                .products, "unit_cost", .money,
                [
                    "unit cost", "average unit cost", "avg unit cost", "cost per unit", "wholesale price",
                    "wholesale cost",
                ]
            ),
            ImportColumn(.products, "retail_price", .money, ["retail price", "list price", "msrp", "shelf price"]),
            ImportColumn(
                .products, "current_stock", .count,
                [
                    "current stock", "stock", "in stock", "quantity on hand", "qty on hand", "on hand",
                    "total available",
                    "quantity available", "available", "inventory",
                ]),
            ImportColumn(
                .products, "vendor", .text, ["vendor", "vendor name", "supplier", "distributor", "manufacturer"]),
            ImportColumn(
                .products, "last_restocked", .day,
                ["last restocked", "last received", "received date", "date received", "last received date"]),
        ],
        .staff: [
            ImportColumn(
                .staff, "employee_id", .code,
                ["employee id", "staff id", "employee number", "budtender id", "cashier id", "user id"]),
            ImportColumn(
                .staff, "name", .name,
                [
                    "staff name", "staff", "budtender", "budtender name", "employee", "employee name", "cashier",
                    "cashier name", "ticket cashier name", "sold by", "sales person", "salesperson", "server",
                ]),
            ImportColumn(.staff, "role", .text, ["role", "position", "job title"]),
            ImportColumn(.staff, "location", .text, ["staff location", "employee location"]),
            ImportColumn(.staff, "hire_date", .day, ["hire date", "date hired", "hired"]),
            ImportColumn(.staff, "active", .flag, ["active", "is active", "employed"]),
        ],
        .transactions: [
            ImportColumn(
                .transactions, "transaction_id", .receipt,
                [
                    "transaction id", "trans no", "trans num", "transaction number", "transaction no", "trans id",
                    "receipt number", "receipt no", "receipt id", "receipt", "ticket number", "ticket id", "ticket",
                    "ticket no", "order id", "order number", "order no", "invoice number", "invoice no", "invoice",
                    "sale id",
                ]),
            ImportColumn(
                .transactions, "date", .day,
                [
                    "transaction date", "sale date", "receipt date", "order date", "date", "date time", "datetime",
                    "date close", "date closed", "closed at", "completed at", "date open", "timestamp",
                ]),
            ImportColumn(
                .transactions, "total", .money,
                [
                    "transaction total", "total amount", "receipt total", "order total", "grand total", "ticket total",
                    "total", "total paid", "amount paid", "total price with tax", "total due",
                ]),
            ImportColumn(
                .transactions, "payment_method", .text,
                ["payment method", "payment type", "payment", "tender", "tender type", "paid with"]),
            ImportColumn(.transactions, "location", .text, ["location"] + places),
            ImportColumn(.transactions, "type", .text, ["trans type", "transaction type", "sale type"]),
            ImportColumn(.transactions, "status", .text, ["trans status", "transaction status", "order status"]),
        ],
        .items: [
            ImportColumn(
                .items, "quantity", .count,
                ["quantity", "qty", "quantity sold", "units sold", "units", "qty sold", "item quantity"]),
            ImportColumn(
                .items, "unit_price", .money,
                ["unit price", "price per unit", "item price", "price each", "selling price", "sold price"]),
            ImportColumn(
                .items, "total_price", .money,
                [
                    "line total", "total price", "item total", "extended price", "line amount", "item amount",
                    "line subtotal", "item subtotal", "subtotal", "product sales",
                ]),
            ImportColumn(
                .items, "discount", .money,
                ["line discount", "item discount", "discount", "discounts", "discount amount", "total discount"]),
        ],
    ]
}
