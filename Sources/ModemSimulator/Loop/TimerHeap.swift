/// What is due when; earliest first, and in the order of asking where due at once.
struct TimerHeap {
    private struct Entry {
        var deadline: Int64
        var order: UInt64
        var action: () -> Void

        func isBefore(_ other: Entry) -> Bool {
            deadline != other.deadline ? deadline < other.deadline : order < other.order
        }
    }

    private var entries: [Entry] = []
    private var nextOrder: UInt64 = 0

    /// Nanoseconds of `CLOCK_MONOTONIC`.
    var firstDeadline: Int64? { entries.first?.deadline }

    mutating func add(deadline: Int64, _ action: @escaping () -> Void) {
        entries.append(Entry(deadline: deadline, order: nextOrder, action: action))
        nextOrder += 1
        var child = entries.count - 1
        while child > 0, entries[child].isBefore(entries[(child - 1) / 2]) {
            entries.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    /// Takes out the earliest action that is due at `now`.
    mutating func popDue(at now: Int64) -> (() -> Void)? {
        guard let first = entries.first, first.deadline <= now else { return nil }
        let last = entries.removeLast()
        if !entries.isEmpty {
            entries[0] = last
            sink()
        }
        return first.action
    }

    private mutating func sink() {
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < entries.count {
                if entries[child].isBefore(entries[least]) { least = child }
            }
            if least == parent { return }
            entries.swapAt(parent, least)
            parent = least
        }
    }
}
