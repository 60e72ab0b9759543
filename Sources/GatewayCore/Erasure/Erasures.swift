internal import GRDB
internal import Logging
internal import PluginHost
internal import PluginKit

/// Erases people, one after the other: from the journal, from the storages, from console.db, from plugins, and from the
/// files' free pages and logs. What has begun is finished, after a crash and an outage too: the journal remembers it,
/// sealed.
actor Erasures {
    /// How long a text that is being sent is waited for.
    static let sendingMilliseconds: Int64 = 5_000
    /// How often what is not finished is tried again.
    static let againMilliseconds: Int64 = 5_000
    /// How often storages that do not serve are tried again: each try opens them.
    static let elsewhereMilliseconds: Int64 = 60_000
    private static let lookMilliseconds: Int64 = 100

    private let journal: Journal
    private let console: ConsoleStore
    private let host: PluginHost
    private let storage: StorageHandle
    private let elsewhere: ErasureElsewhere
    private let outbound: OutboundPath
    private let policy: Policy
    private let alarms: Alarms
    private let clock: any GatewayClock
    private let logger: Logger
    /// Keeps storages from being switched while the argument is true; false when they are being switched.
    private let holdStorages: @Sendable (_ isHeld: Bool) -> Bool
    /// Returns when what the feeds had read from journal and storage before the call is written down.
    private let settleFeeds: @Sendable () async -> Void
    /// Erases the person in copies that lie beside the files in use, or only counts those.
    private let eraseCopies: @Sendable (String, _ countsOnly: Bool) async throws -> ErasedCopies.Counts
    /// Has plugins forget the person; throws the reason when one could not be told.
    private let tellPlugins: @Sendable (String) async throws -> Void

    private var isBusy = false
    private var waiting: [CheckedContinuation<Void, Never>] = []
    private var mayBePending = true
    /// When storages that do not serve are tried, on the monotonic clock.
    private var elsewhereAt: Int64 = 0
    /// Of an erasure that is not finished: what the storages that do not serve answered.
    private var visits: [Int64: [LeftStorages.Visit<ErasureReply>]] = [:]
    /// Why somebody is not erased yet.
    private var problem: String?
    private var problemElsewhere: String?

    init(
        journal: Journal, console: ConsoleStore, host: PluginHost, outbound: OutboundPath, policy: Policy,
        alarms: Alarms, clock: any GatewayClock, logger: Logger,
        holdStorages: @escaping @Sendable (_ isHeld: Bool) -> Bool, settleFeeds: @escaping @Sendable () async -> Void,
        eraseCopies: @escaping @Sendable (String, _ countsOnly: Bool) async throws -> ErasedCopies.Counts,
        tellPlugins: @escaping @Sendable (String) async throws -> Void
    ) {
        self.journal = journal
        self.console = console
        self.host = host
        storage = host.standingStorage
        elsewhere = ErasureElsewhere(journal: journal, host: host)
        self.outbound = outbound
        self.policy = policy
        self.alarms = alarms
        self.clock = clock
        self.logger = logger
        self.holdStorages = holdStorages
        self.settleFeeds = settleFeeds
        self.eraseCopies = eraseCopies
        self.tellPlugins = tellPlugins
    }

    /// What would be deleted.
    func count(_ phone: String) async throws(GatewayError) -> ErasureReport {
        do {
            let (counts, isOut) = try journal.read { database in
                let strays = try JournalErasure.strays(phone, policy: policy, database)
                return (
                    try JournalErasure.count(phone, strays, database), try !Consent.isAllowed(phone, database)
                )
            }
            var report = ErasureReport(counts, isDryRun: true)
            report.staysOptedOut = isOut
            report.add(
                try await storage.erase(ErasureRequest(phone: phone, before: clock.now, countsOnly: true)),
                of: await served())
            // Who only observes opens no further file: that may change it.
            if !policy.observes { report.add(try await elsewhere.count(phone, now: clock.now)) }
            report.add(try await console.forget(phone, countsOnly: true))
            report.add(try await eraseCopies(phone, true))
            return report
        } catch {
            throw GatewayError(.unavailable, "what is kept of this person cannot be counted: \(Self.words(error))")
        }
    }

    /// Erases a person. What cannot be reached now is erased later: the report says so.
    func erase(_ phone: String) async throws(GatewayError) -> ErasureReport {
        await takeTurn()
        defer { giveTurn() }
        let (record, counts, isOut) = try await begin(phone)
        await outbound.forget(counts.uids, of: phone)
        var report = ErasureReport(counts, isDryRun: false)
        report.staysOptedOut = isOut
        do {
            try await finish(record, &report)
        } catch {
            mayBePending = true
            problem = Self.words(error)
            report.isFinished = false
            report.waitsFor = problem
        }
        tell()
        return report
    }

    /// Another storage serves, or a drop-in changed: one that was away may be there.
    func storagesChanged() {
        elsewhereAt = 0
        visits = [:]
    }

    /// Finishes what was begun, again and again, until cancelled.
    func run() async {
        while !Task.isCancelled {
            await takeTurn()
            if mayBePending { await finishPending() }
            if clock.monotonicMilliseconds >= elsewhereAt { await finishElsewhere() }
            giveTurn()
            do { try await clock.sleep(milliseconds: Self.againMilliseconds) } catch { return }
        }
    }

    /// What an earlier run began, as far as the journal goes: before anything is sent or carried.
    static func resume(_ journal: Journal, policy: Policy, now: Timestamp) async throws {
        let records = try journal.read { try JournalErasure.pending(journal.erasedKey, $0) }
        for record in records {
            let strays = try journal.read { try JournalErasure.strays(record.phone, policy: policy, $0) }
            _ = try await journal.writer.write { try JournalErasure.erase(record, strays, now: now, $0) }
        }
    }

    // MARK: Steps

    private func begin(
        _ phone: String
    ) async throws(GatewayError) -> (JournalErasure.Record, JournalErasure.Counts, Bool) {
        let deadline = clock.monotonicMilliseconds + Self.sendingMilliseconds
        while true {
            do {
                try journal.erasedKey.make()
                guard let sealed = journal.erasedKey.seal(phone) else {
                    throw GatewayError(.unavailable, "the number cannot be sealed: libcrypto refuses")
                }
                let strays = try journal.read { try JournalErasure.strays(phone, policy: policy, $0) }
                let now = clock.now
                return try await journal.writer.write { database in
                    let isOut = try !Consent.isAllowed(phone, database)
                    let (record, counts) = try JournalErasure.begin(phone, sealed: sealed, strays, now: now, database)
                    return (record, counts, isOut)
                }
            } catch is JournalErasure.OnItsWay {
                guard clock.monotonicMilliseconds < deadline else {
                    throw GatewayError(
                        .refused,
                        "a text to this person is being sent just now: nothing was erased; try again in a minute")
                }
                do {
                    try await clock.sleep(milliseconds: Self.lookMilliseconds)
                } catch {
                    throw GatewayError(.unavailable, "the gateway is stopping: nothing was erased")
                }
            } catch let error as GatewayError {
                throw error
            } catch {
                throw GatewayError(.unavailable, "nothing was erased: \(error)")
            }
        }
    }

    private func finish(_ record: JournalErasure.Record, _ report: inout ErasureReport) async throws {
        guard holdStorages(true) else { throw PluginError(.unavailable, "storage is being switched") }
        defer { _ = holdStorages(false) }
        await settleFeeds()
        // First, and once: the one that serves may be away for long.
        let visits: [LeftStorages.Visit<ErasureReply>]
        if let known = self.visits[record.id] {
            visits = known
        } else {
            visits = try await elsewhere.erase(record.phone, before: record.beganAt)
            self.visits[record.id] = visits
        }
        report.add(
            try await storage.erase(ErasureRequest(phone: record.phone, before: record.beganAt, scrubs: true)),
            of: await served())
        report.add(visits)
        // What was on its way from storage into the journal when this began.
        let strays = try journal.read { try JournalErasure.strays(record.phone, policy: policy, $0) }
        let now = clock.now
        let late = try await journal.writer.write { try JournalErasure.erase(record, strays, now: now, $0) }
        await outbound.forget(late.uids, of: record.phone)
        report.add(try await console.forget(record.phone, countsOnly: false))
        try await tellPlugins(record.phone)
        report.add(try await eraseCopies(record.phone, false))
        let away = visits.filter { $0.id != nil && $0.isAway }
        let sealed = away.isEmpty ? nil : journal.erasedKey.seal(record.phone)
        try await journal.writer.maintain { database in
            try database.execute(sql: "VACUUM")
            try Scrub.emptyLog(database)
            try database.inTransaction {
                if let sealed {
                    try ErasureElsewhere.wait(
                        for: away.compactMap(\.id), sealed: sealed, beganAt: record.beganAt, database)
                }
                try database.execute(sql: "DELETE FROM erasure WHERE id = ?", arguments: [record.id])
                return .commit
            }
            try Scrub.emptyLog(database)
        }
        self.visits[record.id] = nil
        guard !away.isEmpty else { return }
        elsewhereAt = clock.monotonicMilliseconds + Self.elsewhereMilliseconds
        problemElsewhere = ErasureElsewhere.sentence(away.map { "\($0.location) (\($0.problem))" })
        report.isFinished = false
        report.waitsFor = problemElsewhere
    }

    /// The storage that serves, for the report.
    private func served() async -> StorageLook {
        let name = host.storageFile
        let location = try? await storage.health().location
        return StorageLook(dropIn: name, location: location ?? "storage", serves: true)
    }

    private func finishPending() async {
        do {
            let records = try journal.read { try JournalErasure.pending(journal.erasedKey, $0) }
            for record in records {
                var report = ErasureReport(JournalErasure.Counts(), isDryRun: false)
                try await finish(record, &report)
            }
            mayBePending = false
            problem = nil
        } catch {
            if Task.isCancelled { return }
            problem = Self.words(error)
        }
        tell()
    }

    private func finishElsewhere() async {
        elsewhereAt = clock.monotonicMilliseconds + Self.elsewhereMilliseconds
        do {
            guard holdStorages(true) else { return }
            defer { _ = holdStorages(false) }
            let problems = try await elsewhere.carryOutAll(serving: host.servingStorage)
            problemElsewhere = problems.isEmpty ? nil : ErasureElsewhere.sentence(problems)
        } catch {
            if Task.isCancelled { return }
            problemElsewhere = Self.words(error)
        }
        tell()
    }

    /// The alarm says what stands.
    private func tell() {
        guard let problem = problem ?? problemElsewhere else { return alarms.clear("contact.erasure") }
        alarms.raise(
            "contact.erasure",
            "a person is not erased everywhere yet (\(problem)): it is tried again until it is done")
    }

    private static func words(_ error: any Error) -> String {
        if let error = error as? PluginError { return error.message }
        if let error = error as? DatabaseError { return JournalError(commit: error).description }
        return "\(error)"
    }

    private func takeTurn() async {
        if isBusy {
            await withCheckedContinuation { waiting.append($0) }
        } else {
            isBusy = true
        }
    }

    private func giveTurn() {
        if waiting.isEmpty {
            isBusy = false
        } else {
            waiting.removeFirst().resume()
        }
    }
}

/// What leaves no trace in a SQLite file.
enum Scrub {
    /// Brings the write-ahead log into the file and empties it. Outside of transactions.
    static func emptyLog(_ database: Database) throws {
        guard try Row.fetchOne(database, sql: "PRAGMA wal_checkpoint(TRUNCATE)")?[0] == 0 else {
            throw JournalError(code: .locked, description: "a file of the gateway is being read by another program")
        }
    }
}
