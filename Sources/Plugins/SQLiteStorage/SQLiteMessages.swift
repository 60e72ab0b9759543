internal import GRDB
public import PluginKit

/// Keeps the business's texts in one SQLite file: plugin `sqlite`, capability `conductor.storage/1`.
///
/// Other programs may read and write the same file at the same time; what they commit is noticed at once.
public final class SQLiteMessages: Storage {
    /// Who this plugin is.
    public static let info = PluginInfo(id: "sqlite", name: "SQLite storage", version: "0.1.0")

    /// Never blocks: all work with the file happens on queues of its own.
    public static let execution = Execution.inline

    private let host: Host
    private let connection: Connection
    private let watch: FileWatch

    /// Reads the settings (see `SQLiteSettings`); touches nothing.
    public init(host: Host, settings: Settings) throws {
        let settings = try settings.decode(SQLiteSettings.self)
        let path = host.resolve(path: settings.path)
        let watch = FileWatch(path: path)
        self.host = host
        self.watch = watch
        connection = Connection(
            path: path, busyTimeout: Double(settings.busyTimeoutMilliseconds) / 1000, home: settings.home,
            warn: { host.log(.warning, $0) }
        ) {
            // Rows may have come while nobody looked; and the files to watch may be others now.
            watch.watch()
            host.storageChanged()
        }
    }

    /// Opens the file. That it cannot be opened now is no reason not to start: the next call tries again, and says why.
    public func start() async throws {
        watch.listen { [connection, host] in
            if connection.othersCommitted() { host.storageChanged() }
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
        await connection.close()
    }

    // MARK: Storage

    /// See `Storage`.
    public func put(_ messages: [Message], context: CallContext) async throws {
        let moment = host.now
        try await connection.write { db in try Put.run(messages, now: moment, on: db) }
    }

    /// See `Storage`.
    public func exchange(_ request: ExchangeRequest, context: CallContext) async throws -> ExchangeReply {
        let moment = host.now
        return try await connection.write { db in try Exchange.run(request, now: moment, on: db) }
    }

    /// See `Storage`.
    public func owned(by gateway: String, context: CallContext) async throws -> [Message] {
        try await connection.write { db in try Lookup.owned(by: gateway, on: db) }
    }

    /// See `Storage`.
    public func messages(_ query: MessageQuery, context: CallContext) async throws -> [Message] {
        try await connection.read { db in try Lookup.messages(query, on: db) }
    }

    /// See `Storage`. False also for a text that was born in a gateway's journal: only that sends it again.
    public func change(_ change: MessageChange, context: CallContext) async throws -> Bool {
        let moment = host.now
        return try await connection.write { db in try Lookup.change(change, now: moment, on: db) }
    }

    /// See `Storage`.
    public func recordConsent(_ events: [ConsentEvent], context: CallContext) async throws {
        try await connection.write { db in try Consent.record(events, on: db) }
    }

    /// See `Storage`.
    public func consent(_ query: ConsentQuery, context: CallContext) async throws -> ConsentPage {
        try await connection.read { db in try Consent.page(query, on: db) }
    }

    /// See `Storage`. Takes the write lock for a moment, so that a file that can only be read is not called healthy.
    public func health(context: CallContext) async throws -> StorageHealth {
        let (rows, bytes, identity) = try await connection.write { db in
            let pages = try Int64.fetchOne(db.cachedStatement(sql: "PRAGMA page_count")) ?? 0
            let size = try Int64.fetchOne(db.cachedStatement(sql: "PRAGMA page_size")) ?? 0
            return (try Lookup.rows(on: db), pages * size, try StorageIdentity.read(on: db))
        }
        return StorageHealth(
            location: "SQLite \(connection.path)", rows: rows, bytes: bytes,
            databaseFile: connection.path.hasPrefix("/") ? connection.path : nil, identity: identity)
    }

    /// See `Storage`. With `scrubs`, the file is written anew and its log emptied, which takes as long as a copy; a
    /// repetition after the caller gave up waiting finds that done.
    public func erase(_ request: ErasureRequest, context: CallContext) async throws -> ErasureReply {
        let erase = Erase(request: request)
        guard let phone = request.phone else {
            let ids = try await connection.read { db in try erase.oldTexts(on: db) }
            if request.countsOnly { return ErasureReply(texts: Int64(ids.count)) }
            if ids.isEmpty { return ErasureReply(texts: 0) }
            return try await connection.write { db in try erase.delete(ids, on: db) }
        }
        if request.countsOnly { return try await connection.read { db in try erase.count(phone, on: db) } }
        let reply = try await connection.write { db in try erase.delete(phone, on: db) }
        if request.scrubs {
            let found = reply.texts + reply.consent + reply.others > 0
            try await connection.scrub(for: phone, again: found)
        }
        return reply
    }

    /// See `Storage`.
    public func contact(_ phone: String, context: CallContext) async throws -> StoredContact {
        try await connection.read { db in try Erase.contact(phone, on: db) }
    }
}
