public import PluginKit

/// A running notifier.
public struct NotifierHandle: Sendable {
    /// The drop-in's name, as `90-log`.
    public let name: String
    let plugin: any PluginRuntime

    /// Tells one event. Ends within the drop-in's `deadline_ms`, and soon after a cancellation.
    ///
    /// - Throws: what the plugin failed with; `.deadline`, `.cancelled`; `.unavailable` after `PluginHost.stop`.
    public func notify(_ event: Event) async throws(PluginError) {
        guard case .done = try await plugin.call(.notify(event)) else { throw .wrongReply }
    }
}
