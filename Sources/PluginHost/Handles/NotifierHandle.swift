public import PluginKit

/// A running notifier.
public struct NotifierHandle: Sendable {
    /// The drop-in's name, as `90-log`.
    public let name: String
    let plugin: HostedPlugin

    /// Tells one event. Ends within the drop-in's `deadline_ms`, and soon after a cancellation.
    ///
    /// - Throws: what the plugin failed with; `.deadline`, `.cancelled`; `.unavailable` after `PluginHost.stop`.
    public func notify(_ event: Event) async throws(PluginError) {
        guard let notify = plugin.notifier?.notify else { throw .notOffered }
        try await plugin.call(as: Void.self) { raw, call, token in
            var arena = Arena()
            var form = event.cForm(in: &arena)
            notify(raw, call, &form, Completions.none, token)
            arena.end()
        }
    }
}
