internal import GRDB
internal import PluginKit

/// Customers: known by `member_id`, then by phone, then by e-mail; where a row tells none of them, by a name that only one
/// has of whom nothing else is known. What a file states of visits is their opening balance (`CustomerSQL`).
struct CustomerImport: SectionImport {
    private let names: NamedRow
    private let columns: [String]
    private var upsert: RowUpsert
    private var opening: OpeningImport?
    private let byMember: RawStatement
    private let byPhone: Ways
    private let byEmail: Ways
    private let byName: RawStatement
    private let merged: MergedCustomers

    init(_ section: ImportSection, _ run: ImportRun, on db: Database) throws {
        names = NamedRow(section.columns)
        let stated = Set(OpeningImport.columns.keys)
        columns = section.columns.filter { !stated.contains($0) }
        upsert = try RowUpsert(.customers, columns, fills: section.fills, run, on: db)
        if columns.count < section.columns.count, !section.fills {
            opening = try OpeningImport(section.columns, run, on: db)
        }
        byMember = try RawStatement("SELECT rowid FROM customers WHERE member_id = ? LIMIT 1", on: db)
        byPhone = try Ways("\(CustomerAliases.Kind.phone.column()) = ?", on: db)
        byEmail = try Ways("lower(email) = lower(?)", on: db)
        merged = try MergedCustomers(on: db)
        byName = try RawStatement(
            """
            SELECT rowid FROM customers WHERE name = ?1 COLLATE NOCASE AND name = ?1
                AND member_id IS NULL AND phone IS NULL AND email IS NULL LIMIT 2
            """, on: db)
    }

    /// Customers by something that several may share.
    private struct Ways {
        private let all: RawStatement
        private let free: RawStatement

        init(_ condition: String, on db: Database) throws {
            all = try RawStatement("SELECT rowid FROM customers WHERE \(condition) LIMIT 2", on: db)
            free = try RawStatement(
                "SELECT rowid FROM customers WHERE \(condition) AND member_id IS NULL LIMIT 2", on: db)
        }

        /// Whoever has another number at the till is another person, though they share this.
        func rows(_ text: String, ofMember isMember: Bool) throws -> [Int64] {
            try (isMember ? free : all).rows(text)
        }
    }

    mutating func put(_ row: ArraySlice<ImportValue>) throws -> ImportReply.Outcome {
        guard var found = try find(row) else { return .init(.keyless) }
        // A row of one who was merged into another tells what that one lacks, and no more.
        var fills = upsert.fills
        if found.isEmpty, let other = try merged.find(row, names) { (found, fills) = ([other], true) }
        let values = columns.map { names.value($0, row) }
        var outcome = ImportReply.Outcome.Kind.inserted
        let id: String
        if let known = found.first {
            if upsert.onlyNames(values) { return .init(.unchanged) }
            (outcome, id) = try upsert.update(known, values, fills: fills)
            guard ImportReply.Outcome(outcome).isPut else { return .init(outcome) }
        } else {
            id = try upsert.insert(values)
        }
        // Of several who became one, each row states a part; their receipts are all there is to add.
        guard let opening, try !merged.has(id) else { return .init(outcome) }
        switch try opening.put(row, of: id) {
        case .unchanged: return .init(outcome)
        case .repeated: return .init(.repeated)
        default: return .init(outcome == .inserted ? .inserted : .updated)
        }
    }

    /// None, or the one; nil where several may be meant, or nothing is told to know anybody by.
    private func find(_ row: ArraySlice<ImportValue>) throws -> [Int64]? {
        let member = names.text("member_id", row)
        if let member {
            let found = try byMember.rows(member)
            if !found.isEmpty { return found }
        }
        var isTold = member != nil
        if let phone = names.text("phone", row) {
            // What is no number that texts go to is what people type where one is demanded.
            if phone.hasPrefix("+") {
                isTold = true
                let found = try byPhone.rows(phone, ofMember: member != nil)
                if !found.isEmpty { return one(found, row) }
            }
        }
        if let email = names.text("email", row), email.contains("@") {
            isTold = true
            let found = try byEmail.rows(email, ofMember: member != nil)
            if !found.isEmpty { return one(found, row) }
        }
        if isTold { return [] }
        guard let name = names.text("name", row) else { return nil }
        let found = try byName.rows(name)
        return found.count > 1 ? nil : found
    }

    /// Of several, none is meant by a row with a number of the till's: that is a new one.
    private func one(_ found: [Int64], _ row: ArraySlice<ImportValue>) -> [Int64]? {
        if found.count == 1 { return found }
        return names.text("member_id", row) == nil ? nil : []
    }
}

/// Customers who took the place of others, by what those were known by.
private struct MergedCustomers {
    private let find: RawStatement
    private let any: RawStatement

    init(on db: Database) throws {
        find = try RawStatement(
            """
            SELECT c.rowid FROM conductor_customer_aliases a JOIN customers c ON c.id = a.customer_id
            WHERE a.kind = ?1 AND a.value = CASE ?1 WHEN 'email' THEN lower(?2) ELSE ?2 END
                AND (?3 = 0 OR a.kind = 'member_id' OR c.member_id IS NULL)
            """, on: db)
        any = try RawStatement("SELECT 1 FROM conductor_customer_aliases WHERE customer_id = ? LIMIT 1", on: db)
    }

