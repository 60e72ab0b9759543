internal import GRDB
internal import PluginKit

/// The last part of an exchange: which queued rows a gateway may choose from next.
///
/// Oldest first; one row a number; none of a number that has a row claimed or being sent anywhere, or an earlier one
/// waiting for its next attempt; none that names a SIM which the gateway, as it has said, lacks. Rows too old at first
/// contact are held on the way.
struct Claim {
    let request: ExchangeRequest
    let now: Timestamp
    /// Rows that were due before this are from another time; nil holds none.
    let staleBefore: Timestamp?

    /// Rows held in one statement.
    private static let holdBatch = 2000
    /// Rows looked at for each row wanted before the search goes by number.
    private static let windowFactor: Int32 = 8

    /// - Returns: the rows, and whether held rows kept it from looking at all of the queue.
    func run(on db: Database) throws -> (rows: [Message], unfinished: Bool) {
        var found: [Int64] = []
        if request.want > 0 {
            for _ in 0..<4 {
                let candidates = try candidates(on: db)
                found = candidates.filter { !$0.stale }.map(\.id)
                guard candidates.contains(where: \.stale) else { return (try take(found, on: db), false) }
                try hold(candidates.filter(\.stale).map(\.id), on: db)
            }
            return (try take(found, on: db), true)
        }
        return ([], false)
    }

    /// Milliseconds until a waiting row comes due, or another gateway's claim ends; -1 when none.
    func nextDue(on db: Database) throws -> Int64 {
        let statement = try db.cachedStatement(
            sql: """
                SELECT min(due) FROM (
                    SELECT min(not_before) AS due FROM messages INDEXED BY conductor_messages_due
                    WHERE \(QueueSQL.claimable()) AND not_before IS NOT NULL AND not_before > ?1
                    UNION ALL
                    SELECT min(claim_until) FROM messages INDEXED BY conductor_messages_busy
                    WHERE \(QueueSQL.queued()) AND claimed_by IS NOT NULL AND claim_until > ?1 AND claimed_by <> ?2)
                """)
        let text = try String.fetchOne(statement, arguments: [now.description, request.gateway])
        guard let due = text.flatMap({ Timestamp($0) }) else { return -1 }
        return max(0, due.milliseconds - now.milliseconds)
    }

    // MARK: Choosing

    private struct Candidate {
        let id: Int64
        let stale: Bool
    }

    private func candidates(on db: Database) throws -> [Candidate] {
        let window = max(256, request.want * Self.windowFactor)
        let near = try fetch(Self.nearSQL, window: window, on: db)
        if near.count >= Int(request.want) || near.contains(where: \.stale) { return near }
        guard try isLong(window, on: db) else { return near }
        // The head of a long queue is full of numbers that must wait: ask every number for its first row instead.
        return try fetch(Self.byNumberSQL, window: window, on: db)
    }

    private func fetch(_ sql: String, window: Int32, on db: Database) throws -> [Candidate] {
        var values: [String: (any DatabaseValueConvertible)?] = [
            "now": now.description, "want": request.want, "stale": staleBefore?.description,
            "copy": "-\(request.maxAgeMilliseconds / 1000) seconds",
            "sims": try Presence.sims(of: request.gateway, on: db).map { "\n\($0.joined(separator: "\n"))\n" },
        ]
        if sql == Self.nearSQL { values["window"] = window }
        let rows = try Row.fetchCursor(db.cachedStatement(sql: sql), arguments: StatementArguments(values))
        var result: [Candidate] = []
        while let row = try rows.next() {
            result.append(Candidate(id: row[0], stale: row[1] ?? true))
        }
        return result
    }

    private func isLong(_ window: Int32, on db: Database) throws -> Bool {
        let statement = try db.cachedStatement(
            sql: """
                SELECT count(*) FROM (SELECT 1 FROM messages INDEXED BY conductor_messages_ready
                WHERE \(QueueSQL.claimable()) AND not_before IS NULL LIMIT ?)
                """)
        return try Int32.fetchOne(statement, arguments: [window]) ?? 0 >= window
    }

    private static let unclaimed = "(claimed_by IS NULL OR claim_until <= :now)"

    /// True for a row that was due long before anyone looked, or that says it is much older than its arrival here: a
    /// copy. An unreadable time counts as old.
    private static func stale(_ row: String) -> String {
        let told = TimeSQL.canonical("\(row).timestamp")
        let arrived = TimeSQL.canonical("\(row).created_at")
        return """
            :stale IS NOT NULL AND CASE WHEN \(row).not_before IS NOT NULL THEN \(row).not_before < :stale \
            ELSE min(coalesce(\(told), \(arrived), ''), coalesce(\(arrived), \(told), '')) < :stale \
            OR ifnull(\(told) < strftime('\(TimeSQL.format)', \(arrived), :copy), 0) END
            """
    }

