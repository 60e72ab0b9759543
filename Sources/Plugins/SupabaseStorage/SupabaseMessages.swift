public import PluginKit
internal import Synchronization

/// Keeps the business's texts and customers in a Supabase project: plugin `supabase`, capabilities `conductor.storage/1` and
/// `conductor.crm/1`.
///
/// With the migration each call is one round trip to one function of the project. Without it, the old table is used as it
/// is (`OldTable`). Which of the two is found out by asking, and asked again until the migration is there.
public final class SupabaseMessages: Storage, CustomerDirectory {
    /// Who this plugin is.
    public static let info = PluginInfo(id: "supabase", name: "Supabase storage", version: "0.1.0")

    /// Never blocks: requests are libcurl's, on a thread of its own.
    public static let execution = Execution.inline

    /// How texts are kept there.
    private enum Way {
        case unknown
        case functions
        case oldTable
    }

    private struct State {
        var way = Way.unknown
        /// When the migration was last looked for; `CLOCK_MONOTONIC` milliseconds.
        var askedAt: Int64 = 0
        /// Whether it was said that the migration is an older one.
        var hasToldAge = false
        /// When stored columns of customers were last looked at; `CLOCK_MONOTONIC` milliseconds.
        var refreshedAt: Int64?
        var open: Opened?
    }

    /// What is there between `start` and `stop`.
    private struct Opened {
        let project: Project
        let functions: FunctionStore
        let oldTable: OldTable
        let poller: Poller
    }

    /// The migration is looked for so often while it is not there.
    private static let askAgainMilliseconds: Int64 = 60_000

    /// The step of the migration that nothing works without, and the newest one that this version uses.
    private static let neededVersion: Int64 = 8
    private static let newestVersion: Int64 = 12

    /// How often it is looked for customers whose stored columns are not right any more, and how many times in a row.
    private static let (refreshMilliseconds, mostRefreshes): (Int64, Int) = (600_000, 200)

    private let host: Host
    private let settings: SupabaseSettings
    private let settleMilliseconds: Int64
    private let state = Mutex(State())

    /// Reads the settings (see `SupabaseSettings`); touches nothing.
    public convenience init(host: Host, settings: Settings) throws {
        try self.init(host: host, settings: settings, settleMilliseconds: OldTable.longestRequest)
    }

    /// - Parameter settleMilliseconds: see `OldTable`.
    init(host: Host, settings: Settings, settleMilliseconds: Int64) throws {
        self.host = host
        self.settings = try settings.decode(SupabaseSettings.self)
        self.settleMilliseconds = settleMilliseconds
    }

    /// Reads the key. That the project cannot be reached now is no reason not to start: the next call tries again.
    ///
    /// - Throws: `.invalid` when the key cannot be read.
    public func start() async throws {
        let key = try settings.key.read(host: host)
        let token = try settings.gatewayTokenFile.map {
            try SecretPlace.read(file: $0, setting: "gateway_token_file", host: host)
        }
        let credentials = Credentials(key: key, token: token)
        if credentials.isPublic {
            throw PluginError(
                .invalid,
                "settings.key_file: a publishable key alone may not do anything here: use the secret key, or set "
                    + "gateway_token_file")
        }
        let project = Project(
            settings: settings, credentials: credentials, caFile: settings.caFile.map(host.resolve),
            onReturn: { [host] in host.storageChanged() })
        let poller = Poller(
            pace: PollPace(idle: settings.idlePollMilliseconds, busy: settings.busyPollMilliseconds),
            look: { [weak self] in
                guard let self else { throw PluginError(.cancelled, "the plugin has been stopped") }
                return try await self.serve(CallContext()) { try await $0.sight(context: CallContext()) }
            }, tell: { [host] in host.storageChanged() })
        state.withLock { state in
            state.open = Opened(
                project: project,
                functions: FunctionStore(
                    project: project, batch: settings.batch, name: GatewayName(id: credentials.gatewayID)),
                oldTable: OldTable(
                    project: project, host: host, batch: settings.batch, settleMilliseconds: settleMilliseconds),
                poller: poller)
        }
        host.log(
            .info,
            "\(project.location): asked every \(settings.idlePollMilliseconds) ms while nothing comes, "
                + "\(settings.idleRequestsPerMinute) requests a minute")
        poller.start()
    }

