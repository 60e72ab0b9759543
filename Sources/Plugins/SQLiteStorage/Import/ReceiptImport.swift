internal import GRDB
internal import PluginKit

/// Receipts: known by the till's number. Whose they are, and who sold, is found by what the row says of them.
struct ReceiptImport: SectionImport {
    private let number: Int?
    /// Where a row has what is stored as it is.
    private let own: [Int]
    private var upsert: RowUpsert
    private let find: RawStatement
    private var customers: [Reference]
    private var staff: [Reference]
    /// The highest number of a receipt.
    private var highest: Int64
    /// Who has new receipts.
    private var counted: Set<String> = []

    init(_ section: ImportSection, _ run: ImportRun, on db: Database) throws {
        let names = NamedRow(section.columns)
        number = names.place("transaction_id")
        let columns = section.columns.filter { !$0.contains(".") }
        own = columns.compactMap(names.place)
        func references(_ wanted: [(String, String)]) throws -> [Reference] {
            try wanted.compactMap { column, sql in
                try names.place(column).map { Reference(place: $0, find: try RawStatement(sql, on: db)) }
            }
        }
        let customer = "SELECT id FROM customers WHERE"
        customers = try references([
            ("customers.member_id", "\(customer) \(CustomerAliases.means(.member, "?1")) LIMIT 2"),
            ("customers.phone", "\(customer) \(CustomerAliases.means(.phone, "?1")) LIMIT 2"),
            ("customers.email", "\(customer) \(CustomerAliases.means(.email, "lower(?1)")) LIMIT 2"),
            ("customers.name", "\(customer) name = ? COLLATE NOCASE LIMIT 2"),
        ])
        staff = try references([
            ("staff.employee_id", "SELECT id FROM staff WHERE employee_id = ? LIMIT 2"),
            ("staff.name", "SELECT id FROM staff WHERE name = ? COLLATE NOCASE LIMIT 2"),
        ])
        let made: [String] = (customers.isEmpty ? [] : ["customer_id"]) + (staff.isEmpty ? [] : ["staff_id"])
        upsert = try RowUpsert(.transactions, columns + made, fills: section.fills, run, on: db)
        find = try RawStatement("SELECT rowid FROM transactions WHERE transaction_id = ? LIMIT 1", on: db)
        let last = try DatabaseValue.fetchOne(db.cachedStatement(sql: "SELECT max(transaction_id) FROM transactions"))
        highest =
            switch last?.storage {
            case nil, .null: .min
            case .int64(let number): number
            // Somebody wrote a number as a text, which is above all others to SQLite: all are looked for.
            default: .max
            }
    }

    mutating func put(_ row: ArraySlice<ImportValue>) throws -> ImportReply.Outcome {
        guard let place = number, case .count(let number) = row[row.startIndex + place] else { return .init(.keyless) }
        var values: [ImportValue] = []
        values.reserveCapacity(own.count + 2)
        for place in own { values.append(row[row.startIndex + place]) }
        var isLoose = false
        if !customers.isEmpty {
            let (id, isLost) = try Self.refer(&customers, row)
            values.append(id.map(ImportValue.text) ?? .absent)
            isLoose = isLoose || isLost
        }
        if !staff.isEmpty {
            let (id, isLost) = try Self.refer(&staff, row)
            values.append(id.map(ImportValue.text) ?? .absent)
            isLoose = isLoose || isLost
        }
        if let known = try known(number) { return .init(try upsert.update(known, values).outcome, isLoose: isLoose) }
        _ = try upsert.insert(values)
        if upsert.isSilent, !customers.isEmpty, case .text(let customer) = values[own.count] {
            counted.insert(customer)
        }
        return .init(.inserted, isLoose: isLoose)
    }

    /// A till counts upwards: what is above all numbers that are there need not be looked for.
    private mutating func known(_ number: Int64) throws -> Int64? {
        if number > highest {
            highest = number
            return nil
        }
        try find.bind(1, number)
        defer { find.reset() }
        return try find.step() ? find.number(0) : nil
    }

    /// What a trigger does for each row.
    func finish(on db: Database) throws {
        let note = try RawStatement("INSERT INTO conductor_crm_dirty VALUES (?) ON CONFLICT DO NOTHING", on: db)
        for customer in counted {
            try note.bind(1, customer)
            try note.run()
        }
    }

    /// The one that the first of the columns means that tells anything.
    private static func refer(
        _ references: inout [Reference], _ row: ArraySlice<ImportValue>
    ) throws -> (id: String?, isLost: Bool) {
        var isTold = false
        for index in references.indices {
            guard case .text(let text) = row[row.startIndex + references[index].place] else { continue }
            isTold = true
            if let found = try references[index].find(text) { return (found, false) }
        }
        return (nil, isTold)
    }
}

/// A column that names a customer or an employee.
private struct Reference {
    let place: Int
    private let statement: RawStatement
    /// Whom the last names meant; a nil within says that they mean nobody.
    private var known: [String: String?] = [:]

    /// As much as a busy month's customers.
    private static let most = 20_000

    init(place: Int, find: RawStatement) {
        self.place = place
        statement = find
    }

    mutating func find(_ text: String) throws -> String? {
        if let found = known[text] { return found }
        let found = try statement.only(text)
        if known.count > Self.most { known = [:] }
        known[text] = .some(found)
        return found
    }
}

/// Lines of receipts: known by all that they tell; of lines that are the same, by how many there are.
struct LineImport: SectionImport {
    private let number: Int?
    private let occurrence: Int?
    private let name: Int?
    /// Where a row has what is stored as it is; nil: nowhere.
    private let own: [Int?]
    private var upsert: RowUpsert
    private let count: RawStatement
    private let receipt: RawStatement
    private let article: RawStatement
    private let byName: RawStatement

    init(_ section: ImportSection, _ run: ImportRun, on db: Database) throws {
        let names = NamedRow(section.columns)
        number = names.place("transaction_id")
        occurrence = names.place("occurrence")
        name = names.place("products.name")
        let columns =
            ["transaction_id", "product_sku"]
            + section.columns.filter {
                !$0.contains(".") && !["transaction_id", "product_sku", "occurrence"].contains($0)
            }
        own = columns.map(names.place)
        upsert = try RowUpsert(.items, columns, fills: false, run, on: db)
        let same = columns.dropFirst().map { column in
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
        let first = row.startIndex
        guard let place = number, case .count(let number) = row[first + place] else { return .init(.keyless) }
        var values: [ImportValue] = []
        values.reserveCapacity(own.count)
        for place in own { values.append(place.map { row[first + $0] } ?? .absent) }
        if values[1] == .absent, let name, case .text(let name) = row[first + name] {
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
        if let occurrence, case .count(let number) = row[first + occurrence] { wanted = number }
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
