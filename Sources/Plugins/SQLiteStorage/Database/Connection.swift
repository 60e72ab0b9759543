internal import Dispatch
internal import GRDB
internal import PluginKit
internal import Synchronization
internal import Glibc

/// The one SQLite file: opened when first needed, opened again when it was replaced or had failed.
///
/// One connection writes, on a queue of its own; others read beside it (WAL). Every answer of a write is durable
/// (`synchronous=FULL`). Nothing here blocks a caller's thread.
final class Connection: Sendable {
    /// Reads at once; another one waits for its turn, some milliseconds.
    private static let readers = 2

    let path: String
    private let busyTimeout: Double
    private let migrations: [Migration]
    private let home: PhoneSQL.Home
    private let isSearched: Bool
    private let warn: @Sendable (String) -> Void
    private let opened: @Sendable () -> Void
    private let writing = DispatchQueue(label: "conductor.sqlite.write")
    private let reading = DispatchQueue(label: "conductor.sqlite.read", attributes: .concurrent)
    let turns = PendingWrites()
    private let state = Mutex(State())

    private struct State: Sendable {
        var pool: DatabasePool?
        /// Its readers that are being opened.
        var opening: DispatchGroup?
        var identity: FileIdentity?
        var dataVersion: Int64?
        var closed = false
        /// For whom the file was last scrubbed, in a form that is good for this process only.
        var scrubbedFor: Int?
    }

    /// - Parameters:
    ///   - busyTimeout: seconds to wait for another program's lock.
    ///   - home: how numbers are written at home.
    ///   - isSearched: whether there is a full-text index.
    ///   - warn: takes a sentence for the log, on the writing queue.
    ///   - opened: called on the writing queue each time the file was opened.
    init(
        path: String, busyTimeout: Double, migrations: [Migration] = Migrator.all,
        home: PhoneSQL.Home = .northAmerica, isSearched: Bool = true,
        warn: @escaping @Sendable (String) -> Void = { _ in },
        opened: @escaping @Sendable () -> Void
    ) {
        self.path = path
        self.busyTimeout = busyTimeout
        self.migrations = migrations
        self.home = home
        self.isSearched = isSearched
        self.warn = warn
        self.opened = opened
    }

    /// Whether there is something in the file.
    var isMade: Bool { Self.size(path) > 0 }

    /// Opens the file before anybody asks for it, and waits for nothing.
    func openSoon(orElse failed: @escaping @Sendable (PluginError) -> Void) {
        writing.async { [self] in
            do { _ = try writer() } catch { failed(StorageFailure.describe(error, path: path)) }
        }
    }

    /// Runs `work` in one immediate transaction, with what else waits for one: all of them become durable at once.
    ///
    /// - Parameter work: nothing but changes of the file, since it may be rolled back and run again.
    func write<T: Sendable>(_ work: @escaping @Sendable (Database) throws -> T) async throws(PluginError) -> T {
        let result: Result<T, PluginError> = await withCheckedContinuation { continuation in
            let write = PendingWrite(
                run: { db in
                    let value = try work(db)
                    return { continuation.resume(returning: .success(value)) }
                },
                fail: { continuation.resume(returning: .failure($0)) })
            if turns.add(write) { writing.async { [self] in writePending() } }
        }
        return try result.get()
    }

    /// Runs `work` on the writing connection without a transaction.
    func check<T: Sendable>(_ work: @escaping @Sendable (Database) throws -> T) async throws(PluginError) -> T {
        try await perform(on: writing) { connection in try connection.writer().writeWithoutTransaction(work) }
    }

    /// Runs `work` on a snapshot.
    func read<T: Sendable>(_ work: @escaping @Sendable (Database) throws -> T) async throws(PluginError) -> T {
        let known = state.withLock { $0.identity }
        if known == nil || known != FileIdentity(path: path) {
            _ = try await perform(on: writing) { connection in _ = try connection.writer() }
        }
        return try await perform(on: reading) { connection in
            guard let pool = connection.state.withLock({ $0.pool }) else {
                throw PluginError(.unavailable, "\(connection.path) is closed", retryAfterMilliseconds: 100)
            }
            return try pool.read(work)
        }
    }

