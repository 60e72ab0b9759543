internal import PluginKit

/// How texts are kept in a project: by the functions of the migration, or in the old table as it is. Each method means what
/// `Storage` and `CustomerDirectory` say.
protocol MessageStore: Sendable {
    func put(_ messages: [Message], context: CallContext) async throws
    func exchange(_ request: ExchangeRequest, context: CallContext) async throws -> ExchangeReply
    func owned(by gateway: String, context: CallContext) async throws -> [Message]
    func messages(_ query: MessageQuery, context: CallContext) async throws -> [Message]
    func change(_ change: MessageChange, context: CallContext) async throws -> Bool
    func recordConsent(_ events: [ConsentEvent], context: CallContext) async throws
    func consent(_ query: ConsentQuery, context: CallContext) async throws -> ConsentPage
    func health(context: CallContext) async throws -> StorageHealth
    func sizes(context: CallContext) async throws -> [StorageTable]
    func erase(_ request: ErasureRequest, context: CallContext) async throws -> ErasureReply
    func contact(_ phone: String, context: CallContext) async throws -> StoredContact
    func heartbeat(_ presence: GatewayPresence, context: CallContext) async throws -> [GatewayPresence]
    func customers(_ query: CustomerQuery, context: CallContext) async throws -> [Customer]
    func search(_ search: CustomerSearch, context: CallContext) async throws -> [Customer]
    func records(_ query: RecordQuery, context: CallContext) async throws -> [CustomerRecord]
    func putRecords(_ batch: RecordBatch, context: CallContext) async throws -> RecordReply
    func importRows(_ batch: ImportBatch, context: CallContext) async throws -> ImportReply
    func endImport(_ end: ImportEnd, context: CallContext) async throws -> [ImportTableChange]
    func list(_ query: ListQuery, context: CallContext) async throws -> ListPage
    func changeCustomers(_ change: CustomerChange, context: CallContext) async throws -> CustomerDifferences
    /// Makes what is stored of some customers right, for readers of the table.
    ///
    /// - Returns: whether more of them wait.
    func refreshCustomers(context: CallContext) async throws -> Bool

    /// A cheap look at what other programs left: one request.
    func sight(context: CallContext) async throws -> Sight
}

/// What a look finds of other programs' work.
struct Sight: Sendable, Hashable {
    /// Addresses of rows that wait to be claimed, the newest, at most `limit`.
    var waiting: Set<Int64> = []
    /// The last consent event; nil where it is not looked for.
    var consent: Int64?

    static let limit = 100

    /// Whether there is something that was not there before.
    func hasNews(since before: Sight) -> Bool {
        !waiting.isSubset(of: before.waiting) || (consent ?? 0) > (before.consent ?? .max)
    }
}
