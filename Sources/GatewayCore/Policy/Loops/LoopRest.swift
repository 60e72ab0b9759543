internal import GRDB
internal import PluginKit

/// A number that our responders leave alone for a time; the journal keeps it over a restart.
struct LoopRest: Sendable, Hashable {
    var phone: String
    var since: Timestamp
    var until: Timestamp
    var reason: String
    /// The text at which it began.
    var messageUID: String

    /// Texts looked at; more of one window are a flood long before.
    private static let most = 200

    /// The rest of a number that is not over.
    static func active(_ phone: String, now: Timestamp, _ database: Database) throws -> LoopRest? {
        try database.first("SELECT * FROM loop_rest WHERE phone = ? AND until > ?", [phone, now.milliseconds])
            .map(LoopRest.init(row:))
    }

    /// All that are not over.
    static func all(now: Timestamp, _ database: Database) throws -> [LoopRest] {
        try database.all("SELECT * FROM loop_rest WHERE until > ? ORDER BY since", [now.milliseconds])
            .map(LoopRest.init(row:))
    }

    /// Forgets those that are over, and names them.
    static func end(now: Timestamp, _ database: Database) throws -> [LoopRest] {
        let ended = try database.all("SELECT * FROM loop_rest WHERE until <= ?", [now.milliseconds])
            .map(LoopRest.init(row:))
        for rest in ended { try database.run("DELETE FROM loop_rest WHERE phone = ?", [rest.phone]) }
        return ended
    }

    /// Begins a rest when what was said with this number looks like a loop; the text at hand is in the journal already.
    static func begin(
        for phone: String, at uid: String, now: Timestamp, policy: LoopGuard, _ database: Database
    ) throws -> LoopRest? {
        guard policy.isOn else { return nil }
        let said = try history(phone, since: now.milliseconds - policy.windowMilliseconds, database)
        guard let reason = policy.finding(in: said) else { return nil }
        let until = Timestamp(milliseconds: now.milliseconds + policy.restMilliseconds)
        try database.run(
            "INSERT OR REPLACE INTO loop_rest (phone, since, until, reason, message_uid) VALUES (?, ?, ?, ?, ?)",
            [phone, now.milliseconds, until.milliseconds, reason, uid])
        return LoopRest(phone: phone, since: now, until: until, reason: reason, messageUID: uid)
    }

    private static func history(_ phone: String, since: Int64, _ database: Database) throws -> [LoopGuard.Said] {
        try database.all(
            """
            SELECT * FROM (
                SELECT received_at AS at, 0 AS answer, content, seq FROM inbound
                WHERE phone = ?1 AND received_at >= ?2 AND visible = 1
                UNION ALL
                SELECT created_at, 1, content, seq FROM outbound WHERE phone = ?1 AND created_at >= ?2
                    AND (origin = 'policy' OR origin LIKE 'responder:%' OR origin LIKE 'plugin:%')
                ORDER BY 1 DESC, 2 DESC, seq DESC LIMIT \(most))
            ORDER BY at, answer, seq
            """, [phone, since]
        ).map { LoopGuard.Said(at: $0["at"], isAnswer: $0["answer"], content: $0["content"]) }
    }

    /// For the story of a text.
    var sentence: String { "not answered: \(rule)" }

    /// For whoever asks to send.
    var rule: String { "automatic answers to this number rest until \(until) (\(reason))" }

    private init(row: Row) {
        self.init(
            phone: row["phone"], since: Timestamp(milliseconds: row["since"]),
            until: Timestamp(milliseconds: row["until"]), reason: row["reason"], messageUID: row["message_uid"])
    }

    private init(phone: String, since: Timestamp, until: Timestamp, reason: String, messageUID: String) {
        self.phone = phone
        self.since = since
        self.until = until
        self.reason = reason
        self.messageUID = messageUID
    }
}
