internal import PluginKit

/// What policy says of a text that is about to be sent (decision 11): never silence.
enum Verdict: Sendable, Hashable {
    case allow
    /// It stays queued, not before `until`.
    case later(until: Timestamp, hold: Hold, sentence: String)
    /// It fails with this reason.
    case never(code: String, sentence: String)

    /// What keeps a text back for a time.
    enum Hold: String, Sendable, Hashable, CaseIterable {
        case window = "outside-window"
        case recipientMinute = "limit-recipient-minute"
        case recipientDay = "limit-recipient-day"
        case pluginMinute = "limit-plugin-minute"
        case pluginDay = "limit-plugin-day"
        /// No SIM that may send it has room for all of it today.
        case simDay = "limit-sim-day"
        case budget

        /// It waits for some time to go by, not for a time of day.
        var isWait: Bool { self == .recipientMinute || self == .pluginMinute }

        /// All codes, as SQL lists them.
        static let list = allCases.map { "'\($0.rawValue)'" }.joined(separator: ", ")
    }
}
