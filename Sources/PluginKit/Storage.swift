/// Where the business's texts live: capability `conductor.storage/1`.
///
/// Every call is idempotent: the host repeats it after a crash or a lost answer, and repeating changes nothing. Calls
/// may overlap, those of one function, too; only of its exchanges a gateway has one at a time. <doc:WritingAStorage> says
/// the rest.
public protocol Storage: Plugin {
    /// Stores texts by `uid`: inserts those it does not have, updates those whose fields changed (a late part, an
    /// outcome). A text a person has already turned `read` stays `read`. All or nothing.
    ///
    /// Outbound texts put here are owned by the gateway that puts them: no claim returns them.
    func put(_ messages: [Message], context: CallContext) async throws

    /// The one round trip of sending: settles what finished, begins what is about to be sent, claims more.
    func exchange(_ request: ExchangeRequest, context: CallContext) async throws -> ExchangeReply

    /// Rows that are `sending` by this gateway: what a restarted gateway must settle from its journal. Lets go of the
    /// rows that it had claimed and not begun.
    func owned(by gateway: String, context: CallContext) async throws -> [Message]

    /// Texts, newest first unless asked otherwise; fewer than `limit` means that there are no more.
    func messages(_ query: MessageQuery, context: CallContext) async throws -> [Message]

    /// Turns an inbound text `read`, puts a failed outbound one back to `queued`, cancels or removes one; false when there
    /// is no such row or it is not in a state from which this is legal.
    func change(_ change: MessageChange, context: CallContext) async throws -> Bool

    /// Appends consent events by their uid (decision 10).
    func recordConsent(_ events: [ConsentEvent], context: CallContext) async throws

    /// Consent events that storage has, whoever wrote them: an opt-out of another program or gateway binds here, too. In
    /// the order in which storage got them; a storage that only records throws `.unsupported`.
    func consent(_ query: ConsentQuery, context: CallContext) async throws -> ConsentPage

    /// Cheap: whether reads and writes would work now, and how many rows there are.
    func health(context: CallContext) async throws -> StorageHealth

    /// Deletes for good: what a person asked to be forgotten, or texts that are older than they are to be kept. A
    /// storage that lacks it throws `.unsupported`, and people are told so.
    func erase(_ request: ErasureRequest, context: CallContext) async throws -> ErasureReply

    /// What is kept of a person (a normalised number) beside the texts, which `messages` lists. A storage that lacks it
    /// throws `.unsupported`.
    func contact(_ phone: String, context: CallContext) async throws -> StoredContact

    /// What each table takes; a person waits for it, so that it may take its time. A storage that lacks it throws
    /// `.unsupported`.
    func sizes(context: CallContext) async throws -> [StorageTable]

    /// A gateway says that it is there, some times a minute and when its SIMs change, and hears of all that work here,
    /// in the order of their names. From then on a row that names a SIM is claimed by it only while it has that SIM. A
    /// storage on which gateways do not see each other throws `.unsupported`.
    func heartbeat(_ presence: GatewayPresence, context: CallContext) async throws -> [GatewayPresence]
}

extension Storage {
    /// For a storage that was written before there was such a call.
    public func erase(_ request: ErasureRequest, context: CallContext) async throws -> ErasureReply {
        throw PluginError(.unsupported, "this storage cannot erase: delete the rows where they are kept")
    }

    /// For a storage that was written before there was such a call.
    public func contact(_ phone: String, context: CallContext) async throws -> StoredContact {
        throw PluginError(.unsupported, "this storage cannot tell what it keeps of a person")
    }

    /// For a storage that was written before there was such a call.
    public func sizes(context: CallContext) async throws -> [StorageTable] {
        throw PluginError(.unsupported, "this storage does not tell what its tables take")
    }

    /// For a storage that was written before there was such a call.
    public func heartbeat(_ presence: GatewayPresence, context: CallContext) async throws -> [GatewayPresence] {
        throw PluginError(.unsupported, "gateways do not see each other on this storage")
    }
}

