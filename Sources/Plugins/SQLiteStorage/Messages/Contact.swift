internal import GRDB
internal import PluginKit

/// Since when a gateway has looked at this table without a longer pause.
///
/// A row that came due while somebody looked waits for its turn, however long the queue. One that was due long before
/// is from another time: it is held (decision 7).
enum Contact {
    /// Notes that a gateway looks now, and tells since when one does. Writes at most every quarter of `maxAge`.
    static func note(now: Timestamp, maxAge: Int64, on db: Database) throws -> Timestamp {
        let read = try db.cachedStatement(sql: "SELECT since, last FROM conductor_contact WHERE id = 1")
        let row = try Row.fetchOne(read)
        let since: Timestamp? = row.flatMap { Timestamp($0[0] as String) }
        let last: Timestamp? = row.flatMap { Timestamp($0[1] as String) }
        let silence = last.map { now.milliseconds - $0.milliseconds }
        if let since, let silence, silence <= maxAge {
            if silence >= 0, silence < min(maxAge / 4, 60_000) { return since }
            try save(since: since, last: now, on: db)
            return since
        }
        try save(since: now, last: now, on: db)
        return now
    }

    private static func save(since: Timestamp, last: Timestamp, on db: Database) throws {
        try db.cachedStatement(sql: "INSERT OR REPLACE INTO conductor_contact (id, since, last) VALUES (1, ?, ?)")
            .execute(arguments: [since.description, last.description])
    }
}
