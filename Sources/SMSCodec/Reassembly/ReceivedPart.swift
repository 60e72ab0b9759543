/// One received part, under the name that its owner has for it.
///
/// `ID` orders parts by arrival: a later one has a greater id.
public struct ReceivedPart<ID: Comparable & Hashable & Sendable>: Sendable, Hashable {
    /// The owner's name for it.
    public let id: ID
    /// What it shares with the other parts of its text; nil when it stands alone.
    public let key: ConcatenationKey?
    /// Its place in the text, from 1.
    public let sequence: Int
    /// Its text and header.
    public let userData: UserData
    /// When its service centre had it.
    public let timeStamp: TimeStamp
    /// The same in milliseconds since 1970; nil when the time stamp is no time.
    let sentAt: Int64?

    /// A part that came as `message`. `sender` is who the caller takes its originating address for, `sim` the SIM that
    /// received it.
    public init(id: ID, message: Deliver, sender: String, sim: String) {
        self.id = id
        let place = message.userData.concatenation
        key = ConcatenationKey(place, sender: sender, sim: sim)
        sequence = key == nil ? 1 : Int(place?.sequence ?? 1)
        userData = message.userData
        timeStamp = message.timeStamp
        sentAt = message.time.map { $0.unixSeconds * 1_000 }
    }

    /// True when this says what `other` says, in the same place of a text.
    func repeats(_ other: ReceivedPart) -> Bool {
        sequence == other.sequence && userData == other.userData
    }

    /// True when this is `other` delivered again by the network: the service centre's time is the same as well.
    func isCopy(of other: ReceivedPart) -> Bool {
        timeStamp == other.timeStamp && repeats(other)
    }
}
