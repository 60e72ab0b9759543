internal import PluginKit

/// Which rows of which tables a row of a file becomes, and where their values come from.
struct TablePlan {
    /// Where a value comes from.
    enum Source: Sendable, Hashable {
        /// The column of the file, from 0.
        case field(Int)
        /// A name in two columns.
        case names(first: Int?, last: Int?)
        case occurrence
    }

    struct Section: Sendable {
        var table: CustomerTable
        var names: [String] = []
        var sources: [Source] = []
        /// A row whose values under these names are all absent tells of nothing.
        var keys: [String] = []

        mutating func add(_ name: String, _ source: Source?) {
            guard let source else { return }
            names.append(name)
            sources.append(source)
        }
    }

    /// In the order in which they are put; the last one is the file's own table.
    let sections: [Section]
    /// What each column of the file is, where it is anything.
    let columns: [ImportColumn?]
    let type: Int?
    let status: Int?

    init(_ layout: Layout) throws(ImportProblem) {
        columns = layout.columns.map(\.use)
        func place(_ path: String) -> Int? { layout.columns.firstIndex { $0.use?.path == path } }
        func source(_ path: String) -> Source? { place(path).map(Source.field) }
        let kind = layout.kind
        type = place("transactions.type")
        status = place("transactions.status")
        let (first, last) = (place("customers.first_name"), place("customers.last_name"))
        let name =
            source("customers.name") ?? (first == nil && last == nil ? nil : Source.names(first: first, last: last))
        func plain(_ table: CustomerTable, _ section: inout Section, but left: Set<String> = []) {
            for column in ImportColumn.all(for: kind)
            where column.table == table && !left.contains(column.name) && column.hasColumn {
                section.add(column.name, source(column.path))
            }
        }
        func refer(_ section: inout Section) {
            for path in ["customers.member_id", "customers.phone", "customers.email"] {
                section.add(path, source(path))
            }
            section.add("customers.name", name)
            for path in ["staff.employee_id", "staff.name"] { section.add(path, source(path)) }
        }
        let receipt = source("transactions.transaction_id")
        let knowsArticle = place("products.sku") != nil || place("products.name") != nil
        var sections: [Section] = []

        var customers = Section(table: .customers, keys: ["member_id", "phone", "email"])
        plain(.customers, &customers, but: ["name"])
        customers.add("name", name)
        if kind == .customers { customers.keys.append("name") }
        let knows = customers.names.contains(where: customers.keys.contains)
        if kind == .customers, !knows { throw Self.missing("a customer's number, phone, e-mail or name") }
        if knows { sections.append(customers) }

        if kind == .products || kind == .items {
            var products = Section(table: .products, keys: ["sku", "name"])
            plain(.products, &products)
            guard knowsArticle else { throw Self.missing("an article's number (sku) or name") }
            if kind == .products || products.names != ["sku"] { sections.append(products) }
        }
        if kind != .customers, kind != .products {
            var staff = Section(table: .staff, keys: ["employee_id", "name"])
            plain(.staff, &staff)
            let knows = staff.names.contains(where: staff.keys.contains)
            if kind == .staff, !knows { throw Self.missing("an employee's number or name") }
            if knows { sections.append(staff) }
        }
        if kind == .transactions || kind == .items {
            guard let receipt else { throw Self.missing("the till's number of the receipt") }
            var transactions = Section(table: .transactions, keys: ["transaction_id"])
            transactions.add("transaction_id", receipt)
            plain(.transactions, &transactions, but: ["transaction_id"])
            refer(&transactions)
            if kind == .transactions || transactions.names.count > 1 { sections.append(transactions) }
            if kind == .items {
                var items = Section(table: .items, keys: ["transaction_id"])
                items.add("transaction_id", receipt)
                items.add("product_sku", source("products.sku"))
                items.add("products.name", source("products.name"))
                plain(.items, &items)
                items.add("occurrence", .occurrence)
                sections.append(items)
            }
        }
        self.sections = sections
    }

    private static func missing(_ what: String) -> ImportProblem {
        ImportProblem("no column of the file tells \(what): say with a map which one does")
    }
}

extension ImportColumn {
    /// Whether the table has a column of this name.
    var hasColumn: Bool { !["first_name", "last_name", "type", "status"].contains(name) }
}