    /// Leaves no trace of what was deleted: the file is written anew without it, and the log is emptied.
    ///
    /// - Parameter again: something was deleted now; else a scrub for the same person that was made since is enough.
    func scrub(for person: String, again: Bool) async throws(PluginError) {
        let mark = person.hashValue
        try await perform(on: writing) { connection in
            if !again, connection.state.withLock({ $0.scrubbedFor == mark }) { return }
            connection.state.withLock { $0.scrubbedFor = nil }
            try connection.writer().writeWithoutTransaction { db in
                try db.inTransaction(.immediate) {
                    try SearchIndex.forget(on: db)
                    return .commit
                }
                try db.execute(sql: "VACUUM")
                let result = try Row.fetchOne(db, sql: "PRAGMA wal_checkpoint(TRUNCATE)")
                guard result?[0] == 0 else {
                    throw PluginError(
                        .unavailable,
                        "\(connection.path) is being read by another program, so that its log cannot be emptied; "
                            + "`fuser \(connection.path)` tells which", retryAfterMilliseconds: 1_000)
                }
            }
            connection.state.withLock { $0.scrubbedFor = mark }
        }
    }

    /// Runs `work` in one immediate transaction, if the file is open, can be written now, and there is something to do.
    /// Blocks its thread; not to be called from the writing queue.
    func quietly<T>(if isNeeded: (Database) throws -> Bool, _ work: (Database) throws -> T) -> T? {
        writing.sync {
            guard let pool = state.withLock({ $0.pool }), (try? writer()) === pool,
                (try? pool.writeWithoutTransaction(isNeeded)) == true
            else { return nil }
            return try? pool.write(work)
        }
    }

    /// The size of the write-ahead log.
    var logBytes: Int64 { Self.size(path + "-wal") }

    /// In bytes; 0 when nothing is there.
    private static func size(_ path: String) -> Int64 {
        var information = stat()
        return stat(path, &information) == 0 ? Int64(information.st_size) : 0
    }

    /// Folds the log into the file as far as readers let it, and empties it where none is in the way. Blocks its thread,
    /// and nobody else for longer than that takes.
    ///
    /// - Returns: the size of the log afterwards.
    func foldLog() -> Int64 {
        writing.sync {
            guard let pool = state.withLock({ $0.pool }) else { return logBytes }
            try? pool.writeWithoutTransaction { db in
                // Another program's reader is not waited for: writers would wait, too.
                try db.execute(sql: "PRAGMA busy_timeout = 0")
                defer { try? db.execute(sql: "PRAGMA busy_timeout = \(Int(busyTimeout * 1000))") }
                let passive = try Row.fetchOne(db, sql: "PRAGMA wal_checkpoint(PASSIVE)")
                guard let passive, passive[0] == 0, passive[1] == passive[2] as Int else { return }
                _ = try Row.fetchOne(db, sql: "PRAGMA wal_checkpoint(TRUNCATE)")
            }
            return logBytes
        }
    }

    /// True when another connection has committed since the last call, or the file became another one. Blocks its thread
    /// while a write is under way; not to be called from the writing queue. Opens nothing that was not open.
    func othersCommitted() -> Bool {
        writing.sync {
            guard let before = state.withLock({ $0.pool }) else { return false }
            do {
                // A new file is announced by `opened`.
                guard try writer() === before else { return false }
                let version = try before.writeWithoutTransaction { try Self.dataVersion($0) }
                return state.withLock { state in
                    defer { state.dataVersion = version }
                    return state.dataVersion != version
                }
            } catch {
                if StorageFailure.needsReopening(error) { drop(folding: false) }
                // The next call of the host finds out why, and says so.
                return true
            }
        }
    }

    /// Changes on this connection when, and only when, another one has committed.
    private static func dataVersion(_ db: Database) throws -> Int64? {
        try Int64.fetchOne(db.cachedStatement(sql: "PRAGMA data_version"))
    }

    /// Ends all work; no later call opens the file again.
    func close() async {
        _ = try? await perform(on: writing) { connection in
            connection.state.withLock { $0.closed = true }
            connection.drop(folding: false)
        }
    }

    private func perform<T: Sendable>(
        on queue: DispatchQueue, _ work: @escaping @Sendable (Connection) throws -> T
    ) async throws(PluginError) -> T {
        let path = path
        let result: Result<T, PluginError> = await withCheckedContinuation { continuation in
            queue.async { [self] in
                do {
                    continuation.resume(returning: .success(try work(self)))
                } catch {
                    if StorageFailure.needsReopening(error) {
                        writing.async { [self] in drop(folding: false) }
                    }
                    continuation.resume(returning: .failure(StorageFailure.describe(error, path: path)))
                }
            }
        }
        return try result.get()
    }

    // MARK: On the writing queue

    private func writePending() {
        let writes = turns.take()
        if writes.isEmpty { return }
        if turns.count > 0 { writing.async { [self] in writePending() } }
        do {
            try write(writes)
        } catch  where writes.count > 1 && !StorageFailure.isOfFile(error) {
            // One of them was refused, and only that one's caller is to know.
            for write in writes {
                do { try self.write([write]) } catch { fail([write], error) }
            }
        } catch {
            fail(writes, error)
        }
    }

