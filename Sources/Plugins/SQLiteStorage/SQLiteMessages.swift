internal import GRDB
public import PluginKit
internal import Synchronization

/// Keeps the business's texts and customers in one SQLite file: plugin `sqlite`, capabilities `conductor.storage/1` and
/// `conductor.crm/1`.
///
/// Other programs may read and write the same file at the same time; what they commit is noticed at once.
public final class SQLiteMessages: Storage, CustomerDirectory {
    /// Who this plugin is.
    public static let info = PluginInfo(id: "sqlite", name: "SQLite storage", version: "0.1.0")

    /// Never blocks: all work with the file happens on queues of its own.
    public static let execution = Execution.inline

    private let host: Host
    private let connection: Connection
    private let watch: FileWatch
    private let upkeep: Upkeep
    private let quota: ByteCount?

    /// Reads the settings (see `SQLiteSettings`); touches nothing.
    public init(host: Host, settings: Settings) throws {
        let settings = try settings.decode(SQLiteSettings.self)
        let path = host.resolve(path: settings.path)
        let watch = FileWatch(path: path)
        self.host = host
        self.watch = watch
        quota = settings.quota
        let opened = Opened()
        connection = Connection(
            path: path, busyTimeout: Double(settings.busyTimeoutMilliseconds) / 1000, home: settings.home,
            isSearched: settings.isSearched, warn: { host.log(.warning, $0) }
        ) {
            // Rows may have come while nobody looked; and the files to watch may be others now.
            watch.watch()
            opened.upkeep?.kick(.now)
            host.storageChanged()
        }
        upkeep = Upkeep(connection) { host.log(.warning, $0) }
        opened.upkeep = upkeep
    }

    /// Opens the file. That it cannot be opened now is no reason not to start: the next call tries again, and says why.
    ///
    /// A file that is there is opened beside the rest of the gateway's start, since its log may be long; the first call
    /// waits for it. One that is not there is made first: other programs look for it once the gateway is ready.
    public func start() async throws {
        watch.listen { [connection, host, upkeep] in
            guard connection.othersCommitted() else { return }
            host.storageChanged()
            upkeep.kick(.now)
        }
        if connection.isMade {
            connection.openSoon { [host] in host.log(.error, $0.message) }
            return
        }
        do {
            try await connection.check { _ in }
        } catch {
            host.log(.error, error.message)
        }
    }

    /// Closes the file.
    public func stop() async {
        watch.stop()
        upkeep.end()
        await connection.close()
    }

    /// Texts put at once that are part of a bulk load.
    private static let much = 200
    /// Texts that a search waits for.
    private static let patience = 2_000

    private func write<T: Sendable>(
        _ work: @escaping @Sendable (Database) throws -> T
    ) async throws(PluginError) -> T {
        let result = try await connection.write(work)
        upkeep.wrote()
        return result
    }

    // MARK: Storage

    /// See `Storage`. The index is filled afterwards: many rows at once cost it little, and each alone as much as the rest
    /// of its transaction.
    public func put(_ messages: [Message], context: CallContext) async throws {
        let moment = host.now
        try await write { db in
            try SearchIndex.postpone(on: db)
            try Put.run(messages, now: moment, on: db)
        }
        upkeep.kick(messages.count >= Self.much ? .resting : .shortly)
    }

    /// See `Storage`.
    public func exchange(_ request: ExchangeRequest, context: CallContext) async throws -> ExchangeReply {
        let moment = host.now
        return try await write { db in try Exchange.run(request, now: moment, on: db) }
    }

    /// See `Storage`.
    public func owned(by gateway: String, context: CallContext) async throws -> [Message] {
        try await connection.write { db in try Lookup.owned(by: gateway, on: db) }
    }

    /// See `Storage`.
    public func messages(_ query: MessageQuery, context: CallContext) async throws -> [Message] {
        guard query.search != nil else { return try await connection.read { db in try Lookup.messages(query, on: db) } }
        // What was put in bulk just now is to be found, too, if it is not too much to wait for.
        let waiting = try await connection.read { db in try SearchIndex.waiting(limit: Self.patience, on: db) }
        if waiting > 0, waiting < Self.patience {
            try await connection.write { db in while try SearchIndex.fill(limit: Self.patience, on: db) {} }
        }
        return try await connection.read { db in try Lookup.messages(query, on: db) }
    }

