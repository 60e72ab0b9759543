internal import Synchronization

/// Texts since the start of this run.
final class Counters: Sendable {
    private let counts = Mutex<[String: Int]>([:])

    /// The counter that an event of this kind moves.
    private static let names = [
        "message.received": "received", "message.answered": "answered", "message.sent": "accepted",
        "message.delivered": "delivered", "message.undelivered": "undelivered", "message.failed": "failed",
        "message.unknown": "unknown", "message.cancelled": "cancelled", "message.resent": "resent",
        "event.lost": "events_lost",
    ]

    /// Zero for those that never moved.
    var all: [String: Int] {
        var all = Dictionary(uniqueKeysWithValues: Self.names.values.map { ($0, 0) })
        all.merge(counts.withLock { $0 }) { $1 }
        return all
    }

    func count(_ kind: String) {
        guard let name = Self.names[kind] else { return }
        counts.withLock { $0[name, default: 0] += 1 }
    }
}
