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
            if let call = shard.live[token] as? Call {
                shard.live[token] = nil
                return (call, false)
            }
            if let call = shard.abandoned[token] as? Call {
                shard.abandoned[token] = nil
                return (call, true)
            }
            return (nil, false)
        }
        if call == nil || late {
            let counters = owners.withLock { $0[token >> 40] }
            counters?.strays.wrappingAdd(1, ordering: .relaxed)
        }
        call?.settled(late: late)
        return late ? nil : call
    }

    /// Takes a call out that the plugin never got.
    func withdraw(_ token: UInt64) {
        box(token).shard.withLock { shard in
            shard.live[token] = nil
            shard.abandoned[token] = nil
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