    private func write(_ writes: [PendingWrite]) throws {
        let ends = try writer().write { db in try writes.map { try $0.run(db) } }
        for end in ends { end() }
    }

    private func fail(_ writes: [PendingWrite], _ error: any Error) {
        if StorageFailure.needsReopening(error) { drop(folding: false) }
        for write in writes { write.fail(StorageFailure.describe(error, path: path)) }
    }

    private func writer() throws -> DatabasePool {
        let (pool, identity, closed) = state.withLock { ($0.pool, $0.identity, $0.closed) }
        if closed { throw PluginError(.unavailable, "\(path) is closed: the plugin was stopped") }
        if let pool {
            if identity == FileIdentity(path: path) { return pool }
            drop(folding: true)
        }
        return try open()
    }

    private func open() throws -> DatabasePool {
        try createPrivately()
        var configuration = Configuration()
        configuration.label = "conductor.sqlite"
        configuration.busyMode = .timeout(busyTimeout)
        configuration.foreignKeysEnabled = false
        configuration.maximumReaderCount = Self.readers
        configuration.prepareDatabase { db in
            // What a transaction sets aside stays in memory: the system's temporary folder is another disk, or none of ours.
            // The schema is trusted, since FTS5 in a trigger counts as unsafe before SQLite 3.42; nothing is registered here
            // that a schema could misuse.
            try db.execute(
                sql: """
                    PRAGMA synchronous = FULL; PRAGMA trusted_schema = ON; PRAGMA temp_store = MEMORY;
                    PRAGMA secure_delete = FAST; PRAGMA journal_size_limit = 16777216
                    """)
            // Lists and searches seldom read a page twice, and the system has it in its own cache.
            if db.configuration.readonly { try db.execute(sql: "PRAGMA cache_size = -512") }
        }
        let pool = try DatabasePool(path: path, configuration: configuration)
        do {
            let (migrations, home, isSearched) = (migrations, home, isSearched)
            let zoneProblem = try pool.write { db in
                try Migrator.run(migrations, on: db)
                try StorageIdentity.ensure(on: db)
                try PhoneColumn.bringUpToDate(home: home, on: db)
                try Derived.bringUpToDate(on: db)
                try SearchIndex.bringUpToDate(isWanted: isSearched, on: db)
                return try ShopZone.fill(now: HostFunctions.timeOfDay.milliseconds / 1000, on: db)
            }
            if let zoneProblem { warn(zoneProblem) }
            let version = try pool.writeWithoutTransaction { try Self.dataVersion($0) }
            let identity = FileIdentity(path: path)
            state.withLock { state in
                state.pool = pool
                state.identity = identity
                state.dataVersion = version
            }
        } catch {
            try? pool.close()
            throw error
        }
        let opening = Self.openReaders(of: pool)
        state.withLock { $0.opening = opening }
        opened()
        return pool
    }

    /// Beside what goes on, and not only when so many are first needed at once: what the process has open does not depend
    /// on how busy it once was. Each holds its reader until the others have theirs.
    ///
    /// - Returns: those that are not through: a pool that is closed meanwhile would let the others begin no more, so that
    ///   the first waited for ever.
    private static func openReaders(of pool: DatabasePool) -> DispatchGroup {
        let (together, opening) = (DispatchGroup(), DispatchGroup())
        for _ in 0..<readers {
            together.enter()
            opening.enter()
        }
        for _ in 0..<readers {
            pool.asyncRead { _ in
                together.leave()
                together.wait()
                opening.leave()
            }
        }
        return opening
    }

    /// SQLite would create the file readable by everyone; it holds people's texts. Its side files get the same mode.
    private func createPrivately() throws {
        if let slash = path.lastIndex(of: "/"), slash > path.startIndex {
            _ = mkdir(String(path[..<slash]), 0o750)
        }
        let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o660)
        if descriptor >= 0 { Glibc.close(descriptor) }
    }

    /// - Parameter folding: the file was moved away while open: what its log still holds goes into it, so that the log,
    ///   which stays behind under the old name, is not taken for a part of the new file.
    private func drop(folding: Bool) {
        let (pool, opening) = state.withLock { state in
            defer {
                state.pool = nil
                state.opening = nil
                state.identity = nil
                state.dataVersion = nil
            }
            return (state.pool, state.opening)
        }
        guard let pool else { return }
        opening?.wait()
        if folding { try? pool.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) } }
        try? pool.close()
    }
}
