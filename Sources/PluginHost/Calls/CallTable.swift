import PluginKit
import Synchronization

/// All calls in flight in this process, by token. Plugins get numbers, never pointers: a completion that comes twice, too
/// late or out of nowhere finds nothing and is counted.
final class CallTable: Sendable {
    static let shared = CallTable()

    private struct Shard {
        var live: [UInt64: any PendingCall] = [:]
        /// Answered at their deadline; the plugin still owes the completion.
        var abandoned: [UInt64: any PendingCall] = [:]
    }

    private final class Box: Sendable { let shard = Mutex(Shard()) }

    private let boxes = (0..<16).map { _ in Box() }
    private let owners = Mutex<[UInt64: CallCounters]>([:])
    private let lastOwner = Atomic<UInt64>(0)
    private let lastCall = Atomic<UInt64>(0)

    /// A number for an instance: strays are counted there.
    func makeOwner(_ counters: CallCounters) -> UInt64 {
        let owner = lastOwner.wrappingAdd(1, ordering: .relaxed).newValue
        owners.withLock { $0[owner] = counters }
        return owner
    }

    /// A token nobody had before: the owner in the upper 24 bits.
    func makeToken(owner: UInt64) -> UInt64 {
        owner << 40 | lastCall.wrappingAdd(1, ordering: .relaxed).newValue & (1 << 40 - 1)
    }

    func insert(_ call: any PendingCall, token: UInt64) {
        box(token).shard.withLock { $0.live[token] = call }
        DeadlineWatch.shared.watch(call.deadline)
    }

    /// Takes a call out for its completion; nil, and counted, when there is none of that kind.
    func take<Call: PendingCall>(_ token: UInt64, as kind: Call.Type) -> Call? {
        let (call, late) = box(token).shard.withLock { shard -> (Call?, Bool) in
            if let call = Self.remove(token, from: &shard.live, as: kind) { return (call, false) }
            if shard.abandoned.isEmpty { return (nil, false) }
            return (Self.remove(token, from: &shard.abandoned, as: kind), true)
        }
        if call == nil || late {
            let counters = owners.withLock { $0[token >> 40] }
            counters?.strays.wrappingAdd(1, ordering: .relaxed)
        }
        call?.settled(late: late)
        return late ? nil : call
    }

    private static func remove<Call: PendingCall>(
        _ token: UInt64, from calls: inout [UInt64: any PendingCall], as kind: Call.Type
    ) -> Call? {
        // The classes are final: a comparison does what a cast does, in a tenth of its time.
        guard let index = calls.index(forKey: token), type(of: calls.values[index]) == kind else { return nil }
        return unsafeDowncast(calls.remove(at: index).value, to: kind)
    }

    /// Takes a call out whose completion is an error, whatever kind of reply was expected.
    func take(_ token: UInt64) -> (any PendingCall)? {
        let (call, late) = box(token).shard.withLock { shard -> ((any PendingCall)?, Bool) in
            if let call = shard.live.removeValue(forKey: token) { return (call, false) }
            return (shard.abandoned.removeValue(forKey: token), true)
        }
        if late { owners.withLock { $0[token >> 40] }?.strays.wrappingAdd(1, ordering: .relaxed) }
        call?.settled(late: late)
        return late ? nil : call
    }

    /// The owner is gone, and completes nothing any more: its calls fail with `error`.
    func end(owner: UInt64, with error: PluginError) {
        owners.withLock { _ = $0.removeValue(forKey: owner & (1 << 24 - 1)) }
        for box in boxes {
            let orphans = box.shard.withLock { shard -> [(any PendingCall, Bool)] in
                let live = shard.live.filter { Self.isOwned($0.key, by: owner) }
                let late = shard.abandoned.filter { Self.isOwned($0.key, by: owner) }
                for token in live.keys { shard.live[token] = nil }
                for token in late.keys { shard.abandoned[token] = nil }
                return live.values.map { ($0, false) } + late.values.map { ($0, true) }
            }
            for (call, late) in orphans {
                call.settled(late: late)
                call.fail(error)
            }
        }
    }

    static func isOwned(_ token: UInt64, by owner: UInt64) -> Bool { token >> 40 == owner & (1 << 24 - 1) }

    /// Takes a call out that the plugin never got.
    ///
    /// - Returns: false when it was not there any more.
    @discardableResult
    func withdraw(_ token: UInt64) -> Bool {
        box(token).shard.withLock { shard in
            let live = shard.live.removeValue(forKey: token)
            let late = shard.abandoned.removeValue(forKey: token)
            return live != nil || late != nil
        }
    }

    /// Marks calls whose deadline has passed, and says when the next one does.
    func expired(at now: Int64) -> (calls: [any PendingCall], next: Int64) {
        var calls: [any PendingCall] = []
        var next = Int64.max
        for box in boxes {
            box.shard.withLock { shard in
                for (token, call) in shard.live {
                    if call.deadline <= now {
                        calls.append(call)
                        shard.abandoned[token] = call
                    } else {
                        next = min(next, call.deadline)
                    }
                }
                for token in shard.abandoned.keys { shard.live[token] = nil }
            }
        }
        return (calls, next)
    }

    private func box(_ token: UInt64) -> Box { boxes[Int(token & 15)] }
}
