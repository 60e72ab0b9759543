/// A text that a plugin wants to be sent: `Host.send`.
public struct OutgoingRequest: Sendable, Hashable {
    /// Why it is sent. Consent binds all of them; limits may differ.
    public enum Purpose: UInt32, Sendable, Hashable {
        /// It answers somebody, or goes on with a conversation.
        case conversation = 0
        /// Something a person waits for: an order is ready, an appointment is tomorrow.
        case notice = 1
        /// An offer.
        case promotion = 2
    }

    /// Any form the gateway's normaliser reads, as `+16195550123`.
    public var phone: String
    /// Not empty.
    public var text: String
    /// ICCID (else IMSI) of the SIM to send from; nil lets the gateway choose.
    public var sim: String?
    /// Not to be sent before.
    public var notBefore: Timestamp?
    /// The same key gives the first text's uid again, and sends nothing: what makes a repetition after a crash harmless.
    /// 1 to 128 bytes; keys of different plugins do not meet. Another number or other words under a known key are a
    /// conflict. Known for a week, and until the text is settled.
    public var idempotencyKey: String?
    public var purpose: Purpose

    public init(
        phone: String, text: String, sim: String? = nil, notBefore: Timestamp? = nil, idempotencyKey: String? = nil,
        purpose: Purpose = .conversation
    ) {
        self.phone = phone
        self.text = text
        self.sim = sim
        self.notBefore = notBefore
        self.idempotencyKey = idempotencyKey
        self.purpose = purpose
    }
}

/// What became of an `OutgoingRequest`: it is durable, and will be sent when its turn comes.
public struct SendReceipt: Sendable, Hashable {
    /// The text's id in API, events and logs.
    public var uid: String
    /// The idempotency key was known: this is the earlier text.
    public var isRepetition: Bool

    public init(uid: String, isRepetition: Bool = false) {
        self.uid = uid
        self.isRepetition = isRepetition
    }
}
