internal import PluginKit

extension OldText {
    /// `origin` of what was sent by the former system.
    static let origin = "import"
    /// `error_code` of a row that waited to be sent.
    static let heldCode = "imported"

    /// Why a row is no text.
    struct Flaw: Error, Hashable {
        var reason: String
    }

    /// The text as storage gets it. Nothing of it is ever sent: what waited is `failed` for every program that looks for
    /// `queued`, and `held` for people.
    func message(_ policy: Policy) throws(Flaw) -> Message {
        guard let direction = direction.flatMap({ Message.Direction(rawValue: Self.word($0)) }) else {
            throw Flaw(reason: "its direction is neither inbound nor outbound")
        }
        let written = (number ?? "").trimmed
        guard !written.isEmpty else { throw Flaw(reason: "it has no number") }
        guard let content else { throw Flaw(reason: "it has no text") }
        guard let time = at.flatMap({ Timestamp($0) }) ?? modemAt.flatMap({ Timestamp($0) }) else {
            throw Flaw(reason: "it has no time that can be read")
        }
        guard let uid else { throw Flaw(reason: "libcrypto gives no id for it") }
        // Who is no telephone, as a sender in letters, stays as it is.
        var message = Message(
            uid: uid, direction: direction, phone: policy.number(written)?.text ?? written.withoutNUL,
            content: content.withoutNUL, status: .read, timestamp: time,
            modemTimestamp: modemAt.flatMap { Timestamp($0) }, messageHash: hash?.withoutNUL,
            retryCount: max(attempts ?? 0, 0))
        let status = status.map(Self.word)
        switch direction {
        case .inbound:
            // A word that nobody knows was written by whoever dealt with it.
            if status == nil || status == "unread" { message.status = .unread }
        case .outbound:
            message.origin = Self.origin
            switch status {
            case "sent": message.status = .sent
            case "failed": message.status = .failed
            default:
                message.status = .failed
                message.deliveryStatus = .held
                message.errorCode = Self.heldCode
                message.errorMessage =
                    "it waited in the former system and may have been sent since: `conductor messages retry` sends it"
            }
        }
        return message
    }

    /// The same whenever the row is read, from a later copy of the file, too: whatever has become of it since is no part
    /// of it. Its number is, so that two equal texts are two.
    var uid: String? {
        RowKey.uid(
            named: ["former system", "\(row)", direction ?? "", number ?? "", content ?? "", rawAt ?? at ?? ""])
    }

    private static func word(_ text: String) -> String { text.trimmed.lowercased() }
}

extension String {
    fileprivate var trimmed: String {
        var text = self[...].drop(while: \.isWhitespace)
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
