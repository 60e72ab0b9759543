import PluginKit
import Synchronization

@testable import GatewayCore
@testable import PluginHost

/// A storage in memory that does what the contract says of rows to send, and loses answers where it is told to.
final class PaperTable: PluginRuntime {
    struct Row: Sendable {
        var message: Message
        var owner: String?
        var claimedBy: String?
    }

    private struct State {
        var rows: [Int64: Row] = [:]
        var next: Int64 = 0
        var losesBegin = false
        var losesClaim = false
        var wasLost = false
        var afterLoss: (@Sendable () async -> Void)?
    }

    let name = "paper"
    let capabilities = ["storage"]
    let counters = CallCounters()
    let flaw: String? = nil
    private let clock: HandClock
    private let state = Mutex(State())

    init(clock: HandClock) {
        self.clock = clock
    }

    var handle: StorageHandle { StorageHandle(name: name, way: CallWay(self)) }

    /// The answer to the next begin is lost; `then` runs inside the first exchange after it.
    func loseBegin(then: (@Sendable () async -> Void)? = nil) {
        state.withLock { state in
            state.losesBegin = true
            state.afterLoss = then
        }
    }

    /// The answer to the next exchange that claims rows is lost.
    func loseClaim() { state.withLock { $0.losesClaim = true } }

    /// Another program queues a row.
    @discardableResult
    func queue(_ phone: String, _ content: String, change: (inout Message) -> Void = { _ in }) -> Int64 {
        state.withLock { state in
            state.next += 1
            var message = Message(
                uid: nil, storageID: state.next, direction: .outbound, phone: phone, content: content, status: .queued,
                timestamp: clock.now)
            change(&message)
            state.rows[state.next] = Row(message: message)
            return state.next
        }
    }

    /// Another program writes `queued` over what became of a row.
    func queueAgain(_ id: Int64) {
        state.withLock { state in
            state.rows[id]?.message.status = .queued
            state.rows[id]?.message.deliveryStatus = nil
            state.rows[id]?.owner = nil
        }
    }

    /// Another program settles a row, and asks nobody.
    func settleOutside(_ id: Int64, _ status: Message.Status = .sent) {
        state.withLock { $0.rows[id]?.message.status = status }
    }

    subscript(id: Int64) -> Message? { state.withLock { $0.rows[id]?.message } }

    func start() async throws(PluginError) {}
    func stop() async -> String? { nil }
    func discard() -> String? { nil }

    @concurrent
    func call(_ call: PluginCall) async throws(PluginError) -> PluginReply {
        switch call {
        case .owned(let gateway):
            return .messages(
                state.withLock { state in
                    for id in state.rows.keys where state.rows[id]?.claimedBy == gateway {
                        state.rows[id]?.claimedBy = nil
                    }
                    return state.rows.values.filter { $0.owner == gateway && $0.message.deliveryStatus == .sending }
                        .map(\.message)
                })
        case .exchange(let request):
            let hook = state.withLock { state in
                defer { if state.wasLost { state.afterLoss = nil } }
                return state.wasLost ? state.afterLoss : nil
            }
            await hook?()
            let reply = state.withLock { Self.exchange(request, &$0) }
            guard let reply else { throw PluginError(.unavailable, "the answer was lost") }
            return .exchange(reply)
        case .messages(let query):
            let rows = state.withLock { $0.rows.values.map(\.message) }.sorted { $0.storageID ?? 0 < $1.storageID ?? 0 }
            let found = (query.oldestFirst ? rows : rows.reversed()).filter { row in
                (query.status == nil || row.status == query.status)
                    && (query.cursor.map { row.storageID ?? 0 < $0 } ?? true)
            }
            return .messages(Array(found.prefix(Int(query.limit))))
        case .health: return .health(StorageHealth(location: "paper", rows: 0, bytes: 0))
        default: throw PluginError(.unsupported, "paper")
        }
    }

    /// Nil when the answer is lost.
    private static func exchange(_ request: ExchangeRequest, _ state: inout State) -> ExchangeReply? {
        for outcome in request.finished {
            for (id, row) in state.rows {
                let isMeant =
                    outcome.uid.map { $0 == row.message.uid }
                    ?? (outcome.storageID == id && row.claimedBy == request.gateway && row.owner == nil)
                guard isMeant else { continue }
                state.rows[id]?.message.status = outcome.status
                state.rows[id]?.message.deliveryStatus = outcome.deliveryStatus
                state.rows[id]?.message.errorCode = outcome.errorCode
                state.rows[id]?.message.notBefore = outcome.notBefore
                let isOpen = outcome.deliveryStatus == .unknown || outcome.deliveryStatus == .sending
                if outcome.status != .queued || !isOpen { state.rows[id]?.owner = nil }
                state.rows[id]?.claimedBy = nil
            }
        }
        let started = request.starting.map { start in
            guard let row = state.rows[start.storageID] else { return false }
            if row.owner == request.gateway { return row.message.uid == start.uid && row.message.status == .queued }
            guard row.claimedBy == request.gateway, row.message.status == .queued else { return false }
            state.rows[start.storageID]?.owner = request.gateway
            state.rows[start.storageID]?.message.uid = start.uid
            state.rows[start.storageID]?.message.deliveryStatus = .sending
            state.rows[start.storageID]?.message.errorCode = nil
            state.rows[start.storageID]?.message.notBefore = nil
            return true
        }
        if state.losesBegin, !started.isEmpty {
            state.losesBegin = false
            state.wasLost = true
            return nil
        }
        var claimed: [Message] = []
        for (id, row) in state.rows.sorted(by: { $0.key < $1.key }) where claimed.count < Int(request.want) {
            guard row.message.status == .queued, row.owner == nil, row.claimedBy == nil else { continue }
            let isBusy = state.rows.contains { other in
                other.key != id && other.value.message.phone == row.message.phone
                    && other.value.message.status == .queued
                    && (other.value.claimedBy != nil || other.value.owner != nil)
            }
            if isBusy || row.message.notBefore != nil && row.message.errorCode != nil { continue }
            state.rows[id]?.claimedBy = request.gateway
            claimed.append(row.message)
        }
        if state.losesClaim, !claimed.isEmpty {
            state.losesClaim = false
            return nil
        }
        return ExchangeReply(started: started, claimed: claimed)
    }
}
