internal import GRDB
internal import PluginKit

/// Puts a row that is known: what it tells takes the place of what stands there, or only fills what is empty; what was
/// there before is written down, so that the import can be taken back.
struct RowUpsert {
    let table: CustomerTable
    /// The columns that rows tell of, and those that are made of what they refer to.
    let columns: [String]
    let fills: Bool
    /// New rows wake no trigger: what these would do is the caller's to do.
    let isSilent: Bool
    private let run: ImportRun
    private let find: RawStatement
    private let insertion: RawStatement
    private let changes: RawStatement
    private let isOurs: RawStatement
    private let db: Database
    private let isUpdated: Bool
    private var ids: RowIDs
    private let created: String

    /// The columns of the row that `find` gives before those that are told of.
    private static let (id, importID, told): (Int32, Int32, Int32) = (0, 1, 2)

    init(_ table: CustomerTable, _ columns: [String], fills: Bool, _ run: ImportRun, on db: Database) throws {
        self.table = table
        self.columns = columns
        self.fills = fills
        self.run = run
        self.db = db
        isUpdated = table.column("updated_at") != nil
        ids = RowIDs(at: run.now)
        created = run.now.description
        let name = table.rawValue
        let list = columns.map { ", \($0)" }.joined()
        find = try RawStatement("SELECT id, import_id\(list) FROM \(name) WHERE rowid = ?", on: db)
        // Times and whatever else is not told of take their defaults.
        let marks = columns.map { _ in ", ?" }.joined()
        isSilent = try Self.isSilent(table, on: db)
        insertion =
            isSilent
            ? try RawStatement(
                silent: "INSERT INTO \(name) (id, import_id, created_at\(list)) VALUES (?, ?, ?\(marks))", on: db)
            : try RawStatement("INSERT INTO \(name) (id, import_id\(list)) VALUES (?, ?\(marks))", on: db)
        changes = try RawStatement(
            """
            INSERT INTO conductor_import_changes (import, place, row, name, before, after) VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (import, place, row, name) DO UPDATE SET after = excluded.after
            """, on: db)
        isOurs = try RawStatement(
            "SELECT 1 FROM conductor_import_changes WHERE import = ? AND place = ? AND row = ?", on: db)
    }

    /// - Returns: the `id` of the new row.
    mutating func insert(_ values: [ImportValue]) throws -> String {
        let id = ids.next()
        try insertion.bind(1, id)
        try insertion.bind(2, run.id)
        if isSilent { try insertion.bind(3, created) }
        let first: Int32 = isSilent ? 4 : 3
        for (index, value) in values.enumerated() { try insertion.bind(Int32(index) + first, value) }
        try insertion.run()
        return id
    }

    /// Receipts and lines are many, and their triggers do little; where somebody has added one, all are woken.
    private static func isSilent(_ table: CustomerTable, on db: Database) throws -> Bool {
        guard table == .transactions || table == .items else { return false }
        let own = [
            "\(table.rawValue)_defaults", "conductor_transactions_come", "conductor_transactions_change",
            "conductor_transactions_gone",
        ]
        let triggers = try String.fetchAll(
            db.cachedStatement(sql: "SELECT name FROM sqlite_master WHERE type = 'trigger' AND lower(tbl_name) = ?"),
            arguments: [table.rawValue])
        return triggers.allSatisfy(own.contains)
    }

    /// Whether a row that stands there takes nothing from one that only names it.
    func onlyNames(_ values: [ImportValue]) -> Bool { fills && values.count { $0 != .absent } == 1 }

    /// - Parameter row: its rowid.
    func update(
        _ row: Int64, _ values: [ImportValue], fills: Bool? = nil
    ) throws -> (outcome: ImportReply.Outcome.Kind, id: String) {
        let fills = fills ?? self.fills
        try find.bind(1, row)
        defer { find.reset() }
        guard try find.step(), let id = find.text(Self.id) else { return (.refused, "") }
        var changed: [(column: Int, before: String?)] = []
        for (index, value) in values.enumerated() where value != .absent {
            let column = Int32(index) + Self.told
            if fills ? !find.isEmpty(column) : find.says(column, value) { continue }
            // In other letters it is the same address.
            if columns[index] == "email", case .text(let told) = value,
                find.text(column)?.lowercased() == told.lowercased()
            {
                continue
            }
            changed.append((index, find.text(column)))
        }
        guard !changed.isEmpty else { return (.unchanged, id) }
        let wasInserted = find.number(Self.importID) == run.id && run.id != 0
        if !fills, try wasInserted || isChanged(id) { return (.repeated, id) }
        try write(row, changed.map { ($0.column, values[$0.column]) })
        if run.id != 0, !wasInserted { try takeDown(id, changed, values) }
        return (.updated, id)
    }

    private func isChanged(_ id: String) throws -> Bool {
        try isOurs.bind(1, run.id)
        try isOurs.bind(2, table.rawValue)
        try isOurs.bind(3, id)
        defer { isOurs.reset() }
        return try isOurs.step()
    }

    private func write(_ row: Int64, _ changed: [(column: Int, value: ImportValue)]) throws {
        var names = changed.map { "\(columns[$0.column]) = ?" }
        if isUpdated { names.append("updated_at = ?") }
        let update = try RawStatement(
            "UPDATE \(table.rawValue) SET \(names.joined(separator: ", ")) WHERE rowid = ?", on: db)
        for (index, change) in changed.enumerated() { try update.bind(Int32(index) + 1, change.value) }
        if isUpdated { try update.bind(Int32(changed.count) + 1, run.now.description) }
        try update.bind(Int32(names.count) + 1, row)
        try update.run()
    }

    private func takeDown(_ id: String, _ changed: [(column: Int, before: String?)], _ values: [ImportValue]) throws {
        for (column, before) in changed {
            try changes.bind(1, run.id)
            try changes.bind(2, table.rawValue)
            try changes.bind(3, id)
            try changes.bind(4, columns[column])
            try changes.bind(5, before)
            try changes.bind(6, values[column])
            try changes.run()
        }
    }
}

/// Ids of new rows: UUIDs (RFC 9562, version 7) that come one after the other, so that they go to the end of an index.
struct RowIDs {
    /// What they begin with: 19 characters.
    private let first: [UInt8]
    private var low: UInt64

    init(at now: Timestamp) {
        var random = SystemRandomNumberGenerator()
        let high = UInt64(bitPattern: now.milliseconds) << 16 | 0x7000 | random.next() & 0x0FFF
        var first: [UInt8] = []
        for index in 0..<16 {
            if index == 8 || index == 12 { first.append(UInt8(ascii: "-")) }
            first.append(Self.digit(high >> UInt64(60 - index * 4)))
        }
        self.first = first + [UInt8(ascii: "-")]
        // Room above for as many as there may ever be.
        low = 0x8000_0000_0000_0000 | random.next() >> 3
    }

    private static func digit(_ word: UInt64) -> UInt8 {
        let digit = UInt8(truncatingIfNeeded: word) & 15
        return digit < 10 ? 0x30 + digit : 0x57 + digit
    }

    mutating func next() -> String {
        low += 1
        return String(unsafeUninitializedCapacity: 36) { bytes in
            _ = bytes.update(fromContentsOf: first)
            for index in 0..<4 { bytes[19 + index] = Self.digit(low >> UInt64(60 - index * 4)) }
            bytes[23] = UInt8(ascii: "-")
            for index in 4..<16 { bytes[20 + index] = Self.digit(low >> UInt64(60 - index * 4)) }
            return 36
        }
    }
}
