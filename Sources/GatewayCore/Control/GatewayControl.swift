public import CRMImport
public import ModemKit
public import PluginKit

/// Everything a person or a program can ask of the running gateway: what `/api/v1` serves.
public protocol GatewayControl: Sendable {
    func status() async -> GatewayStatus
    /// The gateways that work on the storage that serves.
    func fleet() async throws(GatewayError) -> FleetReport
    /// Queues a text born here. Returns once it is durable; the same `idempotencyKey` returns the first text again, and
    /// is refused for another number or other words.
    func send(_ request: SendRequest) async throws(GatewayError) -> QueuedText
    /// Texts from storage; while storage is away, those the journal has.
    func messages(_ query: MessageQuery) async throws(GatewayError) -> [Message]
    /// Customers by what somebody types, in the order of their names, without purchases.
    func customers(_ search: CustomerSearch) async throws(GatewayError) -> [Customer]
    /// One text with its parts and its story.
    func message(uid: String) async throws(GatewayError) -> MessageDetail
    func markRead(uid: String) async throws(GatewayError)
    /// Puts a failed or held text back into the queue.
    func retry(uid: String) async throws(GatewayError) -> Message
    /// Puts failed texts back into the queue, the oldest first.
    func retryFailed(_ request: BulkRetry) async throws(GatewayError) -> BulkRetryReport
    /// Takes a text back of which nothing has left; repeating it changes nothing.
    func cancel(uid: String) async throws(GatewayError) -> Message
    /// A person says what became of a text that may or may not have been sent.
    func settle(uid: String, _ settlement: Settlement) async throws(GatewayError) -> Message
    /// Numbers that are out, in their order, or the story of one.
    func optOuts(_ query: OptOutQuery) async throws(GatewayError) -> [OptOut]
    /// Nothing is sent to this number from now on, until the person says START or `removeOptOut`.
    func addOptOut(_ change: OptOutChange) async throws(GatewayError) -> OptOut
    /// Takes a person in again, by an event beside which the reason stands; nothing is deleted.
    func removeOptOut(_ change: OptOutChange) async throws(GatewayError) -> OptOut
    /// Takes over a list of opt-outs; repeating it changes nothing.
    func importOptOuts(_ list: OptOutImport) async throws(GatewayError) -> OptOutImportReport
    func modems() async -> [ModemSnapshot]
    /// Sends one AT command; the lines of its answer without the final result.
    func at(modem: String, command: String) async throws(GatewayError) -> [String]
    /// Looks for modems again, and tells how every port stands.
    func ports() async throws(GatewayError) -> [PortReport]
    /// Takes a step of recovery with a modem, by its name in `RecoveryStep`; it is begun when this returns.
    func reset(modem: String, step: String) async throws(GatewayError)
    /// Sends a USSD code, or an answer to what the network asked; nil ends the session.
    func ussd(modem: String, code: String?) async throws(GatewayError) -> USSDAnswer
    /// The AT traffic with a modem as it is kept, entries above `number`; a port's path stands for a port that leads to
    /// none.
    func trace(modem: String, after number: Int) async throws(GatewayError) -> TraceReport
    /// Lets a SIM send again that was paused because its texts no longer arrived; by its modem's IMEI, or ICCID or IMSI.
    func resume(modem: String) async throws(GatewayError) -> LimitUse
    func plugins() async -> [PluginReport]
    /// Reads plugins.d again and puts what changed into service; a drop-in that is named gets a new instance though
    /// nothing changed. Returns once that is done.
    func reloadPlugins(_ name: String?) async throws(GatewayError) -> PluginReload
    /// The last lines of a drop-in's plugin with a number above `number`, oldest first.
    func pluginLog(_ name: String, after number: Int) async throws(GatewayError) -> [PluginLogLine]
    /// Everything that is known of a person, for a person's own question.
    func contact(_ number: String) async throws(GatewayError) -> ContactRecord
    /// Erases a person everywhere; with `dryRun` it only counts. A keyed hash of an opted-out number stays.
    func eraseContact(_ number: String, dryRun: Bool) async throws(GatewayError) -> ErasureReport
    /// Copies everything the gateway keeps, as it is at one moment, into one file. Texts go on meanwhile.
    func backup(_ request: BackupRequest) async throws(GatewayError) -> BackupReport
    /// A part of the old texts that nobody waits for any more.
    func archivePage(_ request: ArchivePageRequest) async throws(GatewayError) -> ArchivePage
    /// Takes texts out of storage that are in a file; repeating it changes nothing.
    func removeArchived(_ removal: ArchiveRemoval) async throws(GatewayError) -> ArchiveRemovalReport
    /// Puts a part of the former system's texts into storage: nothing of it is sent or answered, and what is there is not
    /// put again.
    func importTexts(_ part: TextImport) async throws(GatewayError) -> TextImportReport
    /// Who has a number, what they bought, whether they said STOP and whether people are talking with them.
    func customer(_ query: CustomerQuery) async throws(GatewayError) -> CustomerCard
    /// Changes what a person asks for in the tables of customers, or tells what would be different.
    func changeCustomers(_ change: CustomerChange) async throws(GatewayError) -> CustomerDifferences
    /// A page of a list of customers, receipts, articles, staff, or of what is made of them.
    func list(_ query: ListQuery) async throws(GatewayError) -> ListPage
    /// A file of the till's is to be handed over.
    func beginImport(_ start: ImportStart) async throws(GatewayError) -> ImportReport
    /// Hands over a part of it; one that comes once more takes the place of itself.
    func appendImport(_ number: Int, _ bytes: [UInt8], at offset: Int) async throws(GatewayError) -> ImportReport
    /// All of it has come: how it is understood. Nothing is put.
    func checkImport(_ number: Int, _ wish: ImportWish?) async throws(GatewayError) -> ImportCheck
    /// Begins to read it, or goes on where the same file was cut off: the report may have that one's number.
    func runImport(_ number: Int, _ run: ImportRun) async throws(GatewayError) -> ImportReport
    /// The newest first.
    func allImports() async -> [ImportReport]
    func importReport(_ number: Int) async throws(GatewayError) -> ImportReport
    /// A part, from a byte on, of the rows that were not taken, each as it stands in the file and with its reason behind
    /// it; nothing at their end.
    func importRejects(_ number: Int, from offset: Int, most: Int) async throws(GatewayError) -> [UInt8]
    /// Takes an import out of the list that has put nothing.
    func removeImport(_ number: Int) async throws(GatewayError)
    /// Takes an import back, or tells what that would do.
    func undoImport(_ number: Int, dryRun: Bool) async throws(GatewayError) -> ImportUndoReport
    /// Which storage serves, what its tables take, and what waits.
    func storageReport() async -> StorageReport
    /// Another storage takes the place of the one that serves, once both have the same texts.
    func switchStorage(_ request: StorageSwitchRequest) async throws(GatewayError) -> StorageSwitchReport
    /// A storage that served once does not exist any more: nobody is to be erased there.
    func forgetStorage(_ request: StorageForgetRequest) async throws(GatewayError) -> StorageForgetReport
    /// Events from now on. A reader that falls behind by more than 1,000 events loses the oldest.
    func events() -> AsyncStream<Event>
    /// The gateway's figures and its plugins', in Prometheus' text format 0.0.4.
    func metrics() async -> String
}

