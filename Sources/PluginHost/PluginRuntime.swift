import PluginKit
import Synchronization

/// One instance of a plugin, wherever it runs: `HostedPlugin` is one in this process.
protocol PluginRuntime: Sendable {
    /// The drop-in's name, as `10-sqlite`.
    var name: String { get }
    /// What it offers of what this host uses: `storage`, `responder`, `notifier`.
    var capabilities: [String] { get }
    var counters: CallCounters { get }
    /// Why it cannot be used though it was made; nil when it can.
    var flaw: String? { get }

    /// Says how it is now: counts, times, and what only this kind of runtime knows.
    func describe(_ state: inout PluginState)

    /// Starts it; after that it may be called. When it throws, `discard` what is left.
    func start() async throws(PluginError)

    /// Calls it, and waits for its completion, the deadline, or the caller's cancellation.
    ///
    /// - Throws: what the plugin failed with; `.unsupported` when it does not offer the capability; `.deadline`,
    ///   `.cancelled`; `.unavailable` when it is not running.
    @concurrent
    func call(_ call: PluginCall) async throws(PluginError) -> PluginReply

    /// Refuses new calls, waits for those that run, stops it.
    ///
    /// - Returns: why that was not possible.
    func stop() async -> String?

    /// Gives back an instance that owes no completion.
    ///
    /// - Returns: why that was not possible.
    func discard() -> String?
}

extension PluginRuntime {
    /// What is counted of every plugin.
    func describeCounters(_ state: inout PluginState) {
        state.calls = counters.calls.load(ordering: .relaxed)
        state.failures = counters.failures.load(ordering: .relaxed)
        state.deadlines = counters.deadlines.load(ordering: .relaxed)
        state.strayCompletions = counters.strays.load(ordering: .relaxed)
        state.medianLatency = counters.latency.quantile(0.5)
        state.highLatency = counters.latency.quantile(0.99)
    }

    func describe(_ state: inout PluginState) { describeCounters(&state) }
}

extension PluginError {
    static let notOffered = PluginError(.unsupported, "this plugin does not offer that capability")
    /// A runtime answered with another kind of reply: a defect of ours.
    static let wrongReply = PluginError(.internal, "the answer is of another kind than the call")
}
