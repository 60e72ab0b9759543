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

    /// An attempt that has an outcome does not begin again, and one whose report is no longer waited for does not wait:
    /// of a text that is sent again, `last_retry_at` is another.
    private static let beginsAgain = """
        excluded.delivery_status IS 'sending' AND ifnull(messages.delivery_status, '') IN ('unknown', 'accepted', \
        'delivered', 'undelivered', 'refused', 'expired', 'opted_out') \
        OR excluded.delivery_status IS 'unknown' AND excluded.status = 'queued' \
        AND messages.delivery_status IS 'unknown' AND messages.status IS NOT 'queued'
        """

    private static let isLate = """
        (\(comesLate("messages.delivery_status", "excluded.delivery_status")) OR \(beginsAgain)) \
        AND ifnull(excluded.last_retry_at, '') <= ifnull(messages.last_retry_at, '')
        """

    /// Where the text does not bring it, a trigger finds it.
    private static let number = """
        CASE WHEN messages.phone_number IS excluded.phone_number THEN messages.phone_e164 ELSE excluded.phone_e164 END
        """

    private static let insert: RowInsert = {
        let columns = ["uid", "status", "created_at", "updated_at", "owner", "claimed_by", "phone_e164"] + fields
        let changes = fields.map { "\($0) = excluded.\($0)" }.joined(separator: ", ")
        let old = fields.map { "messages.\($0)" }.joined(separator: ", ")
        let new = fields.map { "excluded.\($0)" }.joined(separator: ", ")
        return RowInsert(
            into: "messages", columns: columns,
            """
            ON CONFLICT (uid) WHERE uid IS NOT NULL DO UPDATE SET \
            status = \(status), updated_at = excluded.updated_at, owner = \(owner), claimed_by = \(busy), \
            phone_e164 = \(number), \(changes) \
            WHERE (messages.status, \(old)) IS NOT (\(status), \(new)) AND NOT (\(isLate))
            """)
    }()

    /// All or nothing: the caller's transaction.
    static func run(_ messages: [Message], now: Timestamp, on db: Database) throws {
        let moment = now.description
        try insert.run(messages, on: db) { message, row in
            guard let uid = message.uid else {
                throw PluginError(.invalid, "a text without uid cannot be stored")
            }
            let outbound = message.direction == .outbound
            let sending =
                outbound && message.status == .queued
                && (message.deliveryStatus == .sending || message.deliveryStatus == .unknown)
            row.add(uid)
            row.add(message.status.rawValue)
            row.add(moment)
            row.add(moment)
            row.add(outbound ? journal : nil)
            row.add(sending ? journal : nil)
            row.add(PhoneSQL.isE164(message.phone) ? message.phone : nil)
            // What may change, in the order of `fields`.
            row.add(message.phone)
            row.add(message.content)
            row.add(message.timestamp.description)
            row.add(message.modemTimestamp?.description)
            row.add(message.direction.rawValue)
            row.add(message.modemIndex)
            row.add(message.messageHash ?? (outbound ? nil : Fingerprint.of(message, uid: uid)))
            row.add(message.retryCount)
            row.add(message.lastRetryAt?.description)
            row.add(message.deliveryStatus?.rawValue)
            row.add(message.errorCode)
            row.add(message.errorMessage)
            row.add(message.modemUTCOffset)
            row.add(message.notBefore?.description)
            row.add(message.sim)
            row.add(message.parts)
            row.add(message.incomplete)
            row.add(message.possibleDuplicate)
            row.add(message.asksToStop ? 1 : nil)
            row.add(message.answers)
            row.add(message.origin)
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
