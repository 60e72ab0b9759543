internal import GRDB
internal import PluginHost
internal import PluginKit

/// Notices that another program sends what waits in the table (decision 7): people then get texts twice, from it and
/// from us.
///
/// Now and then it looks which rows wait at both ends of the queue, and of those that have left it since, at each: one
/// that is `sent`, and by no gateway of ours, was sent by somebody else.
actor OtherSenders {
    static let everyMilliseconds: Int64 = 30_000
    /// For the first minute, which is when another sender is met.
    static let soonMilliseconds: Int64 = 5_000
    /// The alarm goes when there was none for so long.
    static let memoryMilliseconds: Int64 = 3_600_000
    /// Rows at each end of the queue.
    private static let width: Int32 = 32
    /// Rows that are looked at one by one each time.
    private static let closeLooks = 8
    private static let kind = "storage.other-sender"

    private let journal: Journal
    private let storages: StorageRoster
    private let alarms: Alarms
    private let clock: any GatewayClock
    /// The storage that the addresses below are of.
    private var current: Int64?
    private var waiting: Set<Int64> = []
    /// Rows that were ours to begin, and were not when it came to that.
    private var lost: Set<Int64> = []
    private var lastAt: Int64?

    init(journal: Journal, storages: StorageRoster, alarms: Alarms, clock: any GatewayClock) {
        self.journal = journal
        self.storages = storages
        self.alarms = alarms
        self.clock = clock
    }

    /// Until cancelled.
    func run() async {
        let soon = clock.monotonicMilliseconds + 60_000
        while !Task.isCancelled {
            await look()
            let pause = clock.monotonicMilliseconds < soon ? Self.soonMilliseconds : Self.everyMilliseconds
            do { try await clock.sleep(milliseconds: pause) } catch { return }
        }
    }

    /// Storage refused to let us begin these rows, though our claim still held.
    func lost(_ rows: [Int64], in storage: Int64) {
        if storage == current { lost.formUnion(rows.prefix(Self.closeLooks)) }
    }

    /// Compares what waits with what waited at the look before.
    func look() async {
        if let last = lastAt, clock.monotonicMilliseconds - last > Self.memoryMilliseconds {
            lastAt = nil
            alarms.clear(Self.kind)
        }
        do {
            guard let storage = try await storages.take() else { return }
            if storage.id != current { (current, waiting, lost) = (storage.id, [], []) }
            let queued = try await queued(in: storage.handle)
            let gone = try notSettled(waiting.subtracting(queued), in: storage.id)
            let suspects = Array(lost) + gone.subtracting(lost).sorted()
            (waiting, lost) = (queued, [])
            for row in suspects.prefix(Self.closeLooks) {
                guard try await wasSent(row, in: storage) else { continue }
                lastAt = clock.monotonicMilliseconds
                return alarms.raise(
                    Self.kind,
                    "another sender works on this table: a row that waited here became `sent`, and not by a gateway of ours "
                        + "(the last: row \(row)). Stop that program, or people get texts twice")
            }
        } catch {
            // Storage or the journal is away: their own alarms stand.
        }
    }

    /// Addresses of rows that wait, oldest and newest.
    private func queued(in storage: StorageHandle) async throws -> Set<Int64> {
        var query = MessageQuery(
            direction: .outbound, status: .queued, oldestFirst: true, limit: Self.width)
        var rows = try await storage.messages(query)
        if rows.count == Int(Self.width) {
            query.oldestFirst = false
            rows += try await storage.messages(query)
        }
        return Set(rows.compactMap(\.storageID))
    }

    /// Without those that have left the queue because we settled them.
    private func notSettled(_ rows: Set<Int64>, in storage: Int64) throws -> Set<Int64> {
        if rows.isEmpty { return [] }
        let settled = try journal.read { database in
            try rows.filter { try isOpen($0, storage, database) == false }
        }
        return rows.subtracting(settled)
    }

    private func wasSent(_ row: Int64, in storage: StorageRoster.Served) async throws -> Bool {
        let found = try await storage.handle.messages(MessageQuery(direction: .outbound, cursor: row + 1, limit: 1))
        guard let message = found.first, message.storageID == row, message.status == .sent else { return false }
        // Asked after storage: an outcome of ours is in the journal first. A row with an id that the journal does not
        // know is another gateway's of ours.
        return try journal.read { try isOpen(row, storage.id, $0) } ?? (message.uid == nil)
    }
}

/// Whether the journal still has to send the row; nil when it does not know it. One whose last change storage has yet to
/// get may be settled there: it counts as done.
private func isOpen(_ row: Int64, _ storage: Int64, _ database: Database) throws -> Bool? {
    try database.first(
        """
        SELECT state IN ('waiting', 'sending') AND stored >= revision AS open FROM outbound
        WHERE storage = ? AND storage_id = ? ORDER BY seq DESC LIMIT 1
        """, [storage, row])?["open"]
}
