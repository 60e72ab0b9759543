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
    }

    static func isAllowed(_ phone: String, _ database: Database) throws -> Bool {
        let latest = try database.first(
            "SELECT action FROM consent WHERE phone = ? ORDER BY at DESC, action = 'out' DESC LIMIT 1", [phone])
        guard let latest else { return try !ErasedNumbers.isOut(phone, database) }
        return latest["action"] != "out"
    }

    /// Writes one event down; `uid` makes a repetition harmless.
    static func record(_ event: ConsentEvent, _ database: Database) throws {
        try database.run(
            """
            INSERT INTO consent (uid, phone, action, at, source, message_uid) VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (uid) DO NOTHING
            """,
            [
                event.uid, event.phone, event.action.rawValue, event.at.milliseconds, event.source, event.messageUID,
            ])
    }

    /// Acts on a consent word; an ordinary text does nothing.
    static func act(
        on content: String, uid: String, phone: String, sim: String, now: Timestamp, policy: Policy,
        _ database: Database
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
            let confirmation = try confirm(policy.helpAnswer, uid, phone, sim, now, database)
            return Acted(confirmation: confirmation, isHandled: true)
        case .stop, .start:
            let isStop = request == .stop
            try record(
                ConsentEvent(
                    uid: UID.make(at: now), phone: phone, action: isStop ? .out : .in, at: now, source: "sms",
                    messageUID: uid), database)
            let words = isStop ? policy.stopConfirmation : policy.startConfirmation
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
