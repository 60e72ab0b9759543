import CPluginABI
public import PluginKit

/// The running storage. Every method ends within the drop-in's `deadline_ms`, soon after a cancellation, and throws what
/// the plugin failed with, `.deadline`, `.cancelled`, or `.unavailable` after `PluginHost.stop`. What each does:
/// `PluginKit.Storage`.
public struct StorageHandle: Sendable {
    /// The drop-in's name, as `10-sqlite`.
    public let name: String
    let plugin: HostedPlugin

    /// `Storage.put`.
    public func put(_ messages: [Message]) async throws(PluginError) {
        guard let put = plugin.storage?.put else { throw .notOffered }
        try await plugin.call(as: Void.self) { raw, call, token in
            var arena = Arena(capacity: 256 + messages.count * 384)
            put(raw, call, arena.array(messages), Completions.none, token)
            arena.end()
        }
    }

    /// `Storage.exchange`.
    public func exchange(_ request: ExchangeRequest) async throws(PluginError) -> ExchangeReply {
        guard let exchange = plugin.storage?.exchange else { throw .notOffered }
        return try await plugin.call(as: ExchangeReply.self) { raw, call, token in
            var arena = Arena(capacity: 512 + (request.finished.count + request.starting.count) * 256)
            var form = request.cForm(in: &arena)
            exchange(raw, call, &form, Completions.exchange, token)
            arena.end()
        }
    }

    /// `Storage.owned`.
    public func owned(by gateway: String) async throws(PluginError) -> [Message] {
        guard let owned = plugin.storage?.owned else { throw .notOffered }
        return try await plugin.call(as: MessagesReply.self) { raw, call, token in
            var arena = Arena()
            owned(raw, call, arena.slice(gateway), Completions.messages, token)
            arena.end()
        }.messages
    }

    /// `Storage.messages`.
    public func messages(_ query: MessageQuery) async throws(PluginError) -> [Message] {
        guard let messages = plugin.storage?.messages else { throw .notOffered }
        return try await plugin.call(as: MessagesReply.self) { raw, call, token in
            var arena = Arena()
            var form = query.cForm(in: &arena)
            messages(raw, call, &form, Completions.messages, token)
            arena.end()
        }.messages
    }

    /// `Storage.change`.
    public func change(_ change: MessageChange) async throws(PluginError) -> Bool {
        guard let function = plugin.storage?.change else { throw .notOffered }
        return try await plugin.call(as: ChangeReply.self) { raw, call, token in
            var arena = Arena()
            var form = change.cForm(in: &arena)
            function(raw, call, &form, Completions.change, token)
            arena.end()
        }.changed
    }

    /// `Storage.recordConsent`.
    public func recordConsent(_ events: [ConsentEvent]) async throws(PluginError) {
        guard let record = plugin.storage?.record_consent else { throw .notOffered }
        try await plugin.call(as: Void.self) { raw, call, token in
            var arena = Arena()
            record(raw, call, arena.array(events), Completions.none, token)
            arena.end()
        }
    }

    /// `Storage.health`.
    public func health() async throws(PluginError) -> StorageHealth {
        guard let health = plugin.storage?.health else { throw .notOffered }
        return try await plugin.call(as: StorageHealth.self) { raw, call, token in
            health(raw, call, Completions.health, token)
        }
    }
}
