import PluginKit

/// One word for how a text stands.
enum MessageWord {
    /// `planned` for a text whose sender named a later time, `waits` for one that policy, network or modem keep back until
    /// later; else what is stored.
    static func of(_ message: Message, now: Timestamp) -> String {
        if isDelayed(message, now: now) { return message.errorCode == nil ? "planned" : "waits" }
        return message.deliveryStatus?.rawValue ?? message.status.rawValue
    }

    /// Whether it is in the queue, and does not leave before a time to come.
    static func isDelayed(_ message: Message, now: Timestamp) -> Bool {
        guard message.direction == .outbound, message.status == .queued, let until = message.notBefore, until > now
        else { return false }
        return message.deliveryStatus == nil || message.deliveryStatus == .sending
    }
}