    /// See `Storage`. False also for a text that was born in a gateway's journal: only that sends it again.
    public func change(_ change: MessageChange, context: CallContext) async throws -> Bool {
        let moment = host.now
        return try await write { db in try Lookup.change(change, now: moment, on: db) }
    }

    /// See `Storage`.
    public func recordConsent(_ events: [ConsentEvent], context: CallContext) async throws {
        try await write { db in try Consent.record(events, on: db) }
    }

    /// See `Storage`.
    public func consent(_ query: ConsentQuery, context: CallContext) async throws -> ConsentPage {
        try await connection.read { db in try Consent.page(query, on: db) }
    }

    /// See `Storage`. Takes the write lock for a moment, so that a file that can only be read is not called healthy.
    public func health(context: CallContext) async throws -> StorageHealth {
        let (rows, bytes, identity) = try await connection.write { db in
            // What is free in the file is room.
            let free = try Int64.fetchOne(db.cachedStatement(sql: "PRAGMA freelist_count")) ?? 0
            let pages = (try Int64.fetchOne(db.cachedStatement(sql: "PRAGMA page_count")) ?? 0) - free
            let size = try Int64.fetchOne(db.cachedStatement(sql: "PRAGMA page_size")) ?? 0
            return (try Lookup.rows(on: db), pages * size, try StorageIdentity.read(on: db))
        }
        return StorageHealth(
            location: "SQLite \(connection.path)", rows: rows, bytes: bytes,
            databaseFile: connection.path.hasPrefix("/") ? connection.path : nil, identity: identity,
            quotaBytes: quota?.bytes)
    }

    /// See `Storage`. Bytes only where this SQLite has the table `dbstat`.
    public func sizes(context: CallContext) async throws -> [StorageTable] {
        try await connection.read { db in try TableSizes.read(on: db) }
    }

    /// See `Storage`. With `scrubs`, the file is written anew and its log emptied, which takes as long as a copy; a
    /// repetition after the caller gave up waiting finds that done.
    public func erase(_ request: ErasureRequest, context: CallContext) async throws -> ErasureReply {
        let erase = Erase(request: request)
        guard let phone = request.phone else {
            let ids = try await connection.read { db in try erase.oldTexts(on: db) }
            if request.countsOnly { return ErasureReply(texts: Int64(ids.count)) }
            if ids.isEmpty {
                upkeep.kick(.now)
                return ErasureReply(texts: 0)
            }
            let reply = try await write { db in
                try SearchIndex.markForPurge(on: db)
                return try erase.delete(ids, on: db)
            }
            if !reply.hasMore { upkeep.kick(.now) }
            return reply
        }
        if request.countsOnly { return try await connection.read { db in try erase.count(phone, on: db) } }
        let reply = try await write { db in
            try SearchIndex.markForPurge(on: db)
            return try erase.delete(phone, on: db)
        }
        if request.scrubs {
            let found = reply.texts + reply.consent + reply.others > 0
            try await connection.scrub(for: phone, again: found)
        }
        upkeep.kick(.now)
        return reply
    }

    /// See `Storage`.
    public func contact(_ phone: String, context: CallContext) async throws -> StoredContact {
        try await connection.read { db in try Erase.contact(phone, on: db) }
    }

    /// See `Storage`.
    public func heartbeat(_ presence: GatewayPresence, context: CallContext) async throws -> [GatewayPresence] {
        let moment = host.now
        return try await connection.write { db in try Presence.note(presence, now: moment, on: db) }
    }

    // MARK: CustomerDirectory

    /// See `CustomerDirectory`.
    public func customers(_ query: CustomerQuery, context: CallContext) async throws -> [Customer] {
        let lookup = CustomerLookup(query: query, now: host.now)
        let found = try await connection.read { db in
            try ShopZone.isFilled(on: db) ? try lookup.run(on: db) : nil
        }
        if let found { return found }
        // Somebody named another zone.
        let (customers, problem) = try await connection.write { db in
            let problem = try ShopZone.fill(now: lookup.now.milliseconds / 1000, on: db)
            return (try lookup.run(on: db), problem)
        }
        if let problem { host.log(.warning, problem) }
        return customers
    }

