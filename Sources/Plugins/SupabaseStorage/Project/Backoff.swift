internal import PluginKit

/// How long to leave a project in peace that is away: twice as long after each failure, with some chance in it, so that
/// many gateways do not come back at one moment. Pure: told the time and the chance.
struct Backoff {
    /// After the first failure.
    static let first: Int64 = 250

    enum Verdict: Sendable, Equatable {
        case go
        /// Nobody may ask before so many milliseconds.
        case wait(Int64)
    }

    private let longest: Int64
    private(set) var failures = 0
    private var opensAt: Int64 = 0
    private var failedAt: Int64 = .min

    init(longest: Int64) { self.longest = longest }

    /// Whether to ask now. After a failure one asks, and all others wait until it knows.
    ///
    /// - Parameter trial: milliseconds that the one which asks may take.
    mutating func admit(now: Int64, trial: Int64) -> Verdict {
        guard failures > 0 else { return .go }
        guard now >= opensAt else { return .wait(opensAt - now) }
        opensAt = now + trial
        return .go
    }

    mutating func succeeded() { failures = 0 }

    /// - Parameters:
    ///   - began: when the request that failed was admitted: many that fail over one thing are one failure.
    ///   - asked: what the server wants, in milliseconds; it is kept, however long.
    ///   - chance: 0..<1.
    /// - Returns: milliseconds until the next try.
    @discardableResult
    mutating func failed(now: Int64, began: Int64, asked: Int64?, chance: Double) -> Int64 {
        if failures > 0, began < failedAt, opensAt > now { return opensAt - now }
        failedAt = now
        failures = min(failures + 1, 32)
        let usual = min(longest, Self.first << Int64(min(failures - 1, 16)))
        let shortened = usual / 2 + Int64(Double(usual / 2) * chance)
        let pause = asked.map { max(shortened, $0 + Int64(Double(min($0, 2_000)) * chance / 4)) } ?? shortened
        opensAt = now + pause
        return pause
    }
}
