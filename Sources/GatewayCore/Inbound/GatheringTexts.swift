internal import Foundation
internal import GRDB
internal import PluginKit
internal import SMSCodec

/// The journal's texts of several parts, as far as a decision needs them, in the machine that decides.
///
/// One value serves one transaction: the machine knows what the journal has before it is asked, and what it says is
/// written down in the same commit. So nothing needs to be put back after a crash or a commit that failed.
struct GatheringTexts {
    /// A sender that gives all its texts one reference has many under one key: the newest so many are looked at.
    private static let newest = 32

    /// CROSS JOIN: SQLite begins with the few texts. Left to itself it walks through all readings in the order of their
    /// ids, which took 58 ms among 100,000 of them.
    private static let texts = """
        SELECT inbound.uid, inbound.phone, inbound.sim, received_at, give_up_at, visible, copy_of, reading.id,
            reading.pdu
        FROM inbound CROSS JOIN reading ON reading.uid = inbound.uid
        """
    static let waiting = texts + " WHERE visible = 0 AND give_up_at > 0 ORDER BY reading.id"
    static let ofOneKey =
        texts + """
             WHERE inbound.seq IN (
                SELECT seq FROM inbound WHERE assembly = ? AND received_at > ? ORDER BY seq DESC LIMIT ?)
            ORDER BY reading.id
            """

    private var machine: Reassembler<Int64>
    private var knowsWaiting = false
    private var known: Set<ConcatenationKey> = []

    init(policy: Policy) {
        var limits = policy.reassembly
        // The journal remembers; what is loaded is needed.
        limits.remembered = .max
        machine = Reassembler(limits: limits)
    }

    /// What becomes of a part, and of texts that must make room for it.
    mutating func offer(
        _ part: ReceivedPart<Int64>, now: Timestamp, _ database: Database
    ) throws -> [ReassemblyEvent<Int64>] {
        if let key = part.key {
            try loadWaiting(database)
            if known.insert(key).inserted { try load(key, now: now, database) }
        }
        return machine.offer(part, now: now.milliseconds)
    }

    /// What becomes of texts that have waited long enough.
    mutating func expire(now: Timestamp, _ database: Database) throws -> [ReassemblyEvent<Int64>] {
        try loadWaiting(database)
        let due = try database.all(
            "SELECT DISTINCT assembly FROM inbound WHERE visible = 0 AND give_up_at <= ?", [now.milliseconds])
        for row in due {
            if let key = ConcatenationKey(row["assembly"] as String), known.insert(key).inserted {
                try load(key, now: now, database)
            }
        }
        return machine.expire(now: now.milliseconds)
    }

    /// Those that wait, whoever sent them: the limits count them all.
    private mutating func loadWaiting(_ database: Database) throws {
        guard !knowsWaiting else { return }
        knowsWaiting = true
        restore(try database.all(Self.waiting))
    }

    /// Those of one key that may still be amended, or repeated.
    private mutating func load(_ key: ConcatenationKey, now: Timestamp, _ database: Database) throws {
        restore(
            try database.all(
                Self.ofOneKey, [key.description, now.milliseconds - machine.limits.amendable, Self.newest]))
    }

    private mutating func restore(_ rows: [Row]) {
        for rows in Dictionary(grouping: rows, by: { $0["uid"] as String }).values {
            guard let head = rows.first else { continue }
            let parts = rows.compactMap { row -> ReceivedPart<Int64>? in
                guard case .deliver(let deliver)? = try? TPDU.decode([UInt8](row["pdu"] as Data)) else { return nil }
                return ReceivedPart(id: row["id"], message: deliver, sender: row["phone"], sim: row["sim"])
            }
            let text = GatheredText(
                parts: parts, isDelivered: head["visible"], openedAt: head["received_at"],
                deadline: head["give_up_at"], copyOf: head["copy_of"])
            if let text { machine.restore(text) }
        }
    }
}
