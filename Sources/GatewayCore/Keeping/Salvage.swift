internal import GRDB
internal import Glibc
internal import PluginKit

/// What became of one database that was looked at, and mended where it was damaged.
public struct RepairReport: Sendable, Hashable, Codable {
    /// As `journal.db`.
    public var name: String
    public var path: String
    /// Why it could not be trusted; nil when it is whole.
    public var damage: String?
    /// Where the damaged file is kept.
    public var kept: String?
    /// Rows saved by table.
    public var saved: [String: Int64]
    /// Tables of which a part, or everything, could not be read.
    public var incomplete: [String]
    /// Texts that are held for a person after it.
    public var held: Int

    public init(
        name: String, path: String, damage: String? = nil, kept: String? = nil, saved: [String: Int64] = [:],
        incomplete: [String] = [], held: Int = 0
    ) {
        self.name = name
        self.path = path
        self.damage = damage
        self.kept = kept
        self.saved = saved
        self.incomplete = incomplete
        self.held = held
    }

    /// One sentence for an alarm or a log.
    public var sentence: String {
        let rows = saved.filter { $0.value > 0 }.sorted { $0.key < $1.key }.map { "\($0.value) of \($0.key)" }
        return
            "\(name) was damaged (\(damage ?? "")): rows saved: \(rows.isEmpty ? "none" : rows.joined(separator: ", "))"
            + (incomplete.isEmpty ? "" : "; not all of \(incomplete.joined(separator: ", ")) could be read")
            + (kept.map { "; the damaged file is \($0)" } ?? "")
    }
}

/// Takes what can be read of a damaged SQLite file into a new one.
///
/// The damaged file is never written to. Rows are read in order of their key, up to where that fails, then behind the
/// hole, and at last from the end backwards; the schema is the file's own. What SQLite's checks do not see, a changed
/// octet within a text, nothing here sees either.
enum Salvage {
    /// Puts a new file in the place of a damaged one, which is kept beside it.
    ///
    /// - Parameter schema: makes the tables of the new file; without it, they are made as in the damaged one.
    static func replace(
        _ path: String, damage: String, now: Timestamp, schema: ((DatabaseQueue) throws -> Void)? = nil
    ) throws -> RepairReport {
        let file = DatabaseFile(path: path)
        let part = path + ".salvage"
        for old in [part, part + "-journal"] { Files.remove(old) }
        try Files.write([], to: part)
        var report = RepairReport(name: Files.name(of: path), path: path, damage: damage)
        if try !salvage(file, into: part, schema, &report), (Files.size(path) ?? 0) >= 512 {
            // The first hundred octets say what kind of file this is; all else hangs on them, and they are known.
            let patched = path + ".patched"
            defer { for end in ["", "-wal", "-shm", "-journal"] { Files.remove(patched + end) } }
            try BackupArchive.extract(.init(name: "", offset: 0, bytes: Files.size(path) ?? 0), of: path, to: patched)
            try writeHeader(to: patched)
            try Files.write([], to: part)
            _ = try salvage(DatabaseFile(path: patched), into: part, schema, &report)
        }
        let kept = "\(path).damaged-\(now.description.filter { $0 != "-" && $0 != ":" })"
        // Its log first: without it, the old file is no more than it was at the last checkpoint.
        for side in file.sides where Files.exists(side) {
            try Files.rename(side, to: kept + side.dropFirst(path.count))
        }
        try Files.rename(path, to: kept)
        try Files.rename(part, to: path)
        try Files.synchronise(Files.folder(of: path))
        report.kept = kept
        return report
    }

