internal import GRDB
internal import PluginKit

/// Which consent words of a number are answered now (decision 10, B12). Every word acts, whatever this says.
enum WordAnswers: Sendable, Hashable {
    case all
    /// Nothing is answered but the first STOP since then: that confirmation is owed to everybody.
    case firstStop(since: Timestamp, reason: String?)
    case none

    /// Why a word is not answered; nil where it goes without saying.
    var reason: String? {
        guard case .firstStop(_, let reason) = self else { return nil }
        return reason
    }

    /// Whether a word that changes a person's consent is answered, before it does.
    func include(stop isStop: Bool, of phone: String, _ database: Database) throws -> Bool {
        switch self {
        case .all: return true
        case .none: return false
        case .firstStop(let since, _):
            guard isStop else { return false }
            return try database.first(
                "SELECT 1 FROM consent WHERE phone = ? AND at >= ? AND action = 'out' AND source = 'sms'",
                [phone, since.milliseconds]) == nil
        }
    }

    private static let day: Int64 = 86_400_000

    /// A program at the other end gets no more answers to its words than to its other texts.
    ///
    /// - Parameter isCopy: the network delivered the text again: it was answered.
    /// - Returns: what is answered, and the rest that begins with this text. In the transaction that makes it visible.
    static func of(
        _ content: String, uid: String, phone: String, isCopy: Bool, now: Timestamp, policy: Policy, own: OwnNumbers,
        _ database: Database
    ) throws -> (answers: WordAnswers, rest: LoopRest?) {
        switch ConsentWords.request(in: content) {
        case .maybeStop, nil: return (.none, nil)
        case .stop, .start, .help: break
        }
        guard Recipient.unanswerable(phone, policy: policy, own: own) == nil else { return (.none, nil) }
        let since = Timestamp(milliseconds: now.milliseconds - day)
        if isCopy { return (.firstStop(since: since, reason: nil), nil) }
        if let rest = try LoopRest.active(phone, now: now, database) {
            return (.firstStop(since: rest.since, reason: rest.sentence), nil)
        }
        let guarding = policy.loopGuard
        if let rest = try LoopRest.begin(for: phone, at: uid, now: now, policy: guarding, database) {
            return (.firstStop(since: rest.since, reason: rest.sentence), rest)
        }
        // One that waits longer between its texts than the guard looks back.
        let given: Int =
            try database.first(
                "SELECT count(*) AS n FROM outbound WHERE phone = ? AND created_at > ? AND purpose = 'consent'",
                [phone, since.milliseconds])?["n"] ?? 0
        guard guarding.isOn, given >= guarding.answers else { return (.all, nil) }
        return (.firstStop(since: since, reason: "not answered: \(given) such words were within a day"), nil)
    }
}
