internal import PluginKit

/// What was erased of a person, or would be.
public struct ErasureReport: Sendable, Hashable, Codable {
    /// Nothing was erased: these are the numbers of what would be.
    public var isDryRun: Bool
    /// False: a part could not be reached, see `waitsFor`; it is tried again until it is done.
    public var isFinished: Bool
    public var waitsFor: String?
    /// Rows of the storages.
    public var texts: Int64
    /// Rows of other tables of the storages.
    public var otherRows: Int64
    /// Texts in the journal, those that came and those to be sent.
    public var journalTexts: Int
    /// TPDUs in the journal, of both ways.
    public var journalParts: Int
    /// Delivery reports that wait for their part.
    public var reports: Int
    /// Consent events, in the journal and in storage.
    public var consentEvents: Int64
    /// Texts that were still to be sent.
    public var cancelled: Int
    /// Values of plugins.
    public var pluginValues: Int
    /// Name, notes and what else people wrote about the person.
    public var hasContact: Bool
    /// Backups, and files that a repair or a restore set aside, which name the person.
    public var copies: Int
    /// Those of them that could not be opened, and were deleted.
    public var deletedFiles: [String]
    /// The person had said STOP: a keyed hash of the number stays, so that nothing is ever sent there.
    public var staysOptedOut: Bool
    /// Where was looked: the storage that serves, then the others; nil from an older gateway.
    public var storages: [StorageLook]?

    public init(
        isDryRun: Bool, isFinished: Bool = true, waitsFor: String? = nil, texts: Int64 = 0, otherRows: Int64 = 0,
        journalTexts: Int = 0, journalParts: Int = 0, reports: Int = 0, consentEvents: Int64 = 0, cancelled: Int = 0,
        pluginValues: Int = 0, hasContact: Bool = false, copies: Int = 0, deletedFiles: [String] = [],
        staysOptedOut: Bool = false, storages: [StorageLook]? = nil
    ) {
        self.isDryRun = isDryRun
        self.isFinished = isFinished
        self.waitsFor = waitsFor
        self.texts = texts
        self.otherRows = otherRows
        self.journalTexts = journalTexts
        self.journalParts = journalParts
        self.reports = reports
        self.consentEvents = consentEvents
        self.cancelled = cancelled
        self.pluginValues = pluginValues
        self.hasContact = hasContact
        self.copies = copies
        self.deletedFiles = deletedFiles
        self.staysOptedOut = staysOptedOut
        self.storages = storages
    }

    init(_ counts: JournalErasure.Counts, isDryRun: Bool) {
        self.init(
            isDryRun: isDryRun, journalTexts: counts.inbound + counts.outbound,
            journalParts: counts.readings + counts.parts, reports: counts.reports,
            consentEvents: Int64(counts.consent), cancelled: counts.cancelled)
    }

    mutating func add(_ reply: ErasureReply, of storage: StorageLook) {
        var look = storage
        look.texts = reply.texts
        storages = (storages ?? []) + [look]
        add(reply)
    }

    mutating func add(_ visits: [LeftStorages.Visit<ErasureReply>]) {
        storages = (storages ?? []) + visits.map { $0.look { $0.texts } }
        for visit in visits {
            if case .success(let reply) = visit.answer { add(reply) }
        }
    }

    private mutating func add(_ reply: ErasureReply) {
        texts += reply.texts
        otherRows += reply.others
        consentEvents += reply.consent
    }

    mutating func add(_ found: ErasedCopies.Counts) {
        copies += found.cleaned + found.deleted.count
        deletedFiles += found.deleted
    }

    mutating func add(_ console: ConsoleStore.Forgotten) {
        pluginValues += console.values
        hasContact = hasContact || console.hasContact
    }
}
