public import PluginKit

/// Which failed texts are sent again, all at once. Those that a person cancelled or gave up are never among them.
public struct BulkRetry: Sendable, Hashable, Codable {
    /// Only those whose last attempt, or that came, no earlier than this.
    public var since: Timestamp?
    /// Only those that failed so; nil: all but those that a rule forbade.
    public var failureClass: FailureClass?
    /// Only count them.
    public var dryRun: Bool

    public init(since: Timestamp? = nil, failureClass: FailureClass? = nil, dryRun: Bool) {
        self.since = since
        self.failureClass = failureClass
        self.dryRun = dryRun
    }

    private enum CodingKeys: String, CodingKey {
        case since
        case failureClass = "class"
        case dryRun
    }
}

/// What `GatewayControl.retryFailed` found and did.
public struct BulkRetryReport: Sendable, Hashable, Codable {
    /// Texts that fit.
    public var found: Int
    /// The same by their class.
    public var byClass: [String: Int]
    /// Texts that are in the queue again; 0 for a dry run.
    public var retried: Int
    /// Texts that fit and cannot be sent again: too old for the journal they were born in, or changed meanwhile.
    public var skipped: Int

    public init(found: Int, byClass: [String: Int], retried: Int = 0, skipped: Int = 0) {
        self.found = found
        self.byClass = byClass
        self.retried = retried
        self.skipped = skipped
    }
}

/// What a person says of a text that may or may not have been sent.
public struct Settlement: Sendable, Hashable, Codable {
    public enum Outcome: String, Sendable, Hashable, Codable, CaseIterable {
        /// It was: nothing is sent again, and the rest of a longer text follows.
        case sent
        /// It is sent again, whatever became of it.
        case resend
        /// It was not, and shall not be.
        case failed
    }

    public var outcome: Outcome
    /// Who says so, as `user@machine`.
    public var by: String?

    public init(_ outcome: Outcome, by: String? = nil) {
        self.outcome = outcome
        self.by = by
    }
}
