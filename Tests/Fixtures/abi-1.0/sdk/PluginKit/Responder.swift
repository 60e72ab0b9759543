/// Answers texts: capability `conductor.responder/1`.
public protocol Responder: Plugin {
    /// Decides about one inbound text. Called once per text in the normal run, perhaps again after a crash; only one
    /// decision is ever acted on.
    func respond(to text: InboundText, context: CallContext) async throws -> Decision
}

/// An inbound text as a responder sees it.
public struct InboundText: Sendable, Hashable {
    public var uid: String
    public var phone: String
    public var content: String
    public var receivedAt: Timestamp
    /// ICCID (else IMSI) of the SIM the person wrote to.
    public var sim: String
    public var parts: Int32
    public var incomplete: Bool

    public init(
        uid: String, phone: String, content: String, receivedAt: Timestamp, sim: String, parts: Int32 = 1,
        incomplete: Bool = false
    ) {
        self.uid = uid
        self.phone = phone
        self.content = content
        self.receivedAt = receivedAt
        self.sim = sim
        self.parts = parts
        self.incomplete = incomplete
    }
}

/// What a responder says of a text.
public struct Decision: Sendable, Hashable {
    public enum Kind: Int32, Sendable, Hashable {
        /// Not mine: the next responder is asked.
        case decline = 0
        /// Answer with `text`; the chain ends.
        case reply = 1
        /// Keep `text`, and let the next responder add to it.
        case append = 2
        /// Store `text` for a person to approve; the chain ends.
        case draft = 3
        /// A person must answer; the chain ends.
        case handOver = 4
    }

    public var kind: Kind
    public var text: String
    /// Why, for people and for the log of decisions; no text of a person.
    public var reason: String
    /// What the decision cost, in millionths of the plugin's currency; 0 where nothing.
    public var costMicros: Int64

    public init(kind: Kind, text: String = "", reason: String = "", costMicros: Int64 = 0) {
        self.kind = kind
        self.text = text
        self.reason = reason
        self.costMicros = costMicros
    }

    public static func decline(reason: String = "") -> Decision { Decision(kind: .decline, reason: reason) }
    public static func reply(_ text: String, reason: String = "") -> Decision {
        Decision(kind: .reply, text: text, reason: reason)
    }
}
