public import PluginKit

/// The storage. It stays good when its drop-in is reloaded, enabled or disabled: each call goes to the instance that
/// serves then, and throws `.unavailable` with the reason while none does. Every method ends within the drop-in's
/// `deadline_ms`, soon after a cancellation, and throws what the plugin failed with, `.deadline` or `.cancelled`. What
/// each does: `PluginKit.Storage`.
public struct StorageHandle: Sendable {
    /// The drop-in's name, as `10-sqlite`, when the handle was taken; `storage` when none served.
    public let name: String
    let way: CallWay

    init(name: String, way: CallWay) {
        self.name = name
        self.way = way
    }

    init(name: String, plugin: any PluginRuntime) {
        self.init(name: name, way: CallWay(plugin))
    }

    /// `Storage.put`.
    public func put(_ messages: [Message]) async throws(PluginError) {
        guard case .done = try await way.call(.put(messages)) else { throw .wrongReply }
    }

    /// `Storage.exchange`.
    public func exchange(_ request: ExchangeRequest) async throws(PluginError) -> ExchangeReply {
        guard case .exchange(let reply) = try await way.call(.exchange(request)) else { throw .wrongReply }
        return reply
    }

    /// `Storage.owned`.
    public func owned(by gateway: String) async throws(PluginError) -> [Message] {
        guard case .messages(let reply) = try await way.call(.owned(gateway: gateway)) else { throw .wrongReply }
        return reply
    }

    /// `Storage.messages`.
    public func messages(_ query: MessageQuery) async throws(PluginError) -> [Message] {
        guard case .messages(let reply) = try await way.call(.messages(query)) else { throw .wrongReply }
        return reply
    }

    /// `Storage.change`.
    public func change(_ change: MessageChange) async throws(PluginError) -> Bool {
        guard case .changed(let reply) = try await way.call(.change(change)) else { throw .wrongReply }
        return reply
    }

    /// `Storage.recordConsent`.
    public func recordConsent(_ events: [ConsentEvent]) async throws(PluginError) {
        guard case .done = try await way.call(.recordConsent(events)) else { throw .wrongReply }
    }

    /// `Storage.consent`; `.unsupported` where the storage only records.
    public func consent(_ query: ConsentQuery) async throws(PluginError) -> ConsentPage {
        guard case .consent(let page) = try await way.call(.consent(query)) else { throw .wrongReply }
        return page
    }

    /// `Storage.health`.
    public func health() async throws(PluginError) -> StorageHealth {
        guard case .health(let reply) = try await way.call(.health) else { throw .wrongReply }
        return reply
    }

    /// `Storage.erase`.
    public func erase(_ request: ErasureRequest) async throws(PluginError) -> ErasureReply {
        guard case .erased(let reply) = try await way.call(.erase(request)) else { throw .wrongReply }
        return reply
    }

    /// `Storage.contact`.
    public func contact(_ phone: String) async throws(PluginError) -> StoredContact {
        guard case .contact(let reply) = try await way.call(.contact(phone: phone)) else { throw .wrongReply }
        return reply
    }

    /// `Storage.sizes`; `.unsupported` where the storage does not tell.
    public func sizes() async throws(PluginError) -> [StorageTable] {
        guard case .sizes(let reply) = try await way.call(.sizes) else { throw .wrongReply }
        return reply
    }

    /// `Storage.heartbeat`; `.unsupported` where gateways do not see each other.
    public func heartbeat(_ presence: GatewayPresence) async throws(PluginError) -> [GatewayPresence] {
        guard case .fleet(let reply) = try await way.call(.heartbeat(presence)) else { throw .wrongReply }
        return reply
    }
}
