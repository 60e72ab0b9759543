#if CONDUCTOR_TORTURE
    internal import FaultPoints
#endif

/// When a text that was refused for a passing reason is tried again: 5 s, doubling up to 10 min, each ± 20 %, so that
/// texts refused together do not come back together.
struct RetryPolicy: Sendable {
    /// After so many refusals a text is `failed`.
    var maxAttempts: Int
    var firstMilliseconds: Int64 = 5_000
    var longestMilliseconds: Int64 = 600_000

    init(maxAttempts: Int = 8) {
        self.maxAttempts = maxAttempts
        #if CONDUCTOR_TORTURE
            if Tempo.isShort { (firstMilliseconds, longestMilliseconds) = (300, 2_000) }
        #endif
    }

    /// Milliseconds to wait after the given number of attempts (from 1); nil when there shall be no other.
    func delay(afterAttempts attempts: Int, using random: inout some RandomNumberGenerator) -> Int64? {
        guard attempts < maxAttempts else { return nil }
        let doubled = firstMilliseconds << Int64(min(max(attempts - 1, 0), 20))
        let base = min(doubled, longestMilliseconds)
        return base * Int64.random(in: 80...120, using: &random) / 100
    }
}
