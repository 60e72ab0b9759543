internal import GRDB

/// The former system's SQLite file (`olive_sms.db`), which is only read.
public final class OldTextFile {
    /// Rows that it has.
    public let count: Int
    private let queue: DatabaseQueue
    private let sql: String
    private var last: Int64?

    private static let needed = ["id", "phone_number", "content", "direction", "status", "timestamp"]

    /// Opens the file and looks whether it is one.
    ///
    /// - Throws: `GatewayError` with a sentence when it is another file.
    public init(path: String) throws(GatewayError) {
        let file = DatabaseFile(path: path)
        guard file.exists else { throw GatewayError(.notFound, "\(path) is not there") }
        let found: (queue: DatabaseQueue, columns: [String], isOurs: Bool, count: Int)
        do {
            let queue = try file.quietReader()
            found = try queue.read { database in
                let columns = try String.fetchAll(
                    database, sql: "SELECT lower(name) FROM pragma_table_info('messages')")
                return (
                    queue, columns, try database.tableExists("conductor_migrations"),
                    columns.isEmpty ? 0 : try Int.fetchOne(database, sql: "SELECT count(*) FROM messages") ?? 0
                )
            }
        } catch {
            let isOther = (error as? DatabaseError)?.resultCode == .SQLITE_NOTADB
            throw GatewayError(
                .invalid,
                isOther
                    ? "\(path) is no SQLite file: name the former system's, as olive_sms.db"
                    : "\(path) cannot be read: \(DatabaseFile.words(error))")
        }
        guard !found.columns.isEmpty else {
            throw GatewayError(
                .invalid, "\(path) has no table messages: name the former system's file, as olive_sms.db")
        }
        guard !found.isOurs else {
            throw GatewayError(
                .invalid,
                "\(path) is a file of Conductor's own storage, not of the former system: name it in the `path` of a drop-in, "
                    + "and take it over by `conductor storage switch`")
        }
        let missing = Self.needed.filter { !found.columns.contains($0) }
        guard missing.isEmpty else {
            throw GatewayError(
                .invalid,
                "the table messages of \(path) is not the former system's: it lacks \(missing.joined(separator: ", "))")
        }
        queue = found.queue
        count = found.count
        func column(_ name: String) -> String { found.columns.contains(name) ? name : "NULL" }
        // What another table would call the time of a row without one.
        let times = ["timestamp", "created_at", "updated_at"].filter(found.columns.contains)
        sql = """
            SELECT id, direction, phone_number, CAST(content AS TEXT), status,
                coalesce(\(times.map(Self.time).joined(separator: ", ")), NULL), \(Self.time(column("modem_timestamp"))),
                CAST(timestamp AS TEXT), \(column("message_hash")), \(column("retry_count"))
            FROM messages WHERE id > ? ORDER BY id LIMIT ?
            """
    }

    /// ISO 8601 with `T` or a blank, with or without offset (without one it is UTC), or seconds or milliseconds since
    /// 1970; NULL for anything else.
    private static func time(_ column: String) -> String {
        let format = "%Y-%m-%dT%H:%M:%fZ"
        return """
            CASE WHEN \(column) IS NULL OR \(column) = '' THEN NULL
                WHEN \(column) NOT GLOB '*[^0-9.]*' THEN strftime('\(format)',
                    CASE WHEN \(column) + 0 > 100000000000 THEN \(column) / 1000.0 ELSE \(column) + 0 END, 'unixepoch')
                ELSE strftime('\(format)', \(column)) END
            """
    }

    /// The next rows, in the order of their numbers, at most `limit`, and about `bytes` of texts; none at the end.
    ///
    /// - Throws: `GatewayError` when the file cannot be read on.
    public func next(_ limit: Int, bytes: Int = 400_000) throws(GatewayError) -> [OldText] {
        do {
            let after = last ?? .min
            let rows = try queue.read { database in
                var rows: [OldText] = []
                var size = 0
                let cursor = try Row.fetchCursor(database, sql: sql, arguments: [after, limit])
                while size < bytes, let row = try cursor.next() {
                    let text = OldText(
                        row: row[0], direction: Self.text(row, 1), number: Self.text(row, 2),
                        content: Self.text(row, 3),
                        status: Self.text(row, 4), at: Self.text(row, 5), modemAt: Self.text(row, 6),
                        rawAt: Self.text(row, 7), hash: Self.text(row, 8), attempts: Int32.fromDatabaseValue(row[9]))
                    size += (text.content?.utf8.count ?? 0) + 300
                    rows.append(text)
                }
                return rows
            }
            if let row = rows.last { last = row.row }
            return rows
        } catch {
            throw GatewayError(.unavailable, "the file cannot be read on: \(DatabaseFile.words(error))")
        }
    }

    /// A number that is stored as a number is a text as well.
    private static func text(_ row: Row, _ index: Int) -> String? {
        let value: DatabaseValue = row[index]
        return switch value.storage {
        case .null: nil
        case .string(let text): text
        case .int64(let number): String(number)
        case .double(let number): Int64(exactly: number).map(String.init) ?? String(number)
        case .blob(let data): String(decoding: data, as: UTF8.self)
        }
    }
}
