// Foundation has a Host too.
internal import struct Foundation.TimeZone
public import PluginKit

/// Answers texts by rules that a person wrote: plugin `auto-reply`, capability `conductor.responder/1`.
///
/// The first rule that matches answers. Senders that are not telephone numbers (short codes, names) are machines, and get
/// no answer.
public final class AutoResponder: Responder {
    /// Who this plugin is.
    public static let info = PluginInfo(id: "auto-reply", name: "Automatic replies", version: "0.1.0")
    /// Never blocks.
    public static let execution = Execution.inline

    private let host: Host
    private let zone: TimeZone
    private let rules: [Rule]
    private let answered: Answered

    /// Reads the rules (see `AutoReplySettings`).
    public init(host: Host, settings: Settings) throws {
        let settings = try settings.decode(AutoReplySettings.self)
        self.host = host
        guard !settings.rules.isEmpty else {
            throw PluginError(.invalid, "settings: has neither rules nor a default: nothing would ever be answered")
        }
        zone = settings.zone
        rules = settings.rules
        answered = Answered(longest: settings.rules.map(\.everyMilliseconds).max() ?? 0)
    }

    /// See `Responder`.
    public func respond(to text: InboundText, context: CallContext) async throws -> Decision {
        guard isTelephoneNumber(text.phone) else {
            return .decline(reason: "the sender is not a telephone number")
        }
        let words = Words.of(text.content)
        let now = host.now
        for (index, rule) in rules.enumerated() where rule.trigger.matches(text.content, words: words) {
            let open = rule.hours?.contains(now, in: zone) ?? true
            guard let template = open ? rule.reply : rule.closed else { continue }
            guard answered.admit(text, rule: index, every: rule.everyMilliseconds, now: now) else {
                return .decline(reason: "\(rule.title) answered this person a short while ago")
            }
            let reply = template.filled([.phone: text.phone, .text: text.content])
            // `{{text}}` of an empty text, for one.
            guard !reply.allSatisfy(\.isWhitespace) else {
                return .decline(reason: "\(rule.title) has nothing to say to this text")
            }
            return .reply(reply, reason: rule.title + (open ? "" : ", outside its hours"))
        }
        return .decline(reason: "no rule matches")
    }

    /// Seven digits are the shortest number of a person.
    private func isTelephoneNumber(_ phone: String) -> Bool {
        let digits = phone.hasPrefix("+") ? phone.dropFirst() : phone[...]
        return digits.count >= 7 && digits.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }
}
