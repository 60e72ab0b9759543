/// Is told what happens: capability `conductor.notifier/1`. It can delay nothing.
public protocol Notifier: Plugin {
    /// Takes one event. An error is counted and the event is not repeated by the host.
    func notify(_ event: Event, context: CallContext) async throws
}

/// Something that happened.
public struct Event: Sendable, Hashable {
    /// UUIDv7; stable, so that a receiver can tell a repetition.
    public var id: String
    /// `message.received`, `message.sent`, `message.failed`, `message.delivered`, `modem.ready`, `modem.gone`,
    /// `storage.down`, `storage.up`, `alarm`, …
    public var kind: String
    public var at: Timestamp
    /// A JSON object whose keys depend on `kind`.
    public var json: String

    public init(id: String, kind: String, at: Timestamp, json: String) {
        self.id = id
        self.kind = kind
        self.at = at
        self.json = json
    }
}
