import Synchronization

/// What `plugins list` counts of one instance.
final class CallCounters: Sendable {
    let calls = Atomic<Int>(0)
    let failures = Atomic<Int>(0)
    let deadlines = Atomic<Int>(0)
    let strays = Atomic<Int>(0)
    /// How often its worker was started again.
    let restarts = Atomic<Int>(0)
    let latency = LatencyHistogram()

    func add(_ counter: borrowing Atomic<Int>) { counter.wrappingAdd(1, ordering: .relaxed) }
}
