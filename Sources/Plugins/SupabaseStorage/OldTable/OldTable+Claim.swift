internal import PluginKit
internal import Synchronization

/// Choosing: oldest first; one row a number; none of a number that has a row claimed or being sent, or an earlier one that
/// waits for its next attempt.
extension OldTable {
    private static let firstPage = 64
    private static let largestPage = 1_000
    private static let pages = 8
    /// What came due so long ago is remembered no more, in milliseconds.
    private static let memory: Int64 = 86_400_000

    /// Rows to choose from, and milliseconds until a waiting one comes due (-1: none).
    func claim(_ request: ExchangeRequest, _ context: CallContext) async throws -> ([Message], Int64) {
        let now = host.now
        let stale = await staleBefore(now: now, maxAge: request.maxAgeMilliseconds)
        state.withLock { $0.lastLook = .init(staleBefore: stale, maxAge: request.maxAgeMilliseconds) }
        if request.want <= 0 { return ([], nextDue(now)) }
        let (found, isUnfinished) = try await choose(request, now: now, stale: stale, context)
        let until = Timestamp(milliseconds: now.milliseconds + request.leaseMilliseconds)
        state.withLock { state in
            state.claims = state.claims.filter { $0.value.until > now }
            state.notBefore = state.notBefore.filter { $0.value.milliseconds > now.milliseconds - Self.memory }
            for row in found {
                state.claims[row.id] = .init(gateway: request.gateway, until: until, row: row)
                state.notBefore[row.id] = nil
            }
        }
        return (found.map { $0.message() }, isUnfinished ? 0 : nextDue(now))
    }

    private func choose(
        _ request: ExchangeRequest, now: Timestamp, stale: Timestamp?, _ context: CallContext
    ) async throws -> (rows: [OldRow], isUnfinished: Bool) {
        var choice = Choice(
            want: Int(request.want), now: now, stale: stale, maxAge: request.maxAgeMilliseconds,
            memory: state.withLock { $0 })
        var filters = [Filter.equals("direction", "outbound"), .equals("status", "queued")]
        if let stale {
            // Hundreds of old rows must not be read each time. A mark says that somebody wanted the row since.
            filters.append(
                .any([
                    "timestamp.gte.\"\(stale)\"", "timestamp.is.null", "message_hash.like.conductor:*",
                ]))
        }
        var cursor: Int64 = 0
        var size = max(Self.firstPage, Int(request.want) * 4)
        for _ in 0..<Self.pages {
            size = min(size, Self.largestPage)
            let page = try await rows.select(
                filters + (cursor > 0 ? [.over("id", String(cursor))] : []), limit: size, context: context)
            choice.look(at: page)
            guard page.count == size, let last = page.last else { return (choice.rows, false) }
            if choice.isDone { return (choice.rows, false) }
            cursor = last.id
            size *= 4
        }
        return (choice.rows, true)
    }

    private func nextDue(_ now: Timestamp) -> Int64 {
        state.withLock { state in
            state.notBefore.values.filter { $0 > now }.min().map { $0.milliseconds - now.milliseconds } ?? -1
        }
    }
}

/// Which of the queued rows may be sent next. Pure.
struct Choice {
    private(set) var rows: [OldRow] = []
    private let want: Int
    private let now: Timestamp
    private let stale: Timestamp?
    private let maxAge: Int64
    private let memory: OldTableState
    /// Numbers for which nothing may be chosen any more.
    private var busy: Set<String>

    init(want: Int, now: Timestamp, stale: Timestamp?, maxAge: Int64, memory: OldTableState) {
        self.want = want
        self.now = now
        self.stale = stale
        self.maxAge = maxAge
        self.memory = memory
        busy = memory.busyRecipients(now: now)
    }

    var isDone: Bool { rows.count >= want }

    /// Looks at the next rows, in the order of their addresses.
    mutating func look(at page: [OldRow]) {
        // What another life of this gateway began may stand behind what is to be chosen.
        for row in page where isOnItsWay(row) {
            if let recipient = row.recipient { busy.insert(recipient) }
        }
        for row in page where !isDone && !isOnItsWay(row) { look(at: row) }
    }

    private mutating func look(at row: OldRow) {
        // A row that ended and is queued again was put back by another program: it may be sent.
        let state = row.mark?.state
        if row.mark?.owner == Mark.journal || state == .held || state == .unknown || state == .sending { return }
        if row.isStale(before: stale, maxAge: maxAge) { return }
        if let claim = memory.claims[row.id], claim.until > now { return }
        let isDue = (memory.notBefore[row.id] ?? now) <= now
        // A row that waits for its first attempt holds up nobody; one that was tried does.
        if !isDue, (row.retryCount ?? 0) == 0 { return }
        if let recipient = row.recipient {
            guard busy.insert(recipient).inserted else { return }
        }
        if isDue { rows.append(row) }
    }

    private func isOnItsWay(_ row: OldRow) -> Bool {
        guard let mark = row.mark, mark.isOnItsWay else { return false }
        return mark.state == .sending || (memory.notBefore[row.id] ?? .init(milliseconds: .max)) > now
    }
}
