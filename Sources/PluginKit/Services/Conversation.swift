/// Which texts of one person to read: `Host.conversation`.
public struct ConversationQuery: Sendable, Hashable {
    /// Any form the gateway's normaliser reads.
    public var phone: String
    /// 1...200.
    public var limit: Int32
    /// `ConversationPage.before` of the page that came last; nil for the newest.
    public var before: Int64?

    public init(phone: String, limit: Int32 = 20, before: Int64? = nil) {
        self.phone = phone
        self.limit = limit
        self.before = before
    }
}

/// Texts from and to one person, newest first.
public struct ConversationPage: Sendable, Hashable {
    public var messages: [Message]
    /// What asks for the texts before these; nil when there are none, or when storage is away and only the gateway's
    /// own record could be asked.
    public var before: Int64?

    public init(messages: [Message], before: Int64? = nil) {
        self.messages = messages
        self.before = before
    }
}
