internal import Glibc
internal import PluginKit

#if CONDUCTOR_TORTURE
    internal import FaultPoints
#endif

/// Where the gateway takes its time from; tests bring their own.
protocol GatewayClock: Sendable {
    /// The wall clock, for what people read.
    var now: Timestamp { get }
    /// Milliseconds that never jump, for leases and waits.
    var monotonicMilliseconds: Int64 { get }
    func sleep(milliseconds: Int64) async throws
}

/// The machine's clocks.
struct SystemGatewayClock: GatewayClock {
    var now: Timestamp { Timestamp(milliseconds: Self.read(CLOCK_REALTIME)) }

    #if CONDUCTOR_TORTURE
        // A soak lets a day go by in minutes: what is done by the clock is done as often as in a day.
        var monotonicMilliseconds: Int64 { Self.read(CLOCK_MONOTONIC) * Tempo.rate }

        func sleep(milliseconds: Int64) async throws {
            try await Task.sleep(for: .microseconds(milliseconds * 1_000 / Tempo.rate))
        }
    #else
        var monotonicMilliseconds: Int64 { Self.read(CLOCK_MONOTONIC) }

        func sleep(milliseconds: Int64) async throws {
            try await Task.sleep(for: .milliseconds(milliseconds))
        }
    #endif

    private static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
    }
}

extension GatewayClock {
    /// How long by this clock something takes that storage measures by its own: a lease.
    func span(ofStorage milliseconds: Int64) -> Int64 {
        #if CONDUCTOR_TORTURE
            // Storage's clock goes on as it does in life. By this one alone a claim would end in milliseconds, and its row
            // would be nobody's until storage let go of it, too.
            milliseconds * Tempo.rate
        #else
            milliseconds
        #endif
    }
}