    /// Ends what is on its way.
    public func stop() async {
        let open = state.withLock { state in
            defer { state.open = nil }
            return state.open
        }
        await open?.poller.stop()
        open?.project.stop()
    }

    // MARK: Storage

    /// See `Storage`.
    public func put(_ messages: [Message], context: CallContext) async throws {
        try await serve(context) { try await $0.put(messages, context: context) }
    }

    /// See `Storage`.
    public func exchange(_ request: ExchangeRequest, context: CallContext) async throws -> ExchangeReply {
        try await serve(context) { try await $0.exchange(request, context: context) }
    }

    /// See `Storage`.
    public func owned(by gateway: String, context: CallContext) async throws -> [Message] {
        try await serve(context) { try await $0.owned(by: gateway, context: context) }
    }

    /// See `Storage`.
    public func messages(_ query: MessageQuery, context: CallContext) async throws -> [Message] {
        try await serve(context) { try await $0.messages(query, context: context) }
    }

    /// See `Storage`.
    public func change(_ change: MessageChange, context: CallContext) async throws -> Bool {
        try await serve(context) { try await $0.change(change, context: context) }
    }

    /// See `Storage`. Without the migration there is no place for it: `.unsupported`.
    public func recordConsent(_ events: [ConsentEvent], context: CallContext) async throws {
        try await serve(context) { try await $0.recordConsent(events, context: context) }
    }

    /// See `Storage`. Without the migration there is no place for it: `.unsupported`.
    public func consent(_ query: ConsentQuery, context: CallContext) async throws -> ConsentPage {
        try await serve(context) { try await $0.consent(query, context: context) }
    }

    /// See `Storage`. Looks for the migration where it was not there.
    public func health(context: CallContext) async throws -> StorageHealth {
        state.withLock { state in if state.way == .oldTable { state.askedAt = 0 } }
        var health = try await serve(context) { try await $0.health(context: context) }
        health.quotaBytes = settings.quota?.bytes
        return health
    }

    /// See `Storage`. The old tables do not tell.
    public func sizes(context: CallContext) async throws -> [StorageTable] {
        try await serve(context) { try await $0.sizes(context: context) }
    }

    /// See `Storage`.
    public func erase(_ request: ErasureRequest, context: CallContext) async throws -> ErasureReply {
        try await serve(context) { try await $0.erase(request, context: context) }
    }

    /// See `Storage`.
    public func contact(_ phone: String, context: CallContext) async throws -> StoredContact {
        try await serve(context) { try await $0.contact(phone, context: context) }
    }

    /// See `Storage`. The old table knows of one gateway only: `.unsupported`.
    public func heartbeat(_ presence: GatewayPresence, context: CallContext) async throws -> [GatewayPresence] {
        let others = try await serve(context) { try await $0.heartbeat(presence, context: context) }
        let isDue = state.withLock { state in
            let isDue = Gate.now - (state.refreshedAt ?? .min / 2) >= Self.refreshMilliseconds
            if isDue { state.refreshedAt = Gate.now }
            return isDue
        }
        if isDue { await refreshCustomers(context) }
        return others
    }

    /// Nobody waits for it: what is read is right anyhow. Who cannot do it now does it another time.
    private func refreshCustomers(_ context: CallContext) async {
        for _ in 0..<Self.mostRefreshes {
            let isMore = try? await serve(context) { try await $0.refreshCustomers(context: context) }
            if isMore != true { return }
        }
    }

    // MARK: CustomerDirectory

    /// See `CustomerDirectory`. Without the migration, or where the project's tables are not there: `.unsupported`.
    public func customers(_ query: CustomerQuery, context: CallContext) async throws -> [Customer] {
        try await serve(context) { try await $0.customers(query, context: context) }
    }

    /// See `CustomerDirectory`. As above.
    public func search(_ search: CustomerSearch, context: CallContext) async throws -> [Customer] {
        try await serve(context) { try await $0.search(search, context: context) }
    }

    /// See `CustomerDirectory`. As above.
    public func records(_ query: RecordQuery, context: CallContext) async throws -> [CustomerRecord] {
        try await serve(context) { try await $0.records(query, context: context) }
    }

    /// See `CustomerDirectory`. As above.
    public func putRecords(_ batch: RecordBatch, context: CallContext) async throws -> RecordReply {
        try await serve(context) { try await $0.putRecords(batch, context: context) }
    }

