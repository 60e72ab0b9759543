internal import PluginKit

/// What the old table has no columns for, kept in memory by the one gateway that works on it.
struct OldTableState: Sendable {
    /// A row that a gateway may choose to send, until its lease ends.
    struct Claim: Sendable {
        var gateway: String
        var until: Timestamp
        var row: OldRow
    }

    /// A text that was born in a gateway's journal and is not settled: it is put into the table when it is.
    struct Waiting: Sendable {
        var recipient: String
        var notBefore: Timestamp?
        var attempts: Int32
    }

    /// A row that is known by its uid, as it was last seen.
    struct Known: Sendable {
        var id: Int64
        var hash: String?
        var recipient: String?
        var isOnItsWay = false
        /// What was last written of it: a repetition needs no request.
        var outcome: ExchangeRequest.Outcome?
    }

    /// A begin whose answer did not come.
    struct Doubt: Sendable {
        var id: Int64
        var attempts: Int32?
        var mark: Mark
        /// `CLOCK_MONOTONIC` milliseconds.
        var since: Int64
    }

    /// See `OldRow.isStale`.
    struct Look: Sendable {
        var staleBefore: Timestamp?
        var maxAge: Int64 = 0
    }

    private static let knownLimit = 20_000

    var claims: [Int64: Claim] = [:]
    /// Rows that are not to be sent before.
    var notBefore: [Int64: Timestamp] = [:]
    var waiting: [String: Waiting] = [:]
    /// Texts whose insert may still happen, and since when; `CLOCK_MONOTONIC` milliseconds.
    var uncertain: [String: Int64] = [:]
    var doubts: [String: Doubt] = [:]
    var contact: OldTableContact?
    /// What the last look counted as too old.
    var lastLook = Look()
    private(set) var known: [String: Known] = [:]
    private var oldest: [String] = []

    /// Remembers a row by its uid.
    mutating func note(_ row: OldRow, outcome: ExchangeRequest.Outcome? = nil) {
        guard let mark = row.mark, let uid = mark.uid else { return }
        if known.updateValue(
            Known(
                id: row.id, hash: row.hash, recipient: row.recipient,
                isOnItsWay: row.isQueued && mark.isOnItsWay && mark.owner != Mark.journal, outcome: outcome),
            forKey: uid)
            == nil
        {
            oldest.append(uid)
        }
        guard oldest.count > Self.knownLimit else { return }
        // What is on its way must not be forgotten: its recipient's next text waits for it.
        let (kept, rest) = (oldest.suffix(Self.knownLimit / 2), oldest.dropLast(Self.knownLimit / 2))
        let busy = rest.filter { known[$0]?.isOnItsWay == true }
        for uid in rest where known[uid]?.isOnItsWay != true { known[uid] = nil }
        oldest = busy + kept
    }

    /// Recipients of texts that are on their way, or about to be.
    func busyRecipients(now: Timestamp) -> Set<String> {
        var recipients = Set(known.values.lazy.filter(\.isOnItsWay).compactMap(\.recipient))
        for claim in claims.values where claim.until > now {
            if let recipient = claim.row.recipient { recipients.insert(recipient) }
        }
        for text in waiting.values where !(text.attempts == 0 && (text.notBefore ?? now) > now) {
            recipients.insert(text.recipient)
        }
        return recipients
    }
}

/// Since when a gateway has looked at the table without a longer pause (decision 7): a row that came due meanwhile waits
/// for its turn, however long; one that was due long before is from another time.
struct OldTableContact: Sendable, Hashable {
    var since: Timestamp
    var last: Timestamp

    init(since: Timestamp, last: Timestamp) {
        self.since = since
        self.last = last
    }

    /// As it was saved: two numbers.
    init?(saved text: String?) {
        let parts = (text ?? "").split(separator: " ").compactMap { Int64($0) }
        guard parts.count == 2 else { return nil }
        self.init(since: Timestamp(milliseconds: parts[0]), last: Timestamp(milliseconds: parts[1]))
    }

    var saved: String { "\(since.milliseconds) \(last.milliseconds)" }

    /// What it is after a look now.
    static func looked(_ before: OldTableContact?, now: Timestamp, maxAge: Int64) -> OldTableContact {
        guard let before, now.milliseconds - before.last.milliseconds <= maxAge else {
            return OldTableContact(since: now, last: now)
        }
        return OldTableContact(since: before.since, last: now)
    }
}
