internal import GRDB
internal import PluginKit

/// Notices that another program answers through the table what our responders have answered (decision 6): a person then
/// gets two answers to one text.
struct ForeignReplies: Sendable {
    /// A row this long after our answer is a new thought.
    static let windowMilliseconds: Int64 = 300_000
    /// The alarm goes when there was none for so long.
    static let memoryMilliseconds: Int64 = 3_600_000

    private let journal: Journal
    private let alarms: Alarms?
    private let clock: any GatewayClock
    private var lastAt: Int64?

    init(journal: Journal, alarms: Alarms?, clock: any GatewayClock) {
        self.journal = journal
        self.alarms = alarms
        self.clock = clock
    }

    /// A row that another program queued for this number.
    mutating func look(at row: Message, _ phone: String?) {
        guard let phone, let alarms else { return }
        let since = clock.now.milliseconds - Self.windowMilliseconds
        let answered = try? journal.read { database in
            try database.first(
                """
                SELECT i.uid FROM outbound o JOIN inbound i ON i.uid = o.answers
                WHERE o.phone = ?1 AND o.created_at >= ?2 AND o.origin LIKE 'responder:%' AND i.received_at <= ?3
                    AND NOT EXISTS (SELECT 1 FROM inbound n WHERE n.phone = ?1 AND n.seq > i.seq AND n.visible = 1)
                """, [phone, since, row.timestamp.milliseconds])
        }
        guard let uid = (answered ?? nil)?["uid"] as String? else { return }
        lastAt = clock.monotonicMilliseconds
        alarms.raise(
            "bots.two",
            "another program queues answers to texts that our responders have answered, the last to \(uid): name what is "
                + "its in `policy: external_bots`, or disable it or our responder (`conductor plugins disable`)")
    }

    /// Takes the alarm back in time.
    mutating func forget() {
        guard let last = lastAt, clock.monotonicMilliseconds - last > Self.memoryMilliseconds else { return }
        lastAt = nil
        alarms?.clear("bots.two")
    }
}
