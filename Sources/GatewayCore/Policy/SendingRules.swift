internal import Foundation
internal import GRDB
internal import PluginKit

/// The one place that says whether a text may be sent, whoever asks for it: API, rows of the table, responders, plugins,
/// campaigns. It is asked when a text is chosen, and again in the transaction of its intent; only the limits, whose
/// counts the way out keeps itself, stand in `SendingTally`.
struct SendingRules: Sendable {
    let policy: Policy
    /// The shop's.
    let zone: TimeZone

    init(policy: Policy) {
        self.policy = policy
        zone = policy.timeZone.flatMap { TimeZone(identifier: $0) } ?? .current
    }

    /// IANA name of the shop's zone.
    var zoneName: String { zone.identifier }

    /// - Parameter isBegun: the network has a part of it already: what was begun is brought to its end.
    func verdict(on text: OutgoingText, isBegun: Bool, now: Timestamp, _ database: Database) throws -> Verdict {
        guard policy.number(text.phone) != nil else {
            return .never(code: "invalid-number", sentence: "the number is not one that a text can be sent to")
        }
        guard text.content.contains(where: { !$0.isWhitespace }) else {
            return .never(code: "empty-body", sentence: "the text is empty")
        }
        guard try text.purpose == .consent || Consent.isAllowed(text.phone, database) else {
            return .never(code: "opted-out", sentence: "the person has said STOP")
        }
        return isBegun ? .allow : try hours(of: text, now: now, database)
    }

    /// The window of the text's class. Whoever has just written is awake and waits for an answer: only offers keep to
    /// their hours then, too.
    private func hours(of text: OutgoingText, now: Timestamp, _ database: Database) throws -> Verdict {
        guard let window = policy.windows.window(for: text.purpose) else { return .allow }
        let zones = zones(of: text.phone)
        // Where a country is wider than the window, the shop's clock decides: it would never be sent.
        let opening =
            window.firstAllowed(from: now, in: zones)
            ?? (zones.count > 1 ? window.firstAllowed(from: now, in: zone) : nil)
        if opening == now { return .allow }
        if text.purpose != .promotion, try hasWritten(text, now: now, database) { return .allow }
        guard let opening else {
            return .never(code: Verdict.Hold.window.rawValue, sentence: "the window of its class never opens")
        }
        return .later(
            until: opening, hold: .window, sentence: "outside the hours of its class: it waits until \(opening)")
    }

    /// The zones whose clocks count for a number: it may be in any of them.
    func zones(of phone: String) -> [TimeZone] {
        guard policy.windows.isRecipients else { return [zone] }
        let zones = PhoneNumber.zones(of: phone).compactMap { TimeZone(identifier: $0) }
        return zones.isEmpty ? [zone] : zones
    }

    private func hasWritten(_ text: OutgoingText, now: Timestamp, _ database: Database) throws -> Bool {
        let since = now.milliseconds - policy.windows.graceMilliseconds
        return try database.first(
            "SELECT 1 FROM inbound WHERE phone = ? AND received_at >= ? LIMIT 1", [text.phone, since]) != nil
    }
}
