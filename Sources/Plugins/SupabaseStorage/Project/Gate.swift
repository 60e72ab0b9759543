internal import Glibc
internal import PluginKit
internal import Synchronization

/// The one door to the project: while it is away, it is tried by one request at a time, ever more seldom, whatever the
/// host and its people ask.
final class Gate: Sendable {
    private struct State {
        var backoff: Backoff
        var last: PluginError?
    }

    private let state: Mutex<State>
    private let trial: Int64

    /// - Parameters:
    ///   - longest: between two tries, in milliseconds.
    ///   - trial: what one try may take.
    init(longest: Int64, trial: Int64) {
        state = Mutex(State(backoff: Backoff(longest: longest)))
        self.trial = trial
    }

    /// When it was passed: for `failed`.
    ///
    /// - Throws: why the project was away, when it is too early to ask again.
    func pass() throws(Refusal) -> Int64 {
        let now = Self.now
        let refusal = state.withLock { state -> Refusal? in
            guard case .wait(let pause) = state.backoff.admit(now: now, trial: trial), var error = state.last
            else { return nil }
            error.retryAfterMilliseconds = pause
            return Refusal(error, isOutage: true)
        }
        if let refusal { throw refusal }
        return now
    }

    /// True when it had been away.
    @discardableResult
    func succeeded() -> Bool {
        state.withLock { state in
            defer {
                state.backoff.succeeded()
                state.last = nil
            }
            return state.last != nil
        }
    }

    /// The error with how long it will take until anything is tried again.
    func failed(_ error: PluginError, began: Int64) -> PluginError {
        state.withLock { state in
            var error = error
            error.retryAfterMilliseconds = state.backoff.failed(
                now: Self.now, began: began, asked: error.retryAfterMilliseconds, chance: Double.random(in: 0..<1))
            state.last = error
            return error
        }
    }

    /// `CLOCK_MONOTONIC` milliseconds.
    static var now: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}
