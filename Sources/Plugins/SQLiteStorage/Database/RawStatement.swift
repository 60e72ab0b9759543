internal import CSQLite
internal import GRDB
internal import GRDBSQLite
internal import PluginKit

/// A prepared statement whose values go to SQLite as they are, for many rows: boxed one by one, they would cost as much as
/// the rest. Kept by the connection's cache; used by one at a time.
struct RawStatement {
    private let statement: OpaquePointer
    private let connection: OpaquePointer?

    init(_ sql: String, on db: Database) throws {
        statement = try db.cachedStatement(sql: sql).sqliteStatement
        connection = db.sqliteConnection
        reset()
    }

    /// One that wakes no trigger, for whoever does their work: a trigger that may fail has SQLite set each page aside that
    /// a statement changes, which costs more than the rest.
    init(silent sql: String, on db: Database) throws {
        let connection = db.sqliteConnection
        let code = csqlite_wake_triggers(connection, 0)
        if code != SQLITE_OK { throw DatabaseError(resultCode: ResultCode(rawValue: code)) }
        defer { _ = csqlite_wake_triggers(connection, 1) }
        // The cache knows it by its words.
        try self.init("\(sql) -- silent", on: db)
    }

    /// Ready for the next values.
    func reset() {
        sqlite3_reset(statement)
        sqlite3_clear_bindings(statement)
    }

    /// - Returns: whether there is a row.
    /// - Throws: `DatabaseError`.
    func step() throws -> Bool {
        switch sqlite3_step(statement) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        default:
            let error = lastError
            sqlite3_reset(statement)
            throw error
        }
    }

    private var lastError: DatabaseError {
        DatabaseError(
            resultCode: ResultCode(rawValue: sqlite3_extended_errcode(connection)),
            message: connection.flatMap { sqlite3_errmsg($0) }.map { String(cString: $0) })
    }

    /// For a statement that gives no rows.
    func run() throws {
        _ = try step()
        reset()
    }

    // MARK: Values, from 1; what SQLite does not take, a text too long, is thrown

    func bind(_ index: Int32, _ text: String?) throws {
        if let text { try check(StatementText.bind(text, to: index, of: statement)) }
    }

    func bind(_ index: Int32, _ number: Int64?) throws {
        if let number { try check(sqlite3_bind_int64(statement, index, number)) }
    }

    /// As the columns of the CRM's tables take it.
    func bind(_ index: Int32, _ value: ImportValue) throws {
        switch value {
        case .absent: return
        case .text(let text), .day(let text): try bind(index, text)
        case .count(let number): try bind(index, number)
        case .flag(let flag): try bind(index, flag ? 1 : 0)
        case .money(let micros):
            if micros.isMultiple(of: 1_000_000) {
                try bind(index, micros / 1_000_000)
            } else {
                try check(sqlite3_bind_double(statement, index, Double(micros) / 1_000_000))
            }
        }
    }

    private func check(_ code: Int32) throws {
        if code != SQLITE_OK { throw lastError }
    }

    // MARK: Columns, from 0

    func isNull(_ column: Int32) -> Bool { sqlite3_column_type(statement, column) == SQLITE_NULL }

    func number(_ column: Int32) -> Int64? { isNull(column) ? nil : sqlite3_column_int64(statement, column) }

    func text(_ column: Int32) -> String? {
        guard !isNull(column), let text = sqlite3_column_text(statement, column) else { return nil }
        return String(
            decoding: UnsafeRawBufferPointer(start: text, count: Int(sqlite3_column_bytes(statement, column))),
            as: UTF8.self)
    }

    /// Whether nothing stands there; an empty text is nothing.
    func isEmpty(_ column: Int32) -> Bool {
        isNull(column)
            || sqlite3_column_type(statement, column) == SQLITE_TEXT && sqlite3_column_bytes(statement, column) == 0
    }

    /// Whether the value says what stands there, in whatever form other programs have written it.
    func says(_ column: Int32, _ value: ImportValue) -> Bool {
        if value == .absent { return isNull(column) }
        if isNull(column) { return false }
        switch value {
        case .absent: return false
        case .text(let text): return self.text(column) == text
        case .day(let day): return self.text(column)?.prefix(10) == day[...]
        case .count(let number):
            return sqlite3_column_int64(statement, column) == number
                && sqlite3_column_double(statement, column) == Double(number)
        case .flag(let flag): return (sqlite3_column_int64(statement, column) != 0) == flag
        case .money(let micros):
            return Int64(exactly: (sqlite3_column_double(statement, column) * 1_000_000).rounded()) == micros
        }
    }
}