    /// A number has something before this row. A text that a gateway was asked to send later is not: until its time it
    /// holds up nobody.
    private static func blocked(_ row: String) -> String {
        let same = "\(PhoneSQL.recipient("e.")) = \(PhoneSQL.recipient("\(row)."))"
        return """
            EXISTS (SELECT 1 FROM messages e WHERE \(QueueSQL.queued("e.")) AND e.claimed_by IS NOT NULL \
            AND \(same) AND e.id <> \(row).id AND (e.claim_until > :now OR (e.delivery_status = 'sending' \
            AND NOT ifnull(e.owner = '@journal' AND e.not_before > :now AND e.retry_count = 0, 0)) \
            OR (e.delivery_status = 'unknown' AND (e.not_before IS NULL OR e.not_before > :now)))) \
            OR EXISTS (SELECT 1 FROM messages e WHERE \(QueueSQL.queued("e.")) AND e.owner IS NULL \
            AND \(same) AND e.id < \(row).id AND e.delivery_status IS NOT 'held' \
            AND e.delivery_status IS NOT 'unknown' \
            AND (e.not_before IS NULL OR e.not_before <= :now OR e.retry_count > 0))
            """
    }

    /// Of a gateway that has not said which SIMs it has, nothing is asked.
    private static func isReachable(_ row: String) -> String {
        "(:sims IS NULL OR ifnull(\(row).sim, '') = '' OR instr(:sims, char(10) || \(row).sim || char(10)) > 0)"
    }

    static let nearSQL = """
        WITH near(id) AS (
            SELECT * FROM (SELECT id FROM messages INDEXED BY conductor_messages_ready
                WHERE \(QueueSQL.claimable()) AND not_before IS NULL AND \(unclaimed)
                ORDER BY id LIMIT :window)
            UNION ALL
            SELECT * FROM (SELECT id FROM messages INDEXED BY conductor_messages_due
                WHERE \(QueueSQL.claimable()) AND not_before IS NOT NULL AND not_before <= :now AND \(unclaimed)
                ORDER BY not_before LIMIT :window)),
        ordered(id) AS (SELECT id FROM near ORDER BY id LIMIT 2 * :window)
        SELECT m.id, \(stale("m")) FROM ordered CROSS JOIN messages m ON m.id = ordered.id
        WHERE \(isReachable("m")) AND NOT (\(blocked("m")))
        LIMIT :want
        """

    static let byNumberSQL = """
        WITH RECURSIVE number(value) AS (
            SELECT * FROM (SELECT \(PhoneSQL.recipient()) FROM messages INDEXED BY conductor_messages_queue
                WHERE \(QueueSQL.queued()) AND \(PhoneSQL.recipient()) IS NOT NULL
                ORDER BY \(PhoneSQL.recipient()) LIMIT 1)
            UNION ALL
            SELECT (SELECT \(PhoneSQL.recipient()) FROM messages INDEXED BY conductor_messages_queue
                WHERE \(QueueSQL.queued()) AND \(PhoneSQL.recipient()) > number.value
                ORDER BY \(PhoneSQL.recipient()) LIMIT 1)
            FROM number WHERE number.value IS NOT NULL),
        first(id) AS (
            SELECT (SELECT id FROM messages
                WHERE \(QueueSQL.claimable()) AND \(PhoneSQL.recipient()) = number.value
                AND (not_before IS NULL OR not_before <= :now) AND \(unclaimed) ORDER BY id LIMIT 1)
            FROM number WHERE number.value IS NOT NULL)
        SELECT m.id, \(stale("m")) FROM first CROSS JOIN messages m ON m.id = first.id
        WHERE first.id IS NOT NULL AND \(isReachable("m")) AND NOT (\(blocked("m")))
        LIMIT :want
        """

    // MARK: Changing

    private static let held = """
        UPDATE messages SET delivery_status = 'held', error_code = 'too-old', claimed_by = NULL, claim_until = NULL,
            error_message = 'too old when the gateway first saw it; retry to send it all the same', updated_at = :now
        """

    /// Holds `ids`, and what else is stale at the head of the queue.
    private func hold(_ ids: [Int64], on db: Database) throws {
        let one = try db.cachedStatement(sql: "\(Self.held) WHERE id = :id")
        for id in ids { try one.execute(arguments: ["now": now.description, "id": id]) }
        let head = try db.cachedStatement(
            sql: """
                \(Self.held) WHERE id IN (
                    SELECT m.id FROM (SELECT * FROM messages INDEXED BY conductor_messages_ready
                        WHERE \(QueueSQL.claimable()) AND not_before IS NULL AND \(Self.unclaimed)
                        ORDER BY id LIMIT :batch) m
                    WHERE \(Self.stale("m")))
                """)
        try head.execute(arguments: [
            "now": now.description, "batch": Self.holdBatch, "stale": staleBefore?.description,
            "copy": "-\(request.maxAgeMilliseconds / 1000) seconds",
        ])
    }

    private func take(_ ids: [Int64], on db: Database) throws -> [Message] {
        let until = Timestamp(milliseconds: now.milliseconds + request.leaseMilliseconds).description
        // Foreign forms of time become the one form here.
        let claim = try db.cachedStatement(
            sql: """
                UPDATE messages SET claimed_by = ?, claim_until = ?,
                    timestamp = coalesce(\(TimeSQL.canonical("timestamp")), \(TimeSQL.canonical("created_at")))
                WHERE id = ?
                RETURNING \(MessageRow.columns)
                """)
        return try ids.sorted().compactMap { id in
            try Row.fetchOne(claim, arguments: [request.gateway, until, id]).map(MessageRow.decode)
        }
    }
}
