/// Deadlines in order, as a binary heap; what is cancelled is forgotten lazily.
struct TimerQueue {
    /// Names one scheduled call; never used twice.
    struct ID: Hashable, Sendable {
        fileprivate let number: UInt64
    }

    private struct Entry {
        var deadline: Int64
        var id: ID
    }

    private var heap: [Entry] = []
    private var bodies: [ID: () -> Void] = [:]
    private var next: UInt64 = 0

    /// How many calls are still to come.
    var count: Int { bodies.count }

    /// Remembers `body` for `deadline`, in nanoseconds of the monotonic clock.
    mutating func add(deadline: Int64, _ body: @escaping () -> Void) -> ID {
        next += 1
        let id = ID(number: next)
        bodies[id] = body
        heap.append(Entry(deadline: deadline, id: id))
        rise(heap.count - 1)
        return id
    }

    mutating func cancel(_ id: ID) {
        guard bodies.removeValue(forKey: id) != nil else { return }
        // Time-outs are nearly always cancelled long before they are due: without this they would pile up.
        if heap.count > 64, heap.count > 4 * bodies.count {
            heap.removeAll { bodies[$0.id] == nil }
            heap.sort { $0.deadline < $1.deadline }
        }
    }

    /// The earliest deadline; nil when nothing waits.
    mutating func earliest() -> Int64? {
        while let first = heap.first {
            if bodies[first.id] != nil { return first.deadline }
            removeFirst()
        }
        return nil
    }

    /// Takes out one call that is due, the earliest first.
    mutating func due(at now: Int64) -> (() -> Void)? {
        while let first = heap.first, first.deadline <= now {
            removeFirst()
            if let body = bodies.removeValue(forKey: first.id) { return body }
        }
        return nil
    }

    private mutating func removeFirst() {
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < heap.count && heap[child].deadline < heap[least].deadline {
                least = child
            }
            if least == parent { return }
            heap.swapAt(parent, least)
            parent = least
        }
    }

    private mutating func rise(_ index: Int) {
        var child = index
        while child > 0 {
            let parent = (child - 1) / 2
            if heap[parent].deadline <= heap[child].deadline { return }
            heap.swapAt(parent, child)
            child = parent
        }
    }
}
