/// What a fleet of modems needs from the gateway. The gateway's journal implements it.
public protocol FleetDelegate: Sendable {
    /// Makes readings durable. Only when it returns may they be deleted or acknowledged; when it throws, nothing is,
    /// and they are offered again later.
    func commit(_ readings: [Reading]) async throws

    /// The modem confirmed the deletion of these slots. Called in order: before any later `commit` of the same modem,
    /// and before a new text can be read from the slot.
    func deleted(_ slots: [DeletedSlot])

    /// A modem appeared, changed its state, or left (`state == .gone`).
    func changed(_ modem: ModemSnapshot)

    /// Somebody called, and was hung up; `number` is nil where it is withheld.
    func called(_ modem: ModemID, sim: SIMID?, number: String?)

    /// A port that cannot be used, in words: no permission, held by another program, silent. `nil` clears it.
    func portProblem(_ path: String, _ problem: String?)
}

/// A slot whose deletion the modem confirmed.
public struct DeletedSlot: Sendable, Hashable {
    public var sim: SIMID
    public var memory: String
    public var index: Int

    public init(sim: SIMID, memory: String, index: Int) {
        self.sim = sim
        self.memory = memory
        self.index = index
    }
}

/// How one modem stands; what `status` and `modems list` show.
public struct ModemSnapshot: Sendable, Hashable, Codable {
    public enum State: String, Sendable, Hashable, Codable {
        /// Bring-up is going on.
        case starting
        /// Texts come and go.
        case ready
        /// It answers, but cannot work: see `problem`.
        case blocked
        /// It does not do its work and is being helped: see `problem`. It sends nothing meanwhile.
        case recovering
        /// Unplugged.
        case gone
    }

    public struct MemoryUse: Sendable, Hashable, Codable {
        public var name: String
        public var used: Int
        public var total: Int
        /// Slots that hold no received text: drafts, and texts that somebody sent. They are left alone.
        public var others: Int
        /// Slots that the modem refuses to free, though what they hold is in the journal.
        public var undeletable: Int

        /// How it stands with room for texts.
        public enum Condition: Sendable, Hashable {
            case good
            /// Four in five slots or more are taken for good.
            case nearlyFull
            case full
        }

        public var condition: Condition {
            guard total > 0 else { return .good }
            return used >= total ? .full : (others + undeletable) * 5 >= total * 4 ? .nearlyFull : .good
        }

        public init(name: String, used: Int, total: Int, others: Int = 0, undeletable: Int = 0) {
            self.name = name
            self.used = used
            self.total = total
            self.others = others
            self.undeletable = undeletable
        }
    }

    public var id: ModemID
    public var port: String
    public var state: State
    /// One sentence: what is wrong and how to mend it.
    public var problem: String?
    public var manufacturer: String?
    public var model: String?
    public var revision: String?
    public var sim: SIMID?
    public var imsi: String?
    /// The SIM's own number, where the SIM knows it.
    public var number: String?
    public var smsc: String?
    public var `operator`: String?
    /// The kind of network: `GSM`, `UMTS`, `LTE`, `NB-IoT` or `NR`; nil where the modem does not say.
    public var network: String?
    /// `home`, `roaming`, `searching`, `denied`, `unknown`.
    public var registration: String?
    /// Received power in dBm, -113...-51; nil where unknown.
    public var signalDBm: Int?
    public var memories: [MemoryUse]
    /// What the numbers begin with that the configuration prefers it for.
    public var preferFor: [String]
    /// AT commands sent since the port was opened.
    public var commands: Int
    /// Steps taken against troubles since the gateway's start, by `RecoveryStep`.
    public var recoveries: [String: Int]

    public init(id: ModemID, port: String, state: State) {
        self.id = id
        self.port = port
        self.state = state
        memories = []
        preferFor = []
        commands = 0
        recoveries = [:]
    }
}
