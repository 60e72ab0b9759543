internal import Dispatch
internal import GRDB
internal import PluginKit
internal import Synchronization

/// What the file needs beside its traffic, in small steps between which everybody has their turn: rows are entered in the
/// full-text index, what was deleted leaves it, what is stored of customers is made right, and the write-ahead log is kept
/// short.
final class Upkeep: Sendable {
    /// Rows entered in one transaction: some ten milliseconds.
    private static let rows = 500
    private static let pages = 200
    /// Before what was stored is entered, so that many rows are entered at once.
    private static let rest: UInt64 = 300_000_000

    /// How soon a step is wanted.
    enum Pace: Sendable {
        case now
        /// Rows were stored: they are entered with those that come meanwhile.
        case shortly
        /// Part of a bulk load was stored. Another part may come, and would have to wait: not before there is a rest.
        case resting
    }

    /// When the write-ahead log is folded into the file.
    struct LogCare: Sendable {
        /// After the last write.
        var quiet: DispatchTimeInterval = .seconds(5)
        /// A log of so many bytes is emptied as soon as nobody reads from it, though writing goes on.
        var long: Int64 = 64 << 20
        /// One of so many is told about.
        var endless: Int64 = 512 << 20
    }

    private let connection: Connection
    private let care: LogCare
    private let warn: @Sendable (String) -> Void
    private let queue = DispatchQueue(label: "conductor.sqlite.upkeep", qos: .utility)
    private let state = Mutex(State())
    /// How often it is looked whether another day has begun.
    private static let dayLook = DispatchTimeInterval.seconds(600)

    private struct State: Sendable {
        /// A step is on its way.
        var isDue = false
        /// Something came while one was.
        var isDueAgain = false
        /// No step before this, nanoseconds of uptime.
        var restsUntil: UInt64 = 0
        /// The next fold of the log is on its way.
        var isFolding = false
        var writes = 0
        var toldLog = false
        var hasEnded = false
        var looksForDays = false
        /// How far the customers of today are.
        var customer: Int64?
    }

    init(_ connection: Connection, care: LogCare = LogCare(), warn: @escaping @Sendable (String) -> Void) {
        self.connection = connection
        self.care = care
        self.warn = warn
    }

    /// Something may be behind. Any thread; does not block.
    func kick(_ pace: Pace) {
        let isFirst = state.withLock { state in
            if pace == .resting || pace == .shortly && !state.isDue { state.restsUntil = Self.rested() }
            if state.hasEnded { return false }
            if state.isDue {
                state.isDueAgain = true
                return false
            }
            state.isDue = true
            return true
        }
        if isFirst { queue.async { [self] in step() } }
        let looks = state.withLock { state in
            defer { state.looksForDays = true }
            return state.looksForDays
        }
        if !looks { lookForDay() }
    }

    private func lookForDay() {
        queue.asyncAfter(deadline: .now() + Self.dayLook) { [weak self] in
            guard let self, !state.withLock({ $0.hasEnded }) else { return }
            kick(.now)
            lookForDay()
        }
    }

    /// Something was written. Any thread; does not block.
    func wrote() {
        let isFirst = state.withLock { state in
            state.writes += 1
            if state.isFolding || state.hasEnded { return false }
            state.isFolding = true
            return true
        }
        if isFirst { fold(after: -1) }
    }

    /// No step is under way once this has returned, and none comes.
    func end() {
        state.withLock { $0.hasEnded = true }
        queue.sync {}
    }

    // MARK: On the queue

    private func step() {
        let began = DispatchTime.now()
        let (hasEnded, restsUntil) = state.withLock { state in
            state.isDueAgain = false
            return (state.hasEnded, state.restsUntil)
        }
        if hasEnded { return }
        if restsUntil > began.uptimeNanoseconds {
            return queue.asyncAfter(deadline: DispatchTime(uptimeNanoseconds: restsUntil)) { [self] in step() }
        }
        let now = HostFunctions.timeOfDay.milliseconds / 1_000
        let isMore = connection.quietly(
            if: { db in try SearchIndex.isBehind(on: db) || CustomerRefresh.isBehind(now: now, on: db) },
            { db in
                try SearchIndex.bringUpToDate(isWanted: SearchIndex.isKept(on: db), on: db)
                if try SearchIndex.fill(limit: Self.rows, on: db) { return true }
                if try SearchIndex.purge(pages: Self.pages, on: db) { return true }
                var customer = state.withLock { $0.customer }
                let isMore = try CustomerRefresh.step(now: now, after: &customer, on: db)
                state.withLock { $0.customer = customer }
                return isMore
            })
        let goesOn = state.withLock { state in
            state.isDue = isMore == true || state.isDueAgain
            if isMore != true { state.restsUntil = max(state.restsUntil, Self.rested()) }
            return state.isDue
        }
        guard goesOn else { return }
        // As long a pause as the step took: other programs try again for a lock, and are not told when it is free.
        let taken = DispatchTime.now().uptimeNanoseconds - began.uptimeNanoseconds
        queue.asyncAfter(deadline: .now() + .nanoseconds(Int(max(taken, 5_000_000)))) { [self] in step() }
    }

    private static func rested() -> UInt64 { DispatchTime.now().uptimeNanoseconds + rest }

    /// Folds the log once nothing was written for a while, or it has become long.
    private func fold(after known: Int) {
        queue.asyncAfter(deadline: .now() + care.quiet) { [self] in
            let (writes, hasEnded) = state.withLock { ($0.writes, $0.hasEnded) }
            if hasEnded { return }
            let size = connection.logBytes
            guard writes == known || size > care.long else { return fold(after: writes) }
            let left = connection.foldLog()
            let isLong = left > care.endless
            let isNews = state.withLock { state in
                defer { state.toldLog = isLong }
                if state.writes == writes, left <= care.long { state.isFolding = false }
                return isLong && !state.toldLog
            }
            if isNews {
                warn(
                    "\(connection.path)-wal has grown to \(left >> 20) MiB, since some program never ends its reading of "
                        + "the file; `fuser \(connection.path)` tells which have it open")
            }
            if state.withLock({ $0.isFolding }) { fold(after: writes) }
        }
    }
}
