internal import GRDB
internal import GRDBSQLite
internal import PluginKit

/// A prepared statement whose values go to SQLite as they are, for many rows: boxed one by one, they would cost as much as
/// the rest. Kept by the connection's cache; used by one at a time.
struct RawStatement {
    private let statement: OpaquePointer
    private let connection: OpaquePointer?

    /// SQLite copies the text.
    private static let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

    init(_ sql: String, on db: Database) throws {
        statement = try db.cachedStatement(sql: sql).sqliteStatement
        connection = db.sqliteConnection
        reset()
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
            let error = DatabaseError(
                resultCode: ResultCode(rawValue: sqlite3_extended_errcode(connection)),
                message: connection.flatMap { sqlite3_errmsg($0) }.map { String(cString: $0) })
            sqlite3_reset(statement)
            throw error
        }
    }

    /// For a statement that gives no rows.
    func run() throws {
        _ = try step()
        reset()
    }

    // MARK: Values, from 1

    func bind(_ index: Int32, _ text: String?) {
        guard var text else { return }
        text.withUTF8 { bytes in
            // An empty text may have no address, and what has none is NULL.
            guard let start = bytes.baseAddress else {
                sqlite3_bind_text(statement, index, "", 0, nil)
                return
            }
            start.withMemoryRebound(to: CChar.self, capacity: bytes.count) {
                _ = sqlite3_bind_text(statement, index, $0, Int32(clamping: bytes.count), Self.transient)
            }
        }
    }

    func bind(_ index: Int32, _ number: Int64?) {
        if let number { sqlite3_bind_int64(statement, index, number) }
    }

    /// As the columns of the CRM's tables take it.
    func bind(_ index: Int32, _ value: ImportValue) {
        switch value {
        case .absent: return
        case .text(let text), .day(let text): bind(index, text)
        case .count(let number): bind(index, number)
        case .flag(let flag): bind(index, flag ? 1 : 0)
        case .money(let micros):
            if micros.isMultiple(of: 1_000_000) {
                bind(index, micros / 1_000_000)
            } else {
                sqlite3_bind_double(statement, index, Double(micros) / 1_000_000)
            }
        }
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
