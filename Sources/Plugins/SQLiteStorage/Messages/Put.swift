internal import GRDB
internal import PluginKit

/// Storing texts by their uid.
enum Put {
    /// The owner of outbound rows that a journal sends. No gateway's id has an `@`.
    static let journal = "@journal"

    /// Columns whose value comes from the text, and may change with it.
    private static let fields = [
        "phone_number", "content", "timestamp", "modem_timestamp", "direction", "modem_index", "message_hash",
        "retry_count", "last_retry_at", "delivery_status", "error_code", "error_message", "modem_utc_offset",
        "not_before", "sim", "parts", "incomplete", "possible_duplicate", "asks_to_stop", "answers", "origin",
    ]

    /// A text a person has read stays so.
    private static let status =
        "CASE WHEN messages.status = 'read' AND excluded.status = 'unread' THEN 'read' ELSE excluded.status END"

    /// A row that began in the table stays its gateway's until it is settled.
    private static let owner = """
        CASE WHEN messages.owner IS NULL OR messages.owner = '\(journal)' OR excluded.status = 'queued' \
        THEN messages.owner END
        """

    private static let busy = """
        CASE WHEN messages.owner IS '\(journal)' THEN excluded.claimed_by \
        WHEN excluded.status = 'queued' THEN messages.claimed_by END
        """

    /// What was uncertain is accepted, then delivered or not, and never the other way round in one attempt: a call that
    /// storage does late, after a newer one, changes nothing.
    static func comesLate(_ known: String, _ told: String) -> String {
        """
        ifnull(\(known), '') IN ('delivered', 'undelivered') AND ifnull(\(told), '') IN ('accepted', 'unknown') \
        OR \(known) IS 'accepted' AND \(told) IS 'unknown'
        """
    }

    private static let isLate = """
        (\(comesLate("messages.delivery_status", "excluded.delivery_status"))) \
        AND ifnull(excluded.last_retry_at, '') <= ifnull(messages.last_retry_at, '')
        """

    /// Where the text does not bring it, a trigger finds it.
    private static let number = """
        CASE WHEN messages.phone_number IS excluded.phone_number THEN messages.phone_e164 ELSE excluded.phone_e164 END
        """

    private static let sql: String = {
        let columns = ["uid", "status", "created_at", "updated_at", "owner", "claimed_by", "phone_e164"] + fields
        let marks = Array(repeating: "?", count: columns.count).joined(separator: ", ")
        let changes = fields.map { "\($0) = excluded.\($0)" }.joined(separator: ", ")
        let old = fields.map { "messages.\($0)" }.joined(separator: ", ")
        let new = fields.map { "excluded.\($0)" }.joined(separator: ", ")
        return """
            INSERT INTO messages (\(columns.joined(separator: ", "))) VALUES (\(marks)) \
            ON CONFLICT (uid) WHERE uid IS NOT NULL DO UPDATE SET \
            status = \(status), updated_at = excluded.updated_at, owner = \(owner), claimed_by = \(busy), \
            phone_e164 = \(number), \(changes) \
            WHERE (messages.status, \(old)) IS NOT (\(status), \(new)) AND NOT (\(isLate))
            """
    }()

    /// All or nothing: the caller's transaction.
    static func run(_ messages: [Message], now: Timestamp, on db: Database) throws {
        let statement = try db.cachedStatement(sql: sql)
        let moment = now.description
        for message in messages {
            guard let uid = message.uid else {
                throw PluginError(.invalid, "a text without uid cannot be stored")
            }
            let outbound = message.direction == .outbound
            let sending =
                outbound && message.status == .queued
                && (message.deliveryStatus == .sending || message.deliveryStatus == .unknown)
            let timestamp = message.timestamp.description
            let hash = message.messageHash ?? (outbound ? nil : Fingerprint.of(message, uid: uid))
            try statement.execute(arguments: [
                uid, message.status.rawValue, moment, moment, outbound ? journal : nil, sending ? journal : nil,
                PhoneSQL.isE164(message.phone) ? message.phone : nil, message.phone, message.content, timestamp,
                message.modemTimestamp?.description,
                message.direction.rawValue, message.modemIndex, hash, message.retryCount,
                message.lastRetryAt?.description, message.deliveryStatus?.rawValue, message.errorCode,
                message.errorMessage, message.modemUTCOffset, message.notBefore?.description, message.sim,
                message.parts, message.incomplete, message.possibleDuplicate,
                message.asksToStop ? 1 : nil, message.answers, message.origin,
            ])
        }
    }
}

/// `message_hash` for old readers. It never decides anything here; the uid is part of it, so that an old file whose
/// column is UNIQUE still takes two equal texts of one second.
enum Fingerprint {
    static func of(_ message: Message, uid: String) -> String {
        of([message.phone, message.content, message.timestamp.description, uid])
    }

    /// 64-bit FNV-1a in 16 hex digits.
    static func of(_ fields: [String]) -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for field in fields {
            for byte in field.utf8 {
                hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
            }
            hash = (hash ^ 0xff) &* 0x100_0000_01b3
        }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
