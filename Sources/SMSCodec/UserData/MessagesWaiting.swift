/// A count of messages that wait, out of a user data header (TS 23.040 §9.2.3.24.2).
public struct MessagesWaiting: Sendable, Hashable {
    /// What waits.
    public var kind: MessageWaiting.Kind
    /// How many; 255 stands for that and more.
    public var count: UInt8
    /// True when the text that came with it shall be kept.
    public var isStored: Bool

    /// `count` messages of `kind` wait.
    public init(kind: MessageWaiting.Kind, count: UInt8, isStored: Bool) {
        self.kind = kind
        self.count = count
        self.isStored = isStored
    }

    init?(_ element: InformationElement) {
        guard element.identifier == InformationElement.specialMessage, element.data.count == 2 else { return nil }
        // Bits 2 to 4 tell kinds of `other` apart that came later (video), and say nothing of the rest.
        let kind = MessageWaiting.Kind(rawValue: element.data[0] & 0x03) ?? .other
        self.init(kind: kind, count: element.data[1], isStored: element.data[0] & 0x80 != 0)
    }
}

extension UserData {
    /// What waits, in the order of the header; more than one kind may.
    public var messagesWaiting: [MessagesWaiting] { elements.compactMap { MessagesWaiting($0) } }
}
