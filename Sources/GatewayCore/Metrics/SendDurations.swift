internal import Synchronization

/// How long parts took from their intent to their outcome, whatever it was.
final class SendDurations: Sendable {
    /// Upper bounds of the buckets in seconds: a text takes some seconds, and a modem that answers late up to minutes.
    static let bounds: [Double] = [0.25, 0.5, 1, 2, 3, 5, 10, 30, 60, 120]

    private struct State {
        /// How many were at most each bound.
        var within = Array(repeating: 0, count: SendDurations.bounds.count)
        var count = 0
        var sum = 0.0
    }

    private let state = Mutex(State())

    /// A clock that was put back meanwhile counts as no time.
    func record(milliseconds: Int64) {
        let seconds = Double(max(0, milliseconds)) / 1_000
        state.withLock { state in
            for (index, bound) in Self.bounds.enumerated() where seconds <= bound { state.within[index] += 1 }
            state.count += 1
            state.sum += seconds
        }
    }

    func write(to page: inout MetricsPage) {
        let name = "conductor_send_duration_seconds"
        let state = state.withLock { $0 }
        page.begin(name, "histogram", "How long parts of texts took from their intent to their outcome.")
        for (bound, count) in zip(Self.bounds, state.within) {
            page.add("\(name)_bucket", MetricsPage.labels([("le", "\(bound)")]), Double(count))
        }
        page.add("\(name)_bucket", MetricsPage.labels([("le", "+Inf")]), Double(state.count))
        page.add("\(name)_sum", "", state.sum)
        page.add("\(name)_count", "", Double(state.count))
    }
}
