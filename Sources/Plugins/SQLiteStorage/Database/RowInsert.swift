internal import GRDB
internal import GRDBSQLite

/// Many rows through few statements of several rows each: what SQLite does for each statement costs more than a row. The
/// values go to it as they are; boxed one by one, they would cost as much as the insert.
struct RowInsert {
    /// Rows in one statement, from the largest; a rest goes in smaller ones.
    private static let sizes = [32, 8, 1]

    private let columns: Int
    private let statements: [(rows: Int, sql: String)]

    /// - Parameter conflict: what follows the rows: `ON CONFLICT …`.
    init(into table: String, columns: [String], _ conflict: String) {
        self.columns = columns.count
        let row = "(" + Array(repeating: "?", count: columns.count).joined(separator: ", ") + ")"
        statements = Self.sizes.map { count in
            let rows = Array(repeating: row, count: count).joined(separator: ", ")
            return (count, "INSERT INTO \(table) (\(columns.joined(separator: ", "))) VALUES \(rows) \(conflict)")
        }
    }

    /// - Parameter bind: gives the row's values in the order of the columns, all of them.
    func run<Row>(_ rows: [Row], on db: Database, bind: (Row, inout Values) throws -> Void) throws {
        var rest = rows[...]
        for (count, sql) in statements {
            while rest.count >= count {
                try step(rest.prefix(count), sql, on: db, bind)
                rest = rest.dropFirst(count)
            }
        }
    }

    private func step<Row>(
        _ rows: ArraySlice<Row>, _ sql: String, on db: Database, _ bind: (Row, inout Values) throws -> Void
    ) throws {
        let statement = try db.cachedStatement(sql: sql).sqliteStatement
        defer {
            sqlite3_reset(statement)
            sqlite3_clear_bindings(statement)
        }
        var values = Values(statement)
        for row in rows { try bind(row, &values) }
        precondition(values.count == rows.count * columns, "a row needs a value for each of its columns")
        let code = values.code == SQLITE_OK ? sqlite3_step(statement) : values.code
        guard code == SQLITE_DONE else {
            throw DatabaseError(
                resultCode: ResultCode(rawValue: sqlite3_extended_errcode(db.sqliteConnection)),
                message: db.lastErrorMessage)
        }
    }

    /// The values of a statement, one after the other.
    struct Values {
        private let statement: OpaquePointer
        fileprivate private(set) var count = 0
        /// Of the first that SQLite did not take.
        fileprivate private(set) var code = SQLITE_OK

        fileprivate init(_ statement: OpaquePointer) { self.statement = statement }

        mutating func add(_ text: String?) {
            let index = next()
            add(
                code: text.map { StatementText.bind($0, to: index, of: statement) }
                    ?? sqlite3_bind_null(statement, index))
        }

        mutating func add(_ number: Int32?) {
            let index = next()
            add(code: number.map { sqlite3_bind_int(statement, index, $0) } ?? sqlite3_bind_null(statement, index))
        }

        mutating func add(_ flag: Bool) { add(flag ? 1 : 0) }

        private mutating func next() -> Int32 {
            count += 1
            return Int32(count)
        }

        private mutating func add(code result: Int32) {
            if code == SQLITE_OK { code = result }
        }
    }
}
