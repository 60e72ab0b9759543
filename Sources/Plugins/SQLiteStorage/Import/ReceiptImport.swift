internal import GRDB
internal import PluginKit

/// Receipts: known by the till's number. Whose they are, and who sold, is found by what the row says of them.
struct ReceiptImport: SectionImport {
    private let names: NamedRow
    private let own: [String]
    private let refersToCustomer: Bool
    private let refersToStaff: Bool
    private var upsert: RowUpsert
    private let find: RawStatement
    private let customers: [(column: String, find: RawStatement)]
    private let staff: [(column: String, find: RawStatement)]
    /// Whom the last names meant; a nil within says that they mean nobody.
    private var knownCustomers: [String: String?] = [:]
    private var knownStaff: [String: String?] = [:]

    init(_ section: ImportSection, _ run: ImportRun, on db: Database) throws {
        names = NamedRow(section.columns)
        own = section.columns.filter { !$0.contains(".") }
        func statements(_ wanted: [(String, String)]) throws -> [(column: String, find: RawStatement)] {
            try wanted.filter { section.columns.contains($0.0) }.map { ($0.0, try RawStatement($0.1, on: db)) }
        }
        let customer = "SELECT id FROM customers WHERE"
        customers = try statements([
            ("customers.member_id", "\(customer) \(CustomerAliases.means(.member, "?1")) LIMIT 2"),
            ("customers.phone", "\(customer) \(CustomerAliases.means(.phone, "?1")) LIMIT 2"),
            ("customers.email", "\(customer) \(CustomerAliases.means(.email, "lower(?1)")) LIMIT 2"),
            ("customers.name", "\(customer) name = ? COLLATE NOCASE LIMIT 2"),
        ])
        staff = try statements([
            ("staff.employee_id", "SELECT id FROM staff WHERE employee_id = ? LIMIT 2"),
            ("staff.name", "SELECT id FROM staff WHERE name = ? COLLATE NOCASE LIMIT 2"),
        ])
        (refersToCustomer, refersToStaff) = (!customers.isEmpty, !staff.isEmpty)
        let columns = own + (refersToCustomer ? ["customer_id"] : []) + (refersToStaff ? ["staff_id"] : [])
        upsert = try RowUpsert(.transactions, columns, fills: section.fills, run, on: db)
        find = try RawStatement("SELECT rowid FROM transactions WHERE transaction_id = ? LIMIT 1", on: db)
    }

    mutating func put(_ row: ArraySlice<ImportValue>) throws -> ImportReply.Outcome {
        guard case .count(let number) = names.value("transaction_id", row) else { return .init(.keyless) }
        var values = own.map { names.value($0, row) }
        var isLoose = false
        if refersToCustomer {
            let (id, isLost) = try Self.refer(customers, names, row, &knownCustomers)
            values.append(id.map(ImportValue.text) ?? .absent)
            isLoose = isLoose || isLost
        }
        if refersToStaff {
            let (id, isLost) = try Self.refer(staff, names, row, &knownStaff)
            values.append(id.map(ImportValue.text) ?? .absent)
            isLoose = isLoose || isLost
        }
        try find.bind(1, number)
        let known = try find.step() ? find.number(0) : nil
        find.reset()
        if let known { return .init(try upsert.update(known, values).outcome, isLoose: isLoose) }
        _ = try upsert.insert(values)
        return .init(.inserted, isLoose: isLoose)
    }

    /// The one that the first of the columns means that tells anything.
    private static func refer(
        _ ways: [(column: String, find: RawStatement)], _ names: NamedRow, _ row: ArraySlice<ImportValue>,
        _ known: inout [String: String?]
    ) throws -> (id: String?, isLost: Bool) {
        var isTold = false
        for (column, find) in ways {
            guard let text = names.text(column, row) else { continue }
            isTold = true
            let key = "\(column)\n\(text)"
            if let found = known[key] {
                if let found { return (found, false) }
                continue
            }
            let found = try find.only(text)
            // As much as a busy month's customers.
            if known.count > 20_000 { known = [:] }
            known[key] = .some(found)
            if let found { return (found, false) }
        }
        return (nil, isTold)
    }
}

/// Lines of receipts: known by all that they tell; of lines that are the same, by how many there are.
struct LineImport: SectionImport {
    private let names: NamedRow
    private let own: [String]
    private let hasName: Bool
    private var upsert: RowUpsert
    private let count: RawStatement
    private let receipt: RawStatement
    private let article: RawStatement
    private let byName: RawStatement

    init(_ section: ImportSection, _ run: ImportRun, on db: Database) throws {
        names = NamedRow(section.columns)
        hasName = names.has("products.name")
        own =
            ["transaction_id", "product_sku"]
            + section.columns.filter {
                !$0.contains(".") && !["transaction_id", "product_sku", "occurrence"].contains($0)
            }
        upsert = try RowUpsert(.items, own, fills: false, run, on: db)
        let same = own.dropFirst().map { column in
            let isMoney = CustomerTable.items.column(column)?.kind == .amount
            return isMoney ? "\(MoneySQL.micros(column)) IS ?" : "\(column) IS ?"
        }
        count = try RawStatement(
            "SELECT count(*) FROM transaction_items WHERE transaction_id = ? AND \(same.joined(separator: " AND "))",
            on: db)
        receipt = try RawStatement("SELECT 1 FROM transactions WHERE transaction_id = ? LIMIT 1", on: db)
        article = try RawStatement("SELECT 1 FROM products WHERE sku = ? LIMIT 1", on: db)
        byName = try RawStatement("SELECT sku FROM products WHERE name = ? LIMIT 2", on: db)
    }

    mutating func put(_ row: ArraySlice<ImportValue>) throws -> ImportReply.Outcome {
        guard case .count(let number) = names.value("transaction_id", row) else { return .init(.keyless) }
        var values = own.map { names.value($0, row) }
        if values[1] == .absent, let name = names.text("products.name", row) {
            // As a new article of that name is known.
            values[1] = .text(try byName.only(name) ?? name)
        }
        for (index, value) in values.enumerated() {
            // What is compared in millionths is told in them.
            if case .money(let micros) = value {
                try count.bind(Int32(index) + 1, micros)
            } else {
                try count.bind(Int32(index) + 1, value)
            }
        }
        let present = try count.step() ? count.number(0) ?? 0 : 0
        count.reset()
        var wanted: Int64 = 1
        if case .count(let occurrence) = names.value("occurrence", row) { wanted = occurrence }
        try receipt.bind(1, number)
        var isLoose = try !receipt.step()
        receipt.reset()
        if case .text(let sku) = values[1] {
            try article.bind(1, sku)
            isLoose = try !article.step() || isLoose
            article.reset()
        }
        if present >= wanted { return .init(.unchanged, isLoose: isLoose) }
        _ = try upsert.insert(values)
        return .init(.inserted, isLoose: isLoose)
    }
}
