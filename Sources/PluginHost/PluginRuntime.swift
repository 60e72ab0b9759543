import PluginKit

/// One instance of a plugin, wherever it runs: `HostedPlugin` is one in this process.
protocol PluginRuntime: Sendable {
    /// The drop-in's name, as `10-sqlite`.
    var name: String { get }
    /// What it offers of what this host uses: `storage`, `responder`, `notifier`.
    var capabilities: [String] { get }
    var counters: CallCounters { get }

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

extension PluginError {
    static let notOffered = PluginError(.unsupported, "this plugin does not offer that capability")
    /// A runtime answered with another kind of reply: a defect of ours.
    static let wrongReply = PluginError(.internal, "the answer is of another kind than the call")
}