    /// See `CustomerDirectory`. One request for each page.
    public func list(_ query: ListQuery, context: CallContext) async throws -> ListPage {
        try await serve(context) { try await $0.list(query, context: context) }
    }

    /// See `CustomerDirectory`. One request for each batch.
    public func importRows(_ batch: ImportBatch, context: CallContext) async throws -> ImportReply {
        try await serve(context) { try await $0.importRows(batch, context: context) }
    }

    /// See `CustomerDirectory`. One request.
    public func changeCustomers(_ change: CustomerChange, context: CallContext) async throws -> CustomerDifferences {
        try change.check()
        let differences = try await serve(context) { try await $0.changeCustomers(change, context: context) }
        if !change.isPreview { state.withLock { $0.refreshedAt = nil } }
        return differences
    }

    /// See `CustomerDirectory`. What stood there before an import is not kept in a project: it is not taken back.
    public func endImport(_ end: ImportEnd, context: CallContext) async throws -> [ImportTableChange] {
        let changes = try await serve(context) { try await $0.endImport(end, context: context) }
        // With the next heartbeat.
        state.withLock { $0.refreshedAt = nil }
        return changes
    }

    // MARK: Which way

    /// Does `work` with the store that the project has now.
    private func serve<Reply>(
        _ context: CallContext, _ work: (any MessageStore) async throws -> Reply
    ) async throws -> Reply {
        do {
            return try await work(store(context))
        } catch let refusal as Refusal {
            throw refusal.error
        } catch is CancellationError {
            throw PluginError(.cancelled, "the call was given up")
        }
    }

    private func store(_ context: CallContext) async throws -> any MessageStore {
        let (way, askedAt, opened) = state.withLock { ($0.way, $0.askedAt, $0.open) }
        guard let opened else { throw PluginError(.unavailable, "the plugin has been stopped") }
        switch way {
        case .functions: return opened.functions
        case .oldTable where Gate.now - askedAt < Self.askAgainMilliseconds: return opened.oldTable
        case .oldTable, .unknown: break
        }
        let found = try await probe(opened.project, context)
        let isNew = state.withLock { state in
            // Once the functions were there, nothing falls back: the old columns do not show what is being sent.
            defer {
                if state.way != .functions { state.way = found }
                state.askedAt = Gate.now
            }
            return state.way == .oldTable && found == .functions || state.way == .unknown && found == .oldTable
        }
        if isNew {
            host.log(
                found == .functions ? .notice : .warning,
                found == .functions
                    ? "the project has the migration now: it is used"
                    : "the project has the old tables only: no other gateway may work on them, and consent is kept here; "
                        + "run `conductor storage migrate`")
        }
        return found == .functions ? opened.functions : opened.oldTable
    }

    private func probe(_ project: Project, _ context: CallContext) async throws -> Way {
        do {
            let health = try await project.call("conductor_health", context)
            let version = health["version"].integer ?? 0
            guard version >= Self.neededVersion else {
                // The step that turns what was written into the old columns into new ones may not have run: until then
                // the functions do not see what is being sent.
                if state.withLock({ $0.way == .oldTable }) { return .oldTable }
                throw PluginError(
                    .unavailable, "the project's migration is not finished: run `conductor storage migrate`",
                    retryAfterMilliseconds: 5_000)
            }
            if version < Self.newestVersion { tellAge() }
            return .functions
        } catch let refusal as Refusal where refusal.isMissing {
            // Functions alone may be unknown for a moment, or gone by mistake: rows that are being sent would then look
            // as if nobody had them.
            guard try await isOld(project, context) else { throw refusal }
            return .oldTable
        }
    }

    /// Texts go on as ever; what the newer steps bring is asked of them when it is wanted.
    private func tellAge() {
        let isKnown = state.withLock { state in
            defer { state.hasToldAge = true }
            return state.hasToldAge
        }
        guard !isKnown else { return }
        host.log(
            .warning,
            "the project has an older migration: nothing can be imported, customers cannot be searched or copied, and texts "
                + "are searched only word by word as they are written; run `conductor storage migrate`")
    }

    /// Whether the table is there, and has none of the migration's columns.
    private func isOld(_ project: Project, _ context: CallContext) async throws -> Bool {
        do {
            let request = Project.Request(path: "messages", query: ["select=id,delivery_status", "limit=1"])
            _ = try await project.perform(request, context)
            return false
        } catch  where error.code == "42703" {
            return true
        }
    }
}
