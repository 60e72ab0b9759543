public import PluginKit

/// A notifier. It stays good when its drop-in is reloaded: each call goes to the instance that serves then.
public struct NotifierHandle: Sendable {
    /// The drop-in's name, as `90-log`.
    public let name: String
    /// Tells drop-ins apart, also one that was removed and came again.
    public let id: Int
    let way: CallWay

    init(name: String, id: Int = 0, way: CallWay) {
        self.name = name
        self.id = id
        self.way = way
    }

    init(name: String, plugin: any PluginRuntime) {
        self.init(name: name, way: CallWay(plugin))
    }

    /// Tells one event. Ends within the drop-in's `deadline_ms`, and soon after a cancellation.
    ///
    /// - Throws: what the plugin failed with; `.deadline`, `.cancelled`; `.unavailable` after `PluginHost.stop`.
    public func notify(_ event: Event) async throws(PluginError) {
        guard case .done = try await way.call(.notify(event)) else { throw .wrongReply }
    }
}
