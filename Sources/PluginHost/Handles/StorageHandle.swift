public import PluginKit

/// The running storage. Every method ends within the drop-in's `deadline_ms`, soon after a cancellation, and throws what
/// the plugin failed with, `.deadline`, `.cancelled`, or `.unavailable` after `PluginHost.stop`. What each does:
/// `PluginKit.Storage`.
public struct StorageHandle: Sendable {
    /// The drop-in's name, as `10-sqlite`.
    public let name: String
    let plugin: any PluginRuntime

    /// `Storage.put`.
    public func put(_ messages: [Message]) async throws(PluginError) {
        guard case .done = try await plugin.call(.put(messages)) else { throw .wrongReply }
    }

    /// `Storage.exchange`.
    public func exchange(_ request: ExchangeRequest) async throws(PluginError) -> ExchangeReply {
        guard case .exchange(let reply) = try await plugin.call(.exchange(request)) else { throw .wrongReply }
        return reply
    }

    /// `Storage.owned`.
    public func owned(by gateway: String) async throws(PluginError) -> [Message] {
        guard case .messages(let reply) = try await plugin.call(.owned(gateway: gateway)) else { throw .wrongReply }
        return reply
    }

    /// `Storage.messages`.
    public func messages(_ query: MessageQuery) async throws(PluginError) -> [Message] {
        guard case .messages(let reply) = try await plugin.call(.messages(query)) else { throw .wrongReply }
        return reply
    }

    /// `Storage.change`.
    public func change(_ change: MessageChange) async throws(PluginError) -> Bool {
        guard case .changed(let reply) = try await plugin.call(.change(change)) else { throw .wrongReply }
        return reply
    }

    /// `Storage.recordConsent`.
    public func recordConsent(_ events: [ConsentEvent]) async throws(PluginError) {
        guard case .done = try await plugin.call(.recordConsent(events)) else { throw .wrongReply }
    }

    /// `Storage.health`.
    public func health() async throws(PluginError) -> StorageHealth {
        guard case .health(let reply) = try await plugin.call(.health) else { throw .wrongReply }
        return reply
    }
}
