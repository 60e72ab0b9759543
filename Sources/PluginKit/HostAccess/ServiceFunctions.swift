/// The host's services as closures, for a plugin's own tests. One that is not given fails as one that is not granted.
public struct ServiceFunctions: Sendable {
    public var send: (@Sendable (OutgoingRequest) async throws -> SendReceipt)?
    public var conversation: (@Sendable (ConversationQuery) async throws -> ConversationPage)?
    public var contact: (@Sendable (_ phone: String) async throws -> Contact)?
    public var changeContact: (@Sendable (ContactChange) async throws -> Contact)?
    public var card: (@Sendable (CustomerQuery) async throws -> CustomerCard)?
    public var value: (@Sendable (_ key: String) async throws -> [UInt8]?)?
    public var setValue: (@Sendable (KeyValueEntry) async throws -> Void)?
    public var removeValue: (@Sendable (_ key: String) async throws -> Void)?
    public var keys: (@Sendable (KeyValueQuery) async throws -> [String])?
    public var http: (@Sendable (HTTPRequest) async throws -> HTTPResponse)?
    /// Does nothing where it is nil.
    public var metric: (@Sendable (MetricSample) -> Void)?

    /// Nothing is granted; set what the test needs.
    public init() {}

    /// One call, with what it throws as a plugin would see it.
    static func ask<Request: Sendable, Reply: Sendable>(
        _ function: (@Sendable (Request) async throws -> Reply)?, _ request: Request, otherwise: PluginError
    ) async throws(PluginError) -> Reply {
        guard let function else { throw otherwise }
        do {
            return try await function(request)
        } catch {
            throw PluginError(describing: error)
        }
    }
}
