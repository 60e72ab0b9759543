import PluginKit
import Synchronization

/// A file of plugins.d, and what runs for it: at most one generation that is called, and those that end.
struct Slot: Sendable {
    /// Of this slot among all that the host ever had.
    let number: Int
    /// `10-sqlite.yaml`.
    let fileName: String
    var plugin = ""
    var current: Generation?
    var draining: [Generation] = []
    /// How it stands while there is no `current`.
    var phase = PluginState.Phase.refused
    /// What is wrong with the file as it is now; beside a `current`, what that serves on in spite of.
    var problem: String?
    /// What could not be loaded or started: not tried again by itself until something of it changes.
    var failed: Identity?
    /// How many generations began to serve.
    var generations = 0
    /// Figures of the generations that have ended.
    var past = Totals()
    /// What the last generation was, for the report of one that does not run.
    var lastFacts: LibraryFacts?

    init(number: Int, fileName: String) {
        self.number = number
        self.fileName = fileName
    }

    /// `10-sqlite`.
    var name: String { DropIn.stem(of: fileName) }

    struct Totals: Sendable {
        var calls = 0
        var failures = 0
        var deadlines = 0
        var strays = 0
        var restarts = 0
        var latencies = PluginState.Latencies()

        mutating func add(_ counters: CallCounters) {
            calls += counters.calls.load(ordering: .relaxed)
            failures += counters.failures.load(ordering: .relaxed)
            deadlines += counters.deadlines.load(ordering: .relaxed)
            strays += counters.strays.load(ordering: .relaxed)
            restarts += counters.restarts.load(ordering: .relaxed)
            latencies.add(counters.latency.distribution(PluginState.Latencies.bounds))
        }
    }

    /// The slot as it stands now.
    var report: PluginState {
        var totals = past
        for generation in draining + [current].compactMap({ $0 }) { totals.add(generation.runtime.counters) }
        let facts = current?.facts ?? lastFacts
        var report = PluginState(
            dropIn: fileName, plugin: plugin, version: facts?.version,
            capabilities: current?.runtime.capabilities ?? facts?.shortCapabilities ?? [],
            state: current == nil ? phase : .running, problem: problem, calls: 0, failures: 0, deadlines: 0,
            strayCompletions: 0)
        report.isolation = facts?.isolation
        current?.describe(&report)
        report.calls = totals.calls
        report.failures = totals.failures
        report.deadlines = totals.deadlines
        report.strayCompletions = totals.strays
        report.restarts = totals.restarts
        report.latencies = totals.latencies
        report.generations = generations
        return report
    }
}
