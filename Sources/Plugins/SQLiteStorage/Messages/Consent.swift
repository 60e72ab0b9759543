internal import GRDB
internal import PluginKit

/// Who may be texted: the table `optouts`, to which any program may append.
enum Consent {
    static func record(_ events: [ConsentEvent], on db: Database) throws {
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO optouts (uid, phone_number, action, timestamp, source, message_uid)
                VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (uid) DO NOTHING
                """)
        for event in events {
            try statement.execute(arguments: [
                event.uid, event.phone, event.action.rawValue, event.at.description, event.source, event.messageUID,
            ])
        }
    }

    /// Rows in the order in which they were committed. Only the word `in` lets a number in again: whatever else another
    /// program calls it, a row here means out.
    static func page(_ query: ConsentQuery, on db: Database) throws -> ConsentPage {
        guard (1...1000).contains(query.limit) else {
            throw PluginError(.invalid, "limit: \(query.limit) is not within 1 and 1000")
        }
        let statement = try db.cachedStatement(
            sql: """
                SELECT id, uid, coalesce(phone_e164, phone_number, ''), lower(trim(ifnull(action, ''))) = 'in',
                    coalesce(\(TimeSQL.canonical("timestamp")), \(TimeSQL.canonical("created_at"))),
                    ifnull(source, 'table'), message_uid
                FROM optouts WHERE id > ? ORDER BY id LIMIT ?
                """)
        // A file that was put in the place of another one may have fewer rows: it begins anew.
        let last = try Int64.fetchOne(db.cachedStatement(sql: "SELECT max(id) FROM optouts")) ?? 0
        let after = query.after > last ? 0 : query.after
        var page = ConsentPage(events: [], next: after)
        let rows = try Row.fetchCursor(statement, arguments: [after, query.limit])
        while let row = try rows.next() {
            page.next = row[0]
            page.events.append(
                ConsentEvent(
                    uid: row[1], phone: row[2], action: row[3] ? .in : .out,
                    at: (row[4] as String?).flatMap { Timestamp($0) } ?? Timestamp(milliseconds: 0), source: row[5],
                    messageUID: row[6]))
        }
        return page
    }
}