extension Storage {
    /// Storages of before there was this call only record.
    public func consent(_ query: ConsentQuery, context: CallContext) async throws -> ConsentPage {
        throw PluginError(.unsupported, "this storage does not read consent")
    }
}

/// See `Storage.exchange`. Order of work inside one transaction: `finished`, then `starting`, then the claim.
public struct ExchangeRequest: Sendable, Hashable {
    /// Who asks: the gateway's id and its journal's id.
    public var gateway: String
    /// Outcomes, by uid; the row keeps its other fields.
    public var finished: [Outcome]
    /// Claimed rows whose sending begins.
    public var starting: [Start]
    /// At most so many new rows are claimed; 0 claims none.
    public var want: Int32
    /// How long a claim covers choosing; an expired one may be claimed by anyone.
    public var leaseMilliseconds: Int64
    /// Queued rows older than this are set `held` instead of claimed (decision 7); 0 holds none.
    public var maxAgeMilliseconds: Int64

    public init(
        gateway: String, finished: [Outcome] = [], starting: [Start] = [], want: Int32, leaseMilliseconds: Int64,
        maxAgeMilliseconds: Int64
    ) {
        self.gateway = gateway
        self.finished = finished
        self.starting = starting
        self.want = want
        self.leaseMilliseconds = leaseMilliseconds
        self.maxAgeMilliseconds = maxAgeMilliseconds
    }

    /// A claimed row turns `sending` by this gateway, gets its uid, and one attempt is counted.
    public struct Start: Sendable, Hashable {
        public var storageID: Int64
        public var uid: String

        public init(storageID: Int64, uid: String) {
            self.storageID = storageID
            self.uid = uid
        }
    }

    /// How a text of ours stands now. `status` queued gives the row back (with `notBefore`), and it may be claimed again.
    public struct Outcome: Sendable, Hashable {
        /// nil when sending never began (policy refused it): then `storageID` is the address.
        public var uid: String?
        public var storageID: Int64?
        public var status: Message.Status
        public var deliveryStatus: Message.DeliveryStatus?
        public var errorCode: String?
        public var errorMessage: String?
        public var modemTimestamp: Timestamp?
        public var notBefore: Timestamp?
        public var sim: String?
        public var parts: Int32

        public init(
            uid: String?, storageID: Int64? = nil, status: Message.Status,
            deliveryStatus: Message.DeliveryStatus? = nil, errorCode: String? = nil, errorMessage: String? = nil,
            modemTimestamp: Timestamp? = nil, notBefore: Timestamp? = nil, sim: String? = nil, parts: Int32 = 0
        ) {
            self.uid = uid
            self.storageID = storageID
            self.status = status
            self.deliveryStatus = deliveryStatus
            self.errorCode = errorCode
            self.errorMessage = errorMessage
            self.modemTimestamp = modemTimestamp
            self.notBefore = notBefore
            self.sim = sim
            self.parts = parts
        }
    }
}

/// See `Storage.exchange`.
public struct ExchangeReply: Sendable, Hashable {
    /// One per `starting`, in its order: true when the row is ours now. False: the lease was lost, do not send.
    public var started: [Bool]
    /// Newly claimed rows, oldest first, at most one per phone number.
    public var claimed: [Message]
    /// Milliseconds until a queued row with `not_before` comes due; -1 when there is none.
    public var nextDueMilliseconds: Int64

    public init(started: [Bool], claimed: [Message], nextDueMilliseconds: Int64 = -1) {
        self.started = started
        self.claimed = claimed
        self.nextDueMilliseconds = nextDueMilliseconds
    }
}

/// Which texts to list.
public struct MessageQuery: Sendable, Hashable, Codable {
    public var uid: String?
    public var direction: Message.Direction?
    public var status: Message.Status?
    public var deliveryStatus: Message.DeliveryStatus?
    /// Matches the normalised form.
    public var phone: String?
    /// Rows with a smaller storage address (newest first) or a larger one (`oldestFirst`): the cursor of a page.
    public var cursor: Int64?
    public var oldestFirst: Bool
    /// 1...1000.
    public var limit: Int32
    /// Words that must all be there, each as the beginning of a word of the text or of its number, whatever the case and
    /// the accents. Nothing in it is an operator; without a letter or digit, nothing is found. A storage that cannot
    /// search throws `.unsupported`.
    public var search: String?

