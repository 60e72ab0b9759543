/// Something that waits for the person: voice mail, most often (TS 23.038 §4).
public struct MessageWaiting: Sendable, Hashable {
    /// What waits.
    public enum Kind: UInt8, Sendable, Hashable {
        /// Voice mail.
        case voicemail = 0
        /// A fax.
        case fax = 1
        /// Electronic mail.
        case email = 2
        /// Something else; video, for one.
        case other = 3
    }

    /// What waits.
    public var kind: Kind
    /// True when the phone shall show its sign, false when it shall take it away.
    public var isActive: Bool
    /// True when the text that came with it shall be kept.
    public var isStored: Bool

    /// `kind` waits, or waits no longer.
    public init(kind: Kind, isActive: Bool, isStored: Bool) {
        self.kind = kind
        self.isActive = isActive
        self.isStored = isStored
    }
}
