internal import GRDB
internal import PluginKit

/// What a journal or a table that is older than the world means for texts: whatever was on its way then may have been
/// sent, answered or cancelled since. So nothing of it is sent or answered by itself: a person decides.
///
/// Why all of it, also what was to be sent later only: that the clock of a machine that was just set up again is right,
/// and that nobody cancelled a text since, cannot be known. A text that is released keeps the time it was meant for.
enum HeldTexts {
    /// `error_code` of a text that is held for this reason.
    static let code = "restored"
    /// The most rows that are counted.
    static let page: Int32 = 1_000
    /// Keys of the journal's `meta`.
    static let former = "former_journals"
    static let heldUntil = "held_until"

    /// How many of each there were.
    struct Count: Sendable, Hashable {
        /// Texts to send.
        var outbound = 0
        /// Texts nobody had answered yet.
        var unanswered = 0
    }

    static func reason(since time: Timestamp?) -> String {
        let when = time.map { " of \($0)" } ?? ""
        return "it was waiting in a journal or table\(when) that was put back, and may have been sent since: "
            + "`conductor messages retry` sends it"
    }

    /// Makes a journal from an earlier moment safe to go on with.
    ///
    /// Its texts become `unknown`, without a deadline: that state says exactly what is known, and only a person or a
    /// delivery report ends it. It gets a new name, because another gateway may still live under the old one; rows that
    /// the old one began in storage are asked for by its name, and held as well (`QueueFeed`).
    static func hold(journal database: Database, since time: Timestamp?, now: Timestamp, formerly known: String? = nil)
        throws
        -> Count
    {
        var count = Count()
        try database.execute(
            sql: "UPDATE part SET state = 'unknown', outcome_at = ?, error = ? WHERE state = 'intent'",
            arguments: [now.milliseconds, code])
        count.outbound =
            try Int.fetchOne(
                database,
                sql: """
                    SELECT count(*) FROM outbound
                    WHERE state IN ('waiting', 'sending') OR state = 'unknown' AND ask_at IS NOT NULL
                    """) ?? 0
        try database.execute(
            sql: """
                UPDATE outbound SET state = 'unknown', ask_at = NULL, settled_at = ?, error_code = ?, error_message = ?,
                    revision = revision + 1 WHERE state IN ('waiting', 'sending')
                """, arguments: [now.milliseconds, code, reason(since: time)])
        try database.execute(sql: "UPDATE outbound SET ask_at = NULL WHERE state = 'unknown'")
        try database.execute(
            sql: "UPDATE inbound SET answer = 2, decision = ? WHERE answer = 0",
            arguments: ["no responder was asked: the journal was put back, and the text may have been answered since"])
        count.unanswered = database.changesCount
        try rename(database, now: now, formerly: known)
        return count
    }

    /// Gives the journal a new name and remembers the old one, and until when what comes may have been answered
    /// already.
    static func rename(_ database: Database, now: Timestamp, formerly known: String? = nil) throws {
        let old = try String.fetchOne(database, sql: "SELECT value FROM meta WHERE key = 'journal'")
        var names =
            (try String.fetchOne(database, sql: "SELECT value FROM meta WHERE key = ?", arguments: [former]) ?? "")
            .split(separator: " ").map(String.init)
        for name in [old, known].compactMap({ $0 }) where !names.contains(name) { names.append(name) }
        for (key, value) in [
            ("journal", UID.make(at: now)), (former, names.suffix(16).joined(separator: " ")),
            (heldUntil, "\(now.milliseconds)"),
        ] {
            try database.execute(sql: "INSERT OR REPLACE INTO meta VALUES (?, ?)", arguments: [key, value])
        }
        try database.execute(sql: "DELETE FROM meta WHERE key = ?", arguments: [Journal.openMark])
    }

    /// Holds every row of the shared table that is still to be sent, whoever queued it. Rows of texts that the journal
    /// sends follow the journal.
    ///
    /// - Returns: rows held, and unread rows, which a program that answers those will answer (again).
    static func hold(messages database: Database, since time: Timestamp?, now: Timestamp) throws -> (
        held: Int, unread: Int
    ) {
        let columns = try String.fetchAll(database, sql: "SELECT name FROM pragma_table_info('messages')")
        guard columns.contains("delivery_status"), columns.contains("owner") else { return (0, 0) }
        try database.execute(
            sql: """
                UPDATE messages SET delivery_status = 'held', error_code = ?, error_message = ?, owner = NULL,
                    claimed_by = NULL, claim_until = NULL, updated_at = ?
                WHERE direction = 'outbound' AND status = 'queued' AND owner IS NOT '@journal'
                    AND delivery_status IS NOT 'held' AND delivery_status IS NOT 'unknown'
                """, arguments: [code, reason(since: time), now.description])
        let held = database.changesCount
        let unread = try Int.fetchOne(
            database, sql: "SELECT count(*) FROM messages WHERE direction = 'inbound' AND status = 'unread'")
        return (held, unread ?? 0)
    }

    /// Holds one text of the journal.
    static func hold(_ uid: String, now: Timestamp, _ database: Database) throws {
        try database.run(
            """
            UPDATE outbound SET state = 'unknown', ask_at = NULL, settled_at = ?, error_code = ?, error_message = ?,
                revision = revision + 1 WHERE uid = ?
            """, [now.milliseconds, code, reason(since: nil), uid])
    }

    /// Texts that are held for this reason and wait for a person.
    static func waiting(_ database: Database) throws -> Int {
        try database.first(
            """
            SELECT count(*) AS n FROM \(OutgoingText.openIndex)
            WHERE \(OutgoingText.isOpen) AND state = 'unknown' AND error_code = ?
            """, [code])?["n"] ?? 0
    }

    /// Whether a queued row without our mark is one that this journal sent: the same address, person, words and moment.
    /// A person who released it since set a later moment to send it.
    static func alreadySent(_ row: Message, _ id: Int64, phone: String, _ database: Database) throws -> Bool {
        let known = try database.first(
            """
            SELECT settled_at FROM outbound WHERE storage_id = ? AND phone = ? AND content = ? AND created_at = ?
                AND state <> 'failed'
            """, [id, phone, row.content.withoutNUL, row.timestamp.milliseconds])
        guard let known else { return false }
        guard let released = row.notBefore?.milliseconds, let settled: Int64 = known["settled_at"] else { return true }
        return released <= settled
    }

    /// Whether a text was given to the network before the journal was put back: it may have been answered since.
    static func mayBeAnswered(sentAt: Int64?, _ database: Database) throws -> Bool {
        guard let sentAt,
            let until: String = try database.first("SELECT value FROM meta WHERE key = ?", [heldUntil])?["value"]
        else { return false }
        // Service centres know seconds only.
        return Int64(until).map { sentAt < $0 / 1_000 * 1_000 } ?? false
    }
}
