internal import GRDB
internal import PluginKit

/// Whose a text is: our responders', other programs', or only people's.
struct Recipient: Sendable {
    /// The responders are asked.
    var isForResponders: Bool
    /// Why not, for the story of the text; nil where it goes without saying.
    var reason: String?
    /// `bots` or `us`, with `external_bots` in the policy.
    var leftTo: String?
    /// Begun by this text.
    var rest: LoopRest?

    private init(_ reason: String?, rest: LoopRest? = nil) {
        isForResponders = false
        self.reason = reason
        self.rest = rest
    }

    private init(isForResponders: Bool) {
        self.isForResponders = isForResponders
    }

    /// What is known of a text when it is complete.
    struct Facts {
        var uid: String
        var phone: String
        var sim: String
        var content: String
        /// A consent word: done.
        var isHandled: Bool
        /// Octet for octet like an earlier one.
        var isCopy: Bool
        var asksToStop: Bool
    }

    /// In the transaction that makes the text visible.
    static func of(
        _ text: Facts, now: Timestamp, policy: Policy, own: OwnNumbers, _ database: Database
    ) throws -> Recipient {
        var recipient = try choose(text, now: now, policy: policy, own: own, database)
        guard let bots = policy.externalBots else { return recipient }
        let isTheirs =
            !text.isHandled && !text.isCopy && !text.asksToStop
            && bots.matches(phone: text.phone, sim: text.sim, content: text.content)
        recipient.leftTo = isTheirs ? "bots" : "us"
        if isTheirs, recipient.isForResponders {
            recipient.isForResponders = false
            recipient.reason = "left to other programs (policy: external_bots)"
        }
        return recipient
    }

    private static func choose(
        _ text: Facts, now: Timestamp, policy: Policy, own: OwnNumbers, _ database: Database
    ) throws -> Recipient {
        if text.isHandled || text.isCopy { return Recipient(nil) }
        // Hours later, when the gateway begins to answer, an answer would come as a surprise.
        if policy.observes {
            return Recipient("left to people: the gateway only observed when it came (run --observe)")
        }
        if let reason = unanswerable(text.phone, policy: policy, own: own) { return Recipient(reason) }
        if text.asksToStop { return Recipient("left to people: it asks to stop without being the word STOP") }
        guard try Consent.isAllowed(text.phone, database) else {
            return Recipient("not answered: the person has said STOP")
        }
        if AutomaticText.isOne(text.content) { return Recipient("not answered: it says that nobody wrote it") }
        if let rest = try LoopRest.active(text.phone, now: now, database) { return Recipient(rest.sentence) }
        if let rest = try LoopRest.begin(for: text.phone, at: text.uid, now: now, policy: policy.loopGuard, database) {
            return Recipient(rest.sentence, rest: rest)
        }
        return Recipient(isForResponders: true)
    }

    /// Why nothing is ever sent to this sender by itself; nil for a person's number (B12).
    static func unanswerable(_ phone: String, policy: Policy, own: OwnNumbers) -> String? {
        guard let number = policy.number(phone) else { return "not answered: the sender is a name and no number" }
        if number.isShortCode { return "not answered: the sender is a short code" }
        if own.has(number.text) { return "not answered: the sender is one of our own SIMs" }
        return nil
    }
}
