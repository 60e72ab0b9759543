internal import GRDB
internal import PluginKit

/// Reading, and the few changes people make.
enum Lookup {
    static func messages(_ query: MessageQuery, on db: Database) throws -> [Message] {
        guard (1...1000).contains(query.limit) else {
            throw PluginError(.invalid, "limit: \(query.limit) is not within 1 and 1000")
        }
        var (conditions, values) = filter(query)
        if let search = query.search {
            guard try SearchIndex.isKept(on: db) else { throw SearchIndex.notKept }
            guard let match = SearchWords.match(search) else { return [] }
            values["match"] = match
            let statement = try db.cachedStatement(
                sql: searchSQL(also: conditions, oldestFirst: query.oldestFirst, isPage: query.cursor != nil))
            return try collect(statement, StatementArguments(values))
        }
        let statement = try db.cachedStatement(sql: listSQL(conditions, oldestFirst: query.oldestFirst))
        return try collect(statement, StatementArguments(values))
    }

    /// What the rows must be, and the values of the statement.
    static func filter(_ query: MessageQuery) -> (
        conditions: [String], values: [String: (any DatabaseValueConvertible)?]
    ) {
        var conditions: [String] = []
        var values: [String: (any DatabaseValueConvertible)?] = ["limit": query.limit]
        func require(_ condition: String, _ name: String, _ value: (any DatabaseValueConvertible)?) {
            guard let value else { return }
            conditions.append(condition)
            values[name] = value
        }
        require("uid = :uid", "uid", query.uid)
        // Half of all rows have it: alone it is looked at on the way, since the index by it would have all of them sorted.
        require(
            "\(query.status == nil ? "+" : "")direction = :direction", "direction", query.direction?.rawValue)
        require("status = :status", "status", query.status?.rawValue)
        require("delivery_status = :delivery", "delivery", query.deliveryStatus?.rawValue)
        require("\(PhoneSQL.recipient()) = ifnull(\(PhoneSQL.e164(":phone")), :phone)", "phone", query.phone)
        require(query.oldestFirst ? "id > :cursor" : "id < :cursor", "cursor", query.cursor)
        return (conditions, values)
    }

    static func listSQL(_ conditions: [String], oldestFirst: Bool) -> String {
        let filter = conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
        return """
            SELECT \(MessageRow.columns) FROM messages \(filter)
            ORDER BY id \(oldestFirst ? "ASC" : "DESC") LIMIT :limit
            """
    }

    /// FTS5 finds rows in the order of their numbers, so that a page ends where it is full, however many there are.
    static func searchSQL(also conditions: [String], oldestFirst: Bool, isPage: Bool) -> String {
        let order = oldestFirst ? "ASC" : "DESC"
        let behind = isPage ? "AND rowid \(oldestFirst ? ">" : "<") :cursor" : ""
        let filter = conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
        return """
            SELECT \(MessageRow.columns) FROM (SELECT rowid AS number FROM conductor_search_messages
                WHERE conductor_search_messages MATCH :match \(behind) ORDER BY rowid \(order)) found
            CROSS JOIN messages ON id = found.number
            \(filter) ORDER BY found.number \(order) LIMIT :limit
            """
    }

    static func owned(by gateway: String, on db: Database) throws -> [Message] {
        let letGo = try db.cachedStatement(
            sql: """
                UPDATE messages SET claimed_by = NULL, claim_until = NULL
                WHERE \(QueueSQL.queued()) AND claimed_by = ? AND owner IS NULL
                """)
        try letGo.execute(arguments: [gateway])
        let statement = try db.cachedStatement(
            sql: """
                SELECT \(MessageRow.columns) FROM messages INDEXED BY conductor_messages_sending
                WHERE delivery_status = 'sending' AND owner = ? AND status = 'queued' ORDER BY id
                """)
        return try collect(statement, [gateway])
    }

    private static func collect(_ statement: Statement, _ arguments: StatementArguments) throws -> [Message] {
        let rows = try Row.fetchCursor(statement, arguments: arguments)
        var result: [Message] = []
        while let row = try rows.next() { result.append(MessageRow.decode(row)) }
        return result
    }

    static func change(_ change: MessageChange, now: Timestamp, on db: Database) throws -> Bool {
        let sql =
            switch change.kind {
            case .markRead:
                """
                UPDATE messages SET status = 'read', updated_at = ?1
                WHERE id = ?2 AND direction = 'inbound' AND status = 'unread'
                """
            case .requeue:
                // A text born in a journal is sent from there only. `not_before` says that somebody wants it now, so
                // that it is not held again; one that was held, or cancelled, keeps the moment that lies ahead.
                """
                UPDATE messages SET status = 'queued', delivery_status = NULL, error_code = NULL, error_message = NULL,
                    not_before = CASE WHEN (delivery_status = 'held' OR error_code = 'cancelled') AND not_before > ?1
                        THEN not_before ELSE ?1 END,
                    owner = NULL, claimed_by = NULL, claim_until = NULL, updated_at = ?1
                WHERE id = ?2 AND direction = 'outbound' AND owner IS NOT '\(Put.journal)'
                    AND (status = 'failed' OR (status = 'queued' AND delivery_status IN ('held', 'unknown')))
                """
            case .cancel:
                // One that a gateway has claimed may be cancelled: its begin finds the row gone. One that is begun may not.
                """
                UPDATE messages SET status = 'failed', delivery_status = 'refused', error_code = 'cancelled',
                    error_message = 'cancelled before any of it was sent', claimed_by = NULL, claim_until = NULL,
                    updated_at = ?1
                WHERE id = ?2 AND \(QueueSQL.queued()) AND owner IS NULL AND delivery_status IS NOT 'sending'
                    AND delivery_status IS NOT 'unknown'
                """
            case .remove:
                """
                DELETE FROM messages WHERE ?1 IS NOT NULL AND id = ?2
                    AND (direction = 'inbound' AND status = 'read' OR direction = 'outbound' AND status IN ('sent', 'failed'))
                    AND ifnull(delivery_status, '') NOT IN ('sending', 'unknown', 'held')
                """
            }
        let statement = try db.cachedStatement(sql: sql)
        try statement.execute(arguments: [now.description, change.storageID])
        if db.changesCount > 0 { return true }
        // Repeated: it is so already.
        let done: String
        switch change.kind {
        case .markRead: done = "direction = 'inbound' AND status = 'read'"
        case .cancel: done = "direction = 'outbound' AND status = 'failed' AND error_code = 'cancelled'"
        case .requeue: return false
        case .remove:
            let there = try db.cachedStatement(sql: "SELECT 1 FROM messages WHERE id = ?")
            return try Int.fetchOne(there, arguments: [change.storageID]) == nil
        }
        let already = try db.cachedStatement(sql: "SELECT 1 FROM messages WHERE id = ? AND \(done)")
        return try Int.fetchOne(already, arguments: [change.storageID]) != nil
    }

    static func rows(on db: Database) throws -> Int64 {
        try Int64.fetchOne(db.cachedStatement(sql: "SELECT count(*) FROM messages")) ?? 0
    }
}