    /// Whoever has another number at the till is another person, though they share a telephone.
    func find(_ row: ArraySlice<ImportValue>, _ names: NamedRow) throws -> Int64? {
        let isMember = names.text("member_id", row) != nil
        for kind in CustomerAliases.Kind.allCases {
            guard let value = names.text(kind.rawValue, row) else { continue }
            try find.bind(1, kind.rawValue)
            try find.bind(2, value)
            try find.bind(3, isMember ? 1 : 0)
            defer { find.reset() }
            if try find.step() { return find.number(0) }
        }
        return nil
    }

    func has(_ customer: String) throws -> Bool {
        try any.bind(1, customer)
        defer { any.reset() }
        return try any.step()
    }
}

/// What a file states of a customer's visits.
struct OpeningImport {
    /// Columns of a file, and those of `conductor_crm_opening` that they fill.
    static let columns = [
        "visit_count": "visits", "lifetime_value": "value", "first_visit_date": "first_visit",
        "last_visit_date": "last_visit", "preferred_location": "location", "preferred_budtender": "staff",
    ]

    private let names: NamedRow
    private let told: [String]
    private let run: ImportRun
    private let find: RawStatement
    private let insertion: RawStatement
    private let update: RawStatement
    private let changes: RawStatement
    private let isOurs: RawStatement
    private let dirty: RawStatement

    init(_ columns: [String], _ run: ImportRun, on db: Database) throws {
        names = NamedRow(columns)
        told = columns.filter { Self.columns[$0] != nil }
        self.run = run
        let own = told.compactMap { Self.columns[$0] } + ["as_of"]
        find = try RawStatement(
            "SELECT \(own.joined(separator: ", ")) FROM conductor_crm_opening WHERE customer_id = ?", on: db)
        let marks = own.map { _ in ", ?" }.joined()
        insertion = try RawStatement(
            "INSERT INTO conductor_crm_opening (customer_id, \(own.joined(separator: ", "))) VALUES (?\(marks))", on: db
        )
        update = try RawStatement(
            """
            UPDATE conductor_crm_opening SET \(own.map { "\($0) = ifnull(?, \($0))" }.joined(separator: ", "))
            WHERE customer_id = ?
            """, on: db)
        changes = try RawStatement(
            """
            INSERT INTO conductor_import_changes (import, place, row, name, before, after)
            VALUES (?, 'conductor_crm_opening', ?, ?, ?, ?)
            """, on: db)
        isOurs = try RawStatement(
            "SELECT 1 FROM conductor_import_changes WHERE import = ? AND place = 'conductor_crm_opening' AND row = ?",
            on: db)
        dirty = try RawStatement("INSERT OR IGNORE INTO conductor_crm_dirty VALUES (?)", on: db)
    }

    func put(_ row: ArraySlice<ImportValue>, of customer: String) throws -> ImportReply.Outcome.Kind {
        let values = told.map { names.value($0, row) }
        if values.allSatisfy({ $0 == .absent }) { return .unchanged }
        var asOf = run.today
        if case .day(let day) = names.value("last_visit_date", row) { asOf = day }
        try find.bind(1, customer)
        defer { find.reset() }
        let isThere = try find.step()
        var changed: [Int] = []
        if isThere {
            changed = values.indices.filter { values[$0] != .absent && !find.says(Int32($0), values[$0]) }
            if changed.isEmpty { return .unchanged }
            // An older file knows less.
            if let known = find.text(Int32(values.count)), asOf < known { return .unchanged }
            try isOurs.bind(1, run.id)
            try isOurs.bind(2, customer)
            defer { isOurs.reset() }
            if try isOurs.step() { return .repeated }
        }
        try takeDown(values, isThere: isThere, changed, asOf, of: customer)
        let statement = isThere ? update : insertion
        if !isThere { try statement.bind(1, customer) }
        let first: Int32 = isThere ? 1 : 2
        for (index, value) in values.enumerated() { try statement.bind(first + Int32(index), value) }
        try statement.bind(first + Int32(values.count), asOf)
        if isThere { try statement.bind(first + Int32(values.count) + 1, customer) }
        try statement.run()
        try dirty.bind(1, customer)
        try dirty.run()
        return .updated
    }

    /// A row that was not there has nothing before it, and its customer for a name.
    private func takeDown(
        _ values: [ImportValue], isThere: Bool, _ changed: [Int], _ asOf: String, of customer: String
    ) throws {
        guard run.id != 0 else { return }
        func note(_ name: String, _ before: String?, _ after: ImportValue) throws {
            try changes.bind(1, run.id)
            try changes.bind(2, customer)
            try changes.bind(3, name)
            try changes.bind(4, before)
            try changes.bind(5, after)
            try changes.run()
        }
        guard isThere else { return try note("customer_id", nil, .text(customer)) }
        for index in changed {
            try note(Self.columns[told[index]] ?? "", find.text(Int32(index)), values[index])
        }
        let before = find.text(Int32(values.count))
        if before != asOf { try note("as_of", before, .text(asOf)) }
    }
}
