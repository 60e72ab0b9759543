internal import GRDB
internal import Logging
internal import PluginHost
internal import PluginKit

/// Erases people, one after the other: from the journal, from storage, from console.db, from plugins, and from the files'
/// free pages and logs. What has begun is finished, after a crash and an outage too: the journal remembers it, sealed.
actor Erasures {
    /// How long a text that is being sent is waited for.
    static let sendingMilliseconds: Int64 = 5_000
    /// How often what is not finished is tried again.
    static let againMilliseconds: Int64 = 5_000
    private static let lookMilliseconds: Int64 = 100

    private let journal: Journal
    private let console: ConsoleStore
    private let storage: StorageHandle
    private let outbound: OutboundPath
    private let policy: Policy
    private let alarms: Alarms
    private let clock: any GatewayClock
    private let logger: Logger
    /// Returns when what the feeds had read from journal and storage before the call is written down.
    private let settleFeeds: @Sendable () async -> Void
    /// Erases the person in copies that lie beside the files in use, or only counts those.
    private let eraseCopies: @Sendable (String, _ countsOnly: Bool) async throws -> ErasedCopies.Counts
    /// Has plugins forget the person; throws the reason when one could not be told.
    private let tellPlugins: @Sendable (String) async throws -> Void

    private var isBusy = false
    private var waiting: [CheckedContinuation<Void, Never>] = []
    private var mayBePending = true

    init(
        journal: Journal, console: ConsoleStore, storage: StorageHandle, outbound: OutboundPath, policy: Policy,
        alarms: Alarms, clock: any GatewayClock, logger: Logger, settleFeeds: @escaping @Sendable () async -> Void,
        eraseCopies: @escaping @Sendable (String, _ countsOnly: Bool) async throws -> ErasedCopies.Counts,
        tellPlugins: @escaping @Sendable (String) async throws -> Void
    ) {
        self.journal = journal
        self.console = console
        self.storage = storage
        self.outbound = outbound
        self.policy = policy
        self.alarms = alarms
        self.clock = clock
        self.logger = logger
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
                try await storage.erase(ErasureRequest(phone: phone, before: clock.now, countsOnly: true)))
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
            complain(error)
            report.isFinished = false
            report.waitsFor = Self.words(error)
        }
        return report
    }

    /// Finishes what was begun, again and again, until cancelled.
    func run() async {
        while !Task.isCancelled {
            await takeTurn()
            if mayBePending { await finishPending() }
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
        await settleFeeds()
        report.add(
            try await storage.erase(ErasureRequest(phone: record.phone, before: record.beganAt, scrubs: true)))
        // What was on its way from storage into the journal when this began.
        let strays = try journal.read { try JournalErasure.strays(record.phone, policy: policy, $0) }
        let now = clock.now
        let late = try await journal.writer.write { try JournalErasure.erase(record, strays, now: now, $0) }
        await outbound.forget(late.uids, of: record.phone)
        report.add(try await console.forget(record.phone, countsOnly: false))
        try await tellPlugins(record.phone)
        report.add(try await eraseCopies(record.phone, false))
        try await journal.writer.maintain { database in
            try database.execute(sql: "VACUUM")
            try Scrub.emptyLog(database)
            try database.execute(sql: "DELETE FROM erasure WHERE id = ?", arguments: [record.id])
            try Scrub.emptyLog(database)
        }
    }

    private func finishPending() async {
        do {
            let records = try journal.read { try JournalErasure.pending(journal.erasedKey, $0) }
            for record in records {
                var report = ErasureReport(JournalErasure.Counts(), isDryRun: false)
                try await finish(record, &report)
            }
            mayBePending = false
            alarms.clear("contact.erasure")
        } catch {
            if !Task.isCancelled { complain(error) }
        }
    }

    private func complain(_ error: any Error) {
        alarms.raise(
            "contact.erasure",
            "a person is not erased everywhere yet (\(Self.words(error))): it is tried again until it is done")
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