    /// See `CustomerDirectory`.
    public func search(_ search: CustomerSearch, context: CallContext) async throws -> [Customer] {
        let moment = host.now
        return try await connection.read { db in try SearchIndex.customers(search, now: moment, on: db) }
    }

    /// See `CustomerDirectory`.
    public func records(_ query: RecordQuery, context: CallContext) async throws -> [CustomerRecord] {
        try await connection.read { db in try RecordPage(query: query).run(on: db) }
    }

    /// See `CustomerDirectory`. No row is refused because it refers to nothing: this file has no such rules.
    public func putRecords(_ batch: RecordBatch, context: CallContext) async throws -> RecordReply {
        let moment = host.now
        let reply = try await write { db in try RecordPut(batch: batch, now: moment).run(on: db) }
        upkeep.kick(.resting)
        return reply
    }

    /// See `CustomerDirectory`.
    public func list(_ query: ListQuery, context: CallContext) async throws -> ListPage {
        try await connection.read { db in try CustomerListing(query: query).run(on: db) }
    }

    /// See `CustomerDirectory`. No row is refused because it refers to nothing: this file has no such rules.
    public func importRows(_ batch: ImportBatch, context: CallContext) async throws -> ImportReply {
        let moment = host.now
        let reply = try await write { db in
            if !batch.isDry { try BulkLoad.begin(on: db) }
            return try ImportPut(batch: batch, now: moment).run(on: db)
        }
        upkeep.kick(.resting)
        return reply
    }

    /// See `CustomerDirectory`.
    public func changeCustomers(_ change: CustomerChange, context: CallContext) async throws -> CustomerDifferences {
        try change.check()
        let moment = host.now
        let differences = try await write { db in
            var differences = CustomerDifferences([])
            try db.inSavepoint {
                differences =
                    switch change.what {
                    case .merge(let into, let others):
                        CustomerDifferences(try CustomerMerge(into: into, others: others, now: moment).run(on: db))
                    case .recount(let after, let limit, let lowers):
                        try CustomerRecount(after: after, limit: Int(limit), lowers: lowers, now: moment).run(on: db)
                    case .rules(let rules):
                        CustomerDifferences(try CustomerRules(changes: rules, now: moment).run(on: db))
                    }
                return change.isPreview ? .rollback : .commit
            }
            return differences
        }
        if !change.isPreview { upkeep.kick(.now) }
        return differences
    }

    /// See `CustomerDirectory`. Taking back goes in steps: what is done stays done when a later one fails.
    public func endImport(_ end: ImportEnd, context: CallContext) async throws -> [ImportTableChange] {
        let undo = ImportUndo(importID: end.importID)
        switch end.what {
        case .complete:
            try await write { db in
                try ImportTotals.fill(of: end.importID, on: db)
                try BulkLoad.end(on: db)
            }
            upkeep.kick(.now)
            return []
        case .foresee:
            return try await connection.read { db in try undo.foresee(on: db) }
        case .undo:
            var changes: [CustomerTable: ImportTableChange] = [:]
            func add(_ more: [ImportTableChange]) {
                for change in more {
                    var sum = changes[change.table] ?? ImportTableChange(table: change.table)
                    sum.removed += change.removed
                    sum.restored += change.restored
                    sum.left += change.left
                    changes[change.table] = sum
                }
            }
            while let step = try await write({ db in try undo.step(on: db) }) { add(step) }
            add(try await connection.read { db in try undo.left(on: db) })
            upkeep.kick(.now)
            return CustomerTable.allCases.compactMap { changes[$0] }
        }
    }
}

/// The upkeep, which is made after the connection that tells it of each opening.
private final class Opened: Sendable {
    private let weakly = Mutex<Weak>(Weak())
    private struct Weak: Sendable {
        weak var upkeep: Upkeep?
    }

    var upkeep: Upkeep? {
        get { weakly.withLock { $0.upkeep } }
        set { weakly.withLock { $0.upkeep = newValue } }
    }
}