/// A text to send.
public struct SendRequest: Sendable, Hashable, Codable {
    public var to: String
    public var text: String
    /// IMEI, ICCID, IMSI or own number of the SIM to send from.
    public var from: String?
    /// Not before.
    public var at: Timestamp?
    /// 1 to 255 bytes.
    public var idempotencyKey: String?
    /// `conversation` (the default), `notice` or `promotion`: what may be sent when, and what becomes of it when its fate
    /// is unknown, depend on it.
    public var purpose: String?
    /// `api` or `cli`.
    public var origin: String?
    /// Which national tables the text may be written in: `none`, `auto`, or a language by its code or English name, as
    /// `tr`; nil leaves that to the gateway's policy.
    public var language: String?
    /// Shown at once on the telephone that it comes to, which may not keep it; nil: no.
    public var flash: Bool?

    public init(
        to: String, text: String, from: String? = nil, at: Timestamp? = nil, idempotencyKey: String? = nil,
        origin: String? = nil, language: String? = nil, purpose: String? = nil, flash: Bool? = nil
    ) {
        self.to = to
        self.text = text
        self.from = from
        self.at = at
        self.idempotencyKey = idempotencyKey
        self.origin = origin
        self.language = language
        self.purpose = purpose
        self.flash = flash
    }
}

/// Why the gateway did not do it.
public struct GatewayError: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Code: String, Sendable, Hashable, Codable {
        /// The request is wrong.
        case invalid
        case notFound
        /// Consent, a limit, or a state forbids it.
        case refused
        /// Storage, journal or modem is away just now.
        case unavailable
    }

    public var code: Code
    /// What, where and how to mend it; no number and no text of a person.
    public var message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { message }
}

/// `conductor status`.
public struct GatewayStatus: Sendable, Hashable, Codable {
    public struct StorageState: Sendable, Hashable, Codable {
        /// The plugin's name; nil when none serves.
        public var plugin: String?
        public var location: String?
        public var reachable: Bool
        /// Why it is not reachable, or why none serves.
        public var problem: String?
        /// Texts and outcomes that the journal has and storage does not yet.
        public var lag: Int
        public var rows: Int64?
        /// As `10-sqlite`; nil from an older gateway, and when none serves.
        public var dropIn: String?
        /// Storages that do not serve now and lack outcomes of rows that were claimed from them: they get them when they
        /// serve again.
        public var elsewhere: [Elsewhere]?
        /// All that it takes; nil where it does not know.
        public var bytes: Int64?
        /// What it may come to; nil where no `quota` is set.
        public var quotaBytes: Int64?
        /// A switch of the storage that is under way; nil while none is.
        public var switching: Switching?