    /// False when not even the list of tables can be read.
    private static func salvage(
        _ file: DatabaseFile, into part: String, _ schema: ((DatabaseQueue) throws -> Void)?,
        _ report: inout RepairReport
    ) throws -> Bool {
        let target = try DatabaseFile(path: part).writer()
        defer { try? target.close() }
        try schema?(target)
        guard let source = try? file.quietReader(), let objects = try? source.read({ try Self.objects(of: $0) }),
            !objects.isEmpty
        else { return false }
        defer { try? source.close() }
        var incomplete: [String] = []
        var saved: [String: Int64] = [:]
        try source.unsafeRead { database in
            try target.write { copy in
                for object in objects where object.kind == "table" && object.name != "sqlite_sequence" {
                    if schema != nil, object.name == "grdb_migrations" { continue }
                    if schema == nil { try copy.execute(sql: object.sql) }
                    let (rows, isWhole) = try copyRows(of: object.name, from: database, to: copy)
                    saved[object.name] = rows
                    if !isWhole { incomplete.append(object.name) }
                }
                try? keepSequences(from: database, to: copy)
                for object in objects where schema == nil && object.kind != "table" {
                    try? copy.execute(sql: object.sql)
                }
            }
        }
        report.saved = saved
        report.incomplete = incomplete.sorted()
        try Files.synchronise(part)
        return true
    }

    private struct SchemaObject {
        var kind: String
        var name: String
        var sql: String
    }

    private static func objects(of database: Database) throws -> [SchemaObject] {
        try Row.fetchAll(
            database,
            sql: """
                SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL AND \(DatabaseFile.isNoIndex)
                ORDER BY CASE type WHEN 'table' THEN 0 WHEN 'index' THEN 1 ELSE 2 END
                """
        ).map { SchemaObject(kind: $0["type"], name: $0["name"], sql: $0["sql"]) }
    }

    /// Numbers that were given are never given again.
    private static func keepSequences(from source: Database, to target: Database) throws {
        for row in try Row.fetchAll(source, sql: "SELECT name, seq FROM sqlite_sequence") {
            try target.execute(
                sql: "UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = ?",
                arguments: [row["seq"] as Int64? ?? 0, row["name"] as String?])
        }
    }

    /// Copies the rows of a table that exists in both, columns of the same name; rows that are there already stay.
    ///
    /// - Returns: rows read, and whether all could be.
    static func copyRows(of table: String, from source: Database, to target: Database) throws -> (Int64, Bool) {
        let here = try String.fetchAll(target, sql: "SELECT name FROM pragma_table_info(?)", arguments: [table])
        let there = try String.fetchAll(source, sql: "SELECT name FROM pragma_table_info(?)", arguments: [table])
        let columns = here.filter(there.contains).map(\.quotedDatabaseIdentifier)
        guard !columns.isEmpty else { return (0, true) }
        let list = columns.joined(separator: ", ")
        let insert = try target.makeStatement(
            sql: "INSERT OR IGNORE INTO \(table.quotedDatabaseIdentifier) (\(list)) VALUES "
                + "(\(columns.map { _ in "?" }.joined(separator: ", ")))")
        var copier = RowCopier(table: table.quotedDatabaseIdentifier, columns: list, source: source, insert: insert)
        let hasRowID =
            (try? Row.fetchOne(source, sql: "SELECT rowid FROM \(table.quotedDatabaseIdentifier) LIMIT 0")) != nil
            || (try? source.makeStatement(sql: "SELECT rowid FROM \(table.quotedDatabaseIdentifier)")) != nil
        let isWhole = hasRowID ? try copier.byNumber() : try copier.byKey(primaryKey(of: table, source))
        return (copier.count, isWhole)
    }

    private static func primaryKey(of table: String, _ database: Database) throws -> [String] {
        try String.fetchAll(
            database, sql: "SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk", arguments: [table]
        ).map(\.quotedDatabaseIdentifier)
    }