    public init(
        uid: String? = nil, direction: Message.Direction? = nil, status: Message.Status? = nil,
        deliveryStatus: Message.DeliveryStatus? = nil, phone: String? = nil, cursor: Int64? = nil,
        oldestFirst: Bool = false, limit: Int32 = 50, search: String? = nil
    ) {
        self.uid = uid
        self.direction = direction
        self.status = status
        self.deliveryStatus = deliveryStatus
        self.phone = phone
        self.cursor = cursor
        self.oldestFirst = oldestFirst
        self.limit = limit
        self.search = search
    }
}

/// A person's change to one row, by storage address.
public struct MessageChange: Sendable, Hashable {
    public enum Kind: Int32, Sendable, Hashable {
        /// inbound unread → read
        case markRead = 0
        /// outbound failed (or held) → queued, attempts kept, error cleared
        case requeue = 1
        /// outbound queued, and not begun by any gateway → failed, `cancelled`; repeating it changes nothing
        case cancel = 2
        /// A row that nobody waits for any more (inbound read; outbound sent or failed, and neither `sending`, `unknown`
        /// nor `held`) → deleted; true also when it is gone already
        case remove = 3
    }

    public var storageID: Int64
    public var kind: Kind

    public init(storageID: Int64, kind: Kind) {
        self.storageID = storageID
        self.kind = kind
    }
}

/// One consent event; append-only, the latest of a number wins, a tie means out.
public struct ConsentEvent: Sendable, Hashable, Codable {
    public enum Action: String, Sendable, Hashable, Codable {
        case out, `in`
    }

    public var uid: String
    public var phone: String
    public var action: Action
    public var at: Timestamp
    /// `sms`, `cli`, `api`, `import`.
    public var source: String
    /// The text that said so.
    public var messageUID: String?

    public init(uid: String, phone: String, action: Action, at: Timestamp, source: String, messageUID: String? = nil) {
        self.uid = uid
        self.phone = phone
        self.action = action
        self.at = at
        self.source = source
        self.messageUID = messageUID
    }
}

/// See `Storage.consent`.
public struct ConsentQuery: Sendable, Hashable {
    /// Events behind this place, a page's `next`; 0 is the beginning.
    public var after: Int64
    /// 1...1000.
    public var limit: Int32

    public init(after: Int64 = 0, limit: Int32 = 1_000) {
        self.after = after
        self.limit = limit
    }
}

/// See `Storage.consent`.
public struct ConsentPage: Sendable, Hashable {
    /// Numbers as they are written there.
    public var events: [ConsentEvent]
    /// `after` of the next query; the same again where there is nothing more.
    public var next: Int64

    public init(events: [ConsentEvent], next: Int64) {
        self.events = events
        self.next = next
    }
}

/// See `Storage.health`.
public struct StorageHealth: Sendable, Hashable, Codable {
    /// What people call this storage and where it is, as `SQLite /var/lib/conductor/messages.db`.
    public var location: String
    public var rows: Int64
    public var bytes: Int64
    /// Absolute path of the one SQLite file that holds everything; nil for a storage that is no such file. The host
    /// reads it, to copy it into a backup and to look for damage, and never writes to it while the plugin serves.
    public var databaseFile: String?
    /// The same for as long as the addresses of rows mean the same rows, wherever these are kept, and no other storage's;
    /// nil: `location` stands for it.
    public var identity: String?
    /// What `bytes` may come to before the storage takes no more, as its drop-in says; nil: not known.
    public var quotaBytes: Int64?

    public init(
        location: String, rows: Int64, bytes: Int64, databaseFile: String? = nil, identity: String? = nil,
        quotaBytes: Int64? = nil
    ) {
        self.location = location
        self.rows = rows
        self.bytes = bytes
        self.databaseFile = databaseFile
        self.identity = identity
        self.quotaBytes = quotaBytes
    }
}