        /// How far a switch of the storage is.
        public struct Switching: Sendable, Hashable, Codable {
            /// The drop-in that is to serve, as it was named.
            public var to: String
            /// The table that is read; nil before the first.
            public var table: String?
            /// Rows of it that were read in both storages, once for copying and again for comparing.
            public var rows: Int

            public init(to: String, table: String?, rows: Int) {
                self.to = to
                self.table = table
                self.rows = rows
            }
        }

        /// A storage that does not serve now.
        public struct Elsewhere: Sendable, Hashable, Codable {
            public var location: String
            public var outcomes: Int

            public init(location: String, outcomes: Int) {
                self.location = location
                self.outcomes = outcomes
            }
        }

        public init(
            plugin: String?, location: String?, reachable: Bool, problem: String?, lag: Int, rows: Int64?,
            dropIn: String? = nil, elsewhere: [Elsewhere]? = nil, bytes: Int64? = nil, quotaBytes: Int64? = nil,
            switching: Switching? = nil
        ) {
            self.plugin = plugin
            self.location = location
            self.reachable = reachable
            self.problem = problem
            self.lag = lag
            self.rows = rows
            self.dropIn = dropIn
            self.elsewhere = elsewhere
            self.bytes = bytes
            self.quotaBytes = quotaBytes
            self.switching = switching
        }
    }

    public struct Alarm: Sendable, Hashable, Codable {
        /// Stable word, as `journal.full`, `modem.pin`.
        public var kind: String
        /// What, where and how to mend it.
        public var message: String
        public var since: Timestamp

        public init(kind: String, message: String, since: Timestamp) {
            self.kind = kind
            self.message = message
            self.since = since
        }
    }

    public var gateway: String
    public var version: String
    public var startedAt: Timestamp
    public var processID: Int32
    public var stateFolder: String
    public var modems: [ModemSnapshot]
    public var storage: StorageState
    /// Since the start of this run: `received`, `answered`, `accepted`, `delivered`, `failed`, `unknown`.
    public var counts: [String: Int]
    /// Outbound texts by state: `waiting`, `sending`, `retrying`, `unknown`.
    public var queue: [String: Int]
    public var plugins: [PluginReport]
    public var alarms: [Alarm]
    /// plugins.d; nil from an older gateway.
    public var pluginsFolder: String?
    /// How far each SIM is in its limits; nil from an older gateway.
    public var limits: [LimitUse]?
    /// Nil without a budget.
    public var budget: BudgetUse?
    /// IANA name of the shop's time zone: the clock that times of day are meant by; nil from an older gateway.
    public var timeZone: String?
    /// Nothing is sent, answered or written into storage (`run --observe`); nil from an older gateway.
    public var observes: Bool?

    public init(
        gateway: String, version: String, startedAt: Timestamp, processID: Int32, stateFolder: String,
        modems: [ModemSnapshot], storage: StorageState, counts: [String: Int], queue: [String: Int],
        plugins: [PluginReport], alarms: [Alarm], pluginsFolder: String? = nil, limits: [LimitUse]? = nil,
        budget: BudgetUse? = nil, timeZone: String? = nil, observes: Bool? = nil
    ) {
        self.gateway = gateway
        self.version = version
        self.startedAt = startedAt
        self.processID = processID
        self.stateFolder = stateFolder
        self.modems = modems
        self.storage = storage
        self.counts = counts
        self.queue = queue
        self.plugins = plugins
        self.alarms = alarms
        self.pluginsFolder = pluginsFolder
        self.limits = limits
        self.budget = budget
        self.timeZone = timeZone
        self.observes = observes
    }
}

/// One text with the story of its parts.
public struct MessageDetail: Sendable, Hashable, Codable {
    public struct Part: Sendable, Hashable, Codable {
        /// From 1.
        public var number: Int
        /// `waiting`, `intent`, `accepted`, `refused`, `unknown`; `received`, and `repeated` when it came again.
        public var state: String
        /// TP-MR.
        public var reference: Int?
        public var pduHex: String
        public var error: String?
        public var at: Timestamp?
        /// Meaning of the delivery report's status, where one came.
        public var report: String?

        public init(
            number: Int, state: String, reference: Int?, pduHex: String, error: String?, at: Timestamp?, report: String?
        ) {
            self.number = number
            self.state = state
            self.reference = reference
            self.pduHex = pduHex
            self.error = error
            self.at = at
            self.report = report
        }
    }

    public var message: Message
    public var parts: [Part]
    /// Sentences, oldest first: what happened and why.
    public var story: [String]

    public init(message: Message, parts: [Part], story: [String]) {
        self.message = message
        self.parts = parts
        self.story = story
    }
}
