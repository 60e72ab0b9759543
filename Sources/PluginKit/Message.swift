/// One text as the business sees it: a row of the `messages` table, and what the API shows.
///
/// Columns that other programs rely on keep their meaning (`status`, `direction`); the finer states live in added
/// columns, which are nil for rows that other programs wrote.
public struct Message: Sendable, Hashable, Codable {
    /// Who the text is from, as seen from the business.
    public enum Direction: String, Sendable, Hashable, Codable {
        case inbound, outbound
    }

    /// The coarse state that other programs read and write.
    public enum Status: String, Sendable, Hashable, Codable {
        /// Inbound.
        case unread, read
        /// Outbound.
        case queued, sent, failed
    }

    /// The finer state of an outbound text.
    public enum DeliveryStatus: String, Sendable, Hashable, Codable {
        /// Owned by one gateway; nothing but its journal, a delivery report or a person settles it.
        case sending
        /// The network took every part.
        case accepted
        /// The handset has it.
        case delivered
        /// The network gave up.
        case undelivered
        /// Cut off between intent and result; never resent blindly.
        case unknown
        case expired
        /// The person had said STOP.
        case optedOut = "opted_out"
        /// Refused before or by the radio; see `errorCode`.
        case refused
        /// Too old at first contact (decision 7): listed, never sent.
        case held
    }

    /// UUIDv7 minted by a gateway's journal; nil for a foreign row that no gateway has begun to send.
    public var uid: String?
    /// The storage's own address of the row; never an identity.
    public var storageID: Int64?
    public var direction: Direction
    /// The other party: E.164 where it is a telephone number, else as the network wrote it.
    public var phone: String
    public var content: String
    public var status: Status
    public var deliveryStatus: DeliveryStatus?
    /// A stable word or a code of the network, as `cms-38`, `invalid-number`, `opted-out`.
    public var errorCode: String?
    /// One sentence for people; holds no number and no text of a person.
    public var errorMessage: String?
    /// When the journal (or the program that inserted the row) had it.
    public var timestamp: Timestamp
    /// Inbound: the service-centre time stamp in UTC. Outbound: when the last part was accepted.
    public var modemTimestamp: Timestamp?
    /// Offset of the service centre's clock from UTC, in minutes.
    public var modemUTCOffset: Int32?
    /// Slot in the modem's memory it was read from.
    public var modemIndex: Int32?
    /// Filled for old readers; never decides.
    public var messageHash: String?
    /// Number of attempts to send.
    public var retryCount: Int32
    public var lastRetryAt: Timestamp?
    /// Not to be sent before.
    public var notBefore: Timestamp?
    /// ICCID (else IMSI) of our SIM.
    public var sim: String?
    /// SMS parts; 0 where not known yet.
    public var parts: Int32
    /// Parts of a multipart text are missing.
    public var incomplete: Bool
    /// Byte-identical to an earlier TPDU that was not a re-read.
    public var possibleDuplicate: Bool
    /// Speaks of stopping without being the word STOP: people should look, since any clear wish to get no more texts counts.
    public var asksToStop: Bool
    /// The inbound text this one answers.
    public var answers: String?
    /// Where an outbound text was born: `table`, `api`, `cli`, `responder:NAME`, `plugin:NAME`, `policy`.
    public var origin: String?

    public init(
        uid: String?, storageID: Int64? = nil, direction: Direction, phone: String, content: String, status: Status,
        deliveryStatus: DeliveryStatus? = nil, errorCode: String? = nil, errorMessage: String? = nil,
        timestamp: Timestamp, modemTimestamp: Timestamp? = nil, modemUTCOffset: Int32? = nil, modemIndex: Int32? = nil,
        messageHash: String? = nil, retryCount: Int32 = 0, lastRetryAt: Timestamp? = nil, notBefore: Timestamp? = nil,
        sim: String? = nil, parts: Int32 = 0, incomplete: Bool = false, possibleDuplicate: Bool = false,
        asksToStop: Bool = false, answers: String? = nil, origin: String? = nil
    ) {
        self.uid = uid
        self.storageID = storageID
        self.direction = direction
        self.phone = phone
        self.content = content
        self.status = status
        self.deliveryStatus = deliveryStatus
        self.errorCode = errorCode
        self.errorMessage = errorMessage
        self.timestamp = timestamp
        self.modemTimestamp = modemTimestamp
        self.modemUTCOffset = modemUTCOffset
        self.modemIndex = modemIndex
        self.messageHash = messageHash
        self.retryCount = retryCount
        self.lastRetryAt = lastRetryAt
        self.notBefore = notBefore
        self.sim = sim
        self.parts = parts
        self.incomplete = incomplete
        self.possibleDuplicate = possibleDuplicate
        self.asksToStop = asksToStop
        self.answers = answers
        self.origin = origin
    }
}
