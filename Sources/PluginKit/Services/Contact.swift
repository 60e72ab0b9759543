/// What the business keeps about a person beside the texts: `Host.contact`.
public struct Contact: Sendable, Hashable {
    /// E.164, or a short code.
    public var phone: String
    public var name: String?
    /// People's own words about this person.
    public var notes: String?
    /// No responder is asked about this person's texts until then.
    public var botPausedUntil: Timestamp?
    /// Who looks after this person.
    public var assignee: String?
    /// The conversation is done; the next text from the person opens it again.
    public var isClosed: Bool
    /// The person said STOP: nothing may be sent.
    public var isOptedOut: Bool

    public init(
        phone: String, name: String? = nil, notes: String? = nil, botPausedUntil: Timestamp? = nil,
        assignee: String? = nil, isClosed: Bool = false, isOptedOut: Bool = false
    ) {
        self.phone = phone
        self.name = name
        self.notes = notes
        self.botPausedUntil = botPausedUntil
        self.assignee = assignee
        self.isClosed = isClosed
        self.isOptedOut = isOptedOut
    }
}

/// Changes to one contact: `Host.change`. What is nil stays as it is. Consent is not here: only the person changes it.
public struct ContactChange: Sendable, Hashable {
    /// What becomes of one field.
    public enum Edit<Value: Sendable & Hashable>: Sendable, Hashable {
        case set(Value)
        case clear
    }

    /// Any form the gateway's normaliser reads.
    public var phone: String
    public var name: Edit<String>?
    public var notes: Edit<String>?
    public var botPausedUntil: Edit<Timestamp>?
    public var assignee: Edit<String>?
    public var isClosed: Bool?

    public init(
        phone: String, name: Edit<String>? = nil, notes: Edit<String>? = nil, botPausedUntil: Edit<Timestamp>? = nil,
        assignee: Edit<String>? = nil, isClosed: Bool? = nil
    ) {
        self.phone = phone
        self.name = name
        self.notes = notes
        self.botPausedUntil = botPausedUntil
        self.assignee = assignee
        self.isClosed = isClosed
    }
}
