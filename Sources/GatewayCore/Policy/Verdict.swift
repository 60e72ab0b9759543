internal import PluginKit

/// What policy says of a text that is about to be sent (decision 11): never silence.
enum Verdict: Sendable, Hashable {
    case allow
    /// It stays queued, not before `until`.
    case later(until: Timestamp, code: String, sentence: String)
    /// It fails with this reason.
    case never(code: String, sentence: String)
}
