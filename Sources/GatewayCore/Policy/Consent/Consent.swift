internal import GRDB
internal import PluginKit

/// Who may be texted: append-only events, the latest of a number wins, a tie means out (decision 10).
enum Consent {
    /// What a text did to its sender's consent.
    struct Acted {
        /// The one confirmation, exempt from consent by its purpose.
        var confirmation: OutgoingText?
        /// The text was a consent word: no plugin is asked about it.
        var isHandled = false
        var maybeStop = false
        /// Why it got no answer, for the story of the text; nil where it goes without saying.
        var reason: String?
    }

    /// A change that somebody makes for a person, or a list does.
    struct Change: Sendable {
        var phone: String
        var action: ConsentEvent.Action
        /// When the person said so; nil is now.
        var at: Timestamp?
        /// `sms`, `cli`, `api`, `import:NAME`, `table`.
        var source: String
        var messageUID: String?
        /// Who entered it, and why they might.
        var by: String?
        var reason: String?
    }

    static func isAllowed(_ phone: String, _ database: Database) throws -> Bool {
        try database.first(allowed, [phone])?["allowed"] ?? true
    }

    /// What `latest` says, else what is known of an erased number: asked twice for every part that is sent.
    private static let allowed = """
        SELECT ifnull((SELECT action <> 'out' FROM consent WHERE phone = ?1 ORDER BY at DESC, action = 'out' DESC LIMIT 1),
            NOT \(ErasedNumbers.isOut("?1"))) AS allowed
        """

    /// The event that decides about a number now.
    static func latest(_ phone: String, _ database: Database) throws -> ConsentEvent? {
        try database.first(
            "SELECT * FROM consent WHERE phone = ? ORDER BY at DESC, action = 'out' DESC LIMIT 1", [phone]
        ).map(ConsentEvent.init(row:))
    }

    /// Appends an event that happens now. What is known came before it, though the clock may have been set back since.
    @discardableResult
    static func change(_ change: Change, now: Timestamp, _ database: Database) throws -> ConsentEvent {
        var at = change.at ?? now
        if change.at == nil, let known = try latest(change.phone, database), known.at > now {
            at = Timestamp(milliseconds: known.at.milliseconds + (change.action == .in ? 1 : 0))
        }
        let event = ConsentEvent(
            uid: UID.make(at: now), phone: change.phone, action: change.action, at: at, source: change.source,
            messageUID: change.messageUID)
        _ = try add(event, by: change.by, reason: change.reason, isStored: false, database)
        return event
    }

    /// Writes one event down; `uid` makes a repetition harmless.
    static func record(_ event: ConsentEvent, _ database: Database) throws {
        _ = try add(event, isStored: false, database)
    }

    /// Writes one event down.
    ///
    /// - Parameter isStored: it came from storage.
    /// - Returns: whether it was new.
    static func add(
        _ event: ConsentEvent, by: String? = nil, reason: String? = nil, isStored: Bool, _ database: Database
    ) throws -> Bool {
        try database.run(
            """
            INSERT INTO consent (uid, phone, action, at, source, message_uid, entered_by, reason, stored)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (uid) DO NOTHING
            """,
            [
                event.uid, event.phone, event.action.rawValue, event.at.milliseconds, event.source, event.messageUID,
                by, reason, isStored,
            ])
        return database.changesCount > 0
    }

    /// Acts on a consent word; an ordinary text does nothing.
    ///
    /// - Parameter answers: which words are answered; all of them count.
    static func act(
        on content: String, uid: String, phone: String, sim: String, now: Timestamp, policy: Policy,
        answers: WordAnswers, _ database: Database
    ) throws -> Acted {
        guard let request = ConsentWords.request(in: content), policy.number(phone) != nil else { return Acted() }
        let allowed = try isAllowed(phone, database)
        switch request {
        case .maybeStop:
            return Acted(maybeStop: true)
        case .start where allowed:
            return Acted()
        case .stop where !allowed:
            return Acted(isHandled: true)
        case .help:
            guard answers == .all else { return Acted(isHandled: true, reason: answers.reason) }
            return Acted(
                confirmation: try confirm(policy.observes ? "" : policy.helpAnswer, uid, phone, sim, now, database),
                isHandled: true)
        case .stop, .start:
            let isStop = request == .stop
            let isOwed = try answers.include(stop: isStop, of: phone, database)
            try change(
                Change(phone: phone, action: isStop ? .out : .in, source: "sms", messageUID: uid), now: now, database)
            // STOP and START of the same moment: out. Then nothing says otherwise.
            guard isOwed, try isAllowed(phone, database) != isStop else {
                return Acted(isHandled: true, reason: answers.reason)
            }
            let words = policy.observes ? "" : isStop ? policy.stopConfirmation : policy.startConfirmation
            return Acted(confirmation: try confirm(words, uid, phone, sim, now, database), isHandled: true)
        }
    }

    private static func confirm(
        _ words: String, _ uid: String, _ phone: String, _ sim: String, _ now: Timestamp, _ database: Database
    ) throws -> OutgoingText? {
        guard !words.isEmpty else { return nil }
        return try OutgoingText.insert(
            OutgoingText.Birth(
                uid: UID.make(at: now), storageID: nil, origin: "policy", purpose: .consent, phone: phone,
                content: words, sim: sim, notBefore: nil, answers: uid, idempotencyKey: nil),
            now: now, database)
    }
}
