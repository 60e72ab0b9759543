/// When a worker that ended is started again: pauses that double, a budget for a span, and an end to trying. Pure: it is
/// told the time.
struct Supervision: Sendable {
    struct Policy: Sendable, Hashable {
        var firstPause = Duration.milliseconds(50)
        var longestPause = Duration.seconds(30)
        /// One that ran so long starts with the first pause again.
        var span = Duration.seconds(60)
        /// After so many ends in a row, the longest pause.
        var budget = 5
        /// After so many in a row, none of which ran for the span, it is left alone.
        var quarantineAfter = 8
    }

    enum Verdict: Sendable, Hashable {
        case restart(after: Duration)
        case quarantine
    }

    let policy: Policy
    /// Ends in a row.
    private(set) var row = 0
    private var startedAt: Int64?

    init(_ policy: Policy) { self.policy = policy }

    /// It runs from now on; `CLOCK_MONOTONIC` nanoseconds.
    mutating func started(at now: Int64) { startedAt = now }

    /// It ended, or could not be started.
    mutating func ended(at now: Int64) -> Verdict {
        if let startedAt, .nanoseconds(now - startedAt) >= policy.span { row = 0 }
        startedAt = nil
        row += 1
        guard row < policy.quarantineAfter else { return .quarantine }
        guard row <= policy.budget else { return .restart(after: policy.longestPause) }
        return .restart(after: min(policy.firstPause * (1 << (row - 1)), policy.longestPause))
    }
}
