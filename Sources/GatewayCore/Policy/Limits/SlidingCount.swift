/// What happened within the last minute: O(1) a question, amortised. Pure; times are monotonic milliseconds.
struct SlidingCount: Sendable {
    static let span: Int64 = 60_000

    private struct Entry {
        var at: Int64
        var id: Int
        var count: Int
    }

    private var entries: [Entry] = []
    private var head = 0
    private(set) var total = 0

    /// Forgets what is older than a minute.
    mutating func expire(_ now: Int64) {
        while head < entries.count, entries[head].at <= now - Self.span {
            total -= entries[head].count
            head += 1
        }
        if head == entries.count || head > 64 && head * 2 > entries.count {
            entries.removeFirst(head)
            head = 0
        }
    }

    /// Times must not fall.
    mutating func add(_ count: Int, id: Int, at now: Int64) {
        entries.append(Entry(at: now, id: id, count: count))
        total += count
    }

    /// Takes back what did not happen after all.
    mutating func giveBack(_ count: Int, id: Int) {
        guard let index = entries[head...].lastIndex(where: { $0.id == id }) else { return }
        let taken = min(count, entries[index].count)
        entries[index].count -= taken
        total -= taken
    }

    /// When `count` more fit below `limit`; more than fit at all fit where there is nothing else.
    func freeAt(_ count: Int, limit: Int, now: Int64) -> Int64 {
        var total = total
        if Self.fits(count, on: total, limit) { return now }
        for entry in entries[head...] {
            total -= entry.count
            if Self.fits(count, on: total, limit) { return entry.at + Self.span }
        }
        return now + Self.span
    }

    /// A text is never cut short: one that is longer than the limit goes alone.
    static func fits(_ count: Int, on total: Int, _ limit: Int) -> Bool {
        total + count <= limit || total == 0
    }
}