    /// The header of a database as conductor makes them: pages of 4,096 octets, UTF-8, no log of its own.
    private static func writeHeader(to path: String) throws(GatewayError) {
        let pages = UInt32((Files.size(path) ?? 0) / 4_096)
        func big(_ value: UInt32) -> [UInt8] {
            (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * UInt32($0))) }
        }
        var head = Array("SQLite format 3\u{0}".utf8) + [0x10, 0x00, 1, 1, 0, 64, 32, 32]
        head += big(1) + big(pages) + big(0) + big(0) + big(1) + big(4) + big(0) + big(0) + big(1)
        head += big(0) + big(0) + big(0) + [UInt8](repeating: 0, count: 20) + big(1) + big(3_040_001)
        let descriptor = open(path, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Files.failure(path) }
        defer { close(descriptor) }
        guard pwrite(descriptor, head, head.count, 0) == head.count else { throw Files.failure(path) }
    }
}

/// Reads one table around its holes.
private struct RowCopier {
    let table: String
    let columns: String
    let source: Database
    let insert: Statement
    private(set) var count: Int64 = 0

    init(table: String, columns: String, source: Database, insert: Statement) {
        self.table = table
        self.columns = columns
        self.source = source
        self.insert = insert
    }

    /// A table whose rows have numbers: behind a hole, the next number that can be read is looked for in steps that
    /// double.
    mutating func byNumber() throws -> Bool {
        var last = Int64.min
        if try copy("WHERE rowid > ? ORDER BY rowid", [last], &last) { return true }
        // Each hole ends behind its beginning, and a file has no more holes than this that are worth the time.
        for _ in 0..<10_000 {
            guard let next = next(behind: last) else { break }
            var read = next - 1
            if try copy("WHERE rowid > ? ORDER BY rowid", [read], &read) { return false }
            last = max(read, next)
        }
        // What lies behind the last hole, from the end.
        var first = Int64.max
        _ = try copy("WHERE rowid > ? ORDER BY rowid DESC", [last], &first)
        return false
    }

    mutating func byKey(_ key: [String]) throws -> Bool {
        var none: Int64 = 0
        if try copy("ORDER BY \(key.joined(separator: ", "))", [], &none) { return true }
        _ = try copy("ORDER BY \(key.map { "\($0) DESC" }.joined(separator: ", "))", [], &none)
        return false
    }

    private func next(behind last: Int64) -> Int64? {
        var step: Int64 = 1
        while step < 1 << 40 {
            let (from, overflow) = max(last, 0).addingReportingOverflow(step)
            guard !overflow else { return nil }
            if let found = try? Int64.fetchOne(
                source, sql: "SELECT rowid FROM \(table) WHERE rowid >= ? ORDER BY rowid LIMIT 1", arguments: [from]),
                (try? Row.fetchOne(source, sql: "SELECT \(columns) FROM \(table) WHERE rowid = ?", arguments: [found]))
                    != nil
            {
                return nearest(after: last, atMost: found)
            }
            step *= 2
        }
        return nil
    }

    /// The first number that can be read, given one that can.
    private func nearest(after last: Int64, atMost found: Int64) -> Int64 {
        var low = max(last, 0)
        var high = found
        while high - low > 1 {
            let middle = low + (high - low) / 2
            let row = try? Int64.fetchOne(
                source, sql: "SELECT rowid FROM \(table) WHERE rowid >= ? ORDER BY rowid LIMIT 1", arguments: [middle])
            if let row, row <= found { high = middle } else { low = middle }
        }
        return high
    }

    /// False when it ended at a damaged page.
    private mutating func copy(_ order: String, _ arguments: StatementArguments, _ last: inout Int64) throws -> Bool {
        let isNumbered = order.contains("rowid")
        let what = isNumbered ? "rowid, \(columns)" : columns
        let cursor: RowCursor
        do {
            cursor = try Row.fetchCursor(source, sql: "SELECT \(what) FROM \(table) \(order)", arguments: arguments)
            while let row = try cursor.next() {
                if isNumbered { last = row[0] }
                let values = row.databaseValues.dropFirst(isNumbered ? 1 : 0)
                try? insert.execute(arguments: StatementArguments(values))
                count += 1
            }
            return true
        } catch let error where DatabaseFile.isDamage(error) {
            return false
        }
    }
}
