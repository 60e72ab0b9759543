internal import GRDB
internal import Logging
internal import PluginHost
internal import PluginKit

/// Deletes what is older than it is to be kept: every hour, in small batches between which everybody else has their turn.
struct Sweep: Sendable {
    /// Texts that one commit deletes.
    static let batch = 200
    /// How long others have the journal to themselves between two batches.
    static let pauseMilliseconds: Int64 = 20
    private static let everyMilliseconds: Int64 = 3_600_000
    /// Pages that are given back in one go, and how many free ones are not worth it.
    private static let pages = 256
    private static let sparePages = 512
    /// A journal of an earlier version gives pages back once it was written anew, which is done up to this size.
    private static let smallPages = 25_000

    let journal: Journal
    let retention: Retention
    let console: ConsoleStore
    let storage: @Sendable () -> StorageHandle?
    let clock: any GatewayClock
    let logger: Logger

    /// Until cancelled.
    func run() async {
        while !Task.isCancelled {
            do {
                try await sweepJournal()
            } catch {
                // The journal's own alarm stands.
                logger.debug("old rows of the journal stay for now", metadata: ["reason": "\(error)"])
            }
            do {
                try await sweepTexts()
                try await sweepTranscripts()
            } catch {
                logger.debug("old texts stay for now", metadata: ["reason": "\(error)"])
            }
            do { try await clock.sleep(milliseconds: Self.everyMilliseconds) } catch { return }
        }
    }

    // MARK: Storage

    /// Texts of storage. One whose outcome the journal still has to bring is young enough by far.
    func sweepTexts() async throws {
        guard let kept = retention.textsMilliseconds else { return }
        let request = ErasureRequest(
            before: Timestamp(milliseconds: clock.now.milliseconds - kept), limit: Int32(Self.batch))
        var more = true
        while more, !Task.isCancelled, let storage = storage() {
            let reply = try await storage.erase(request)
            more = reply.hasMore && reply.texts > 0
            if more { try await clock.sleep(milliseconds: Self.pauseMilliseconds) }
        }
    }

    /// What plugins keep under people's numbers.
    func sweepTranscripts() async throws {
        guard let kept = retention.transcriptsMilliseconds else { return }
        try await console.forgetTranscripts(before: Timestamp(milliseconds: clock.now.milliseconds - kept))
    }

    // MARK: Journal

    /// Drops what is settled, stored and old. Nothing that storage does not have is dropped.
    func sweepJournal() async throws {
        let now = clock.now.milliseconds
        let before = now - retention.journalReachesMilliseconds
        let jobs: [@Sendable (Database) throws -> Int] = [
            { try Self.dropInbound(before: before, $0) }, { try Self.dropOutbound(before: before, $0) },
            { try Self.dropReadings(before: before, $0) }, { try Self.dropReports(before: before, $0) },
            { try Self.dropEarlierParts(before: before, $0) },
            { try Self.dropMarks(before: now - ErasedNumbers.reportsMilliseconds, $0) },
        ]
        for job in jobs {
            while try await journal.writer.write(job) >= Self.batch {
                try await clock.sleep(milliseconds: Self.pauseMilliseconds)
            }
        }
        try await giveBack()
    }

    private static func dropInbound(before: Int64, _ database: Database) throws -> Int {
        let uids: [String] = try database.all(
            """
            SELECT uid FROM inbound WHERE received_at < ? AND visible = 1 AND answer <> 0 AND stored >= revision
                ORDER BY received_at LIMIT \(batch)
            """, [before]
        ).map { $0["uid"] }
        for uid in uids {
            try database.run("DELETE FROM reading WHERE uid = ? AND deleted = 1", [uid])
            try database.run("DELETE FROM inbound WHERE uid = ?", [uid])
        }
        return uids.count
    }

    private static func dropOutbound(before: Int64, _ database: Database) throws -> Int {
        // A row of another program may be old when it is sent: its settling counts too.
        let uids: [String] = try database.all(
            """
            SELECT uid FROM outbound WHERE created_at < ?1 AND ifnull(settled_at, created_at) < ?1
                AND stored >= revision AND \(StorageMarks.isSettledElsewhere) AND state IN ('accepted', 'delivered', 'undelivered', 'failed')
                ORDER BY created_at LIMIT \(batch)
            """, [before]
        ).map { $0["uid"] }
        for uid in uids {
            try database.run("DELETE FROM part WHERE uid = ?", [uid])
            try database.run("DELETE FROM outbound WHERE uid = ?", [uid])
        }
        return uids.count
    }

    /// Delivery reports, and readings whose texts are gone; those that a modem may still hold stay.
    private static func dropReadings(before: Int64, _ database: Database) throws -> Int {
        try database.run(
            """
            DELETE FROM reading WHERE id IN (SELECT id FROM reading WHERE read_at < ? AND deleted = 1
                AND (uid IS NULL OR NOT EXISTS (SELECT 1 FROM inbound WHERE inbound.uid = reading.uid))
                ORDER BY read_at LIMIT \(batch))
            """, [before])
        return database.changesCount
    }

    private static func dropReports(before: Int64, _ database: Database) throws -> Int {
        try database.run(
            "DELETE FROM report WHERE id IN (SELECT id FROM report WHERE received_at < ? LIMIT \(batch))", [before])
        return database.changesCount
    }

    /// Parts that were sent once more since.
    private static func dropEarlierParts(before: Int64, _ database: Database) throws -> Int {
        try database.run(
            "DELETE FROM part_before WHERE id IN (SELECT id FROM part_before WHERE intent_at < ? LIMIT \(batch))",
            [before])
        return database.changesCount
    }

    private static func dropMarks(before: Int64, _ database: Database) throws -> Int {
        try database.run("DELETE FROM erased_number WHERE is_out = 0 AND erased_at < ?", [before])
        return 0
    }

    /// Gives freed pages back to the disk, some at a time.
    private func giveBack() async throws {
        let mode = try await journal.writer.maintain { database in
            let mode = try Int.fetchOne(database, sql: "PRAGMA auto_vacuum") ?? 0
            let pages = try Int.fetchOne(database, sql: "PRAGMA page_count") ?? 0
            if mode == 2 || pages > Self.smallPages { return mode }
            try database.execute(sql: "PRAGMA auto_vacuum = INCREMENTAL; VACUUM")
            return 2
        }
        guard mode == 2 else { return }
        var free = Int.max
        while free > Self.sparePages {
            let left = try await journal.writer.maintain { database in
                try database.execute(sql: "PRAGMA incremental_vacuum(\(Self.pages))")
                return try Int.fetchOne(database, sql: "PRAGMA freelist_count") ?? 0
            }
            if left >= free { return }
            free = left
            try await clock.sleep(milliseconds: Self.pauseMilliseconds)
        }
    }
}
