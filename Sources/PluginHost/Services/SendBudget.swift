import PluginKit
import Synchronization

/// How many texts each drop-in has had sent within the last hour (B12). It outlives instances: a plugin that is reloaded
/// has no new budget.
final class SendBudget: Sendable {
    private static let hour: Int64 = 3_600_000_000_000
    private let sent = Mutex<[String: [Int64]]>([:])

    /// Takes one text out of the budget.
    ///
    /// - Parameter now: `CLOCK_MONOTONIC` nanoseconds.
    /// - Throws: `.conflict` with the time until there is room again.
    func take(for plugin: String, perHour: Int, now: Int64) throws(PluginError) {
        let wait = sent.withLock { sent -> Int64? in
            var times = sent[plugin] ?? []
            times.removeAll { $0 <= now - Self.hour }
            guard times.count < perHour else {
                sent[plugin] = times
                return times[times.count - perHour] + Self.hour - now
            }
            times.append(now)
            sent[plugin] = times
            return nil
        }
        guard let wait else { return }
        throw PluginError(
            .conflict,
            "the grant of the drop-in \(plugin) allows \(perHour) texts an hour, and they are used up: see "
                + "{send: {per_hour: \(perHour)}}", retryAfterMilliseconds: wait / 1_000_000 + 1)
    }

    /// Gives back what `take` took at `now`, since nothing was sent.
    func giveBack(for plugin: String, takenAt now: Int64) {
        sent.withLock { sent in
            guard let index = sent[plugin]?.lastIndex(of: now) else { return }
            sent[plugin]?.remove(at: index)
        }
    }
}
