internal import Foundation
internal import GRDB
internal import PluginKit
internal import Synchronization

/// How often the wall clock was set, as far as the journal saw it. How long ago something was that happened before, the
/// wall clock does not say.
enum WallClock {
    /// Key of `meta`: the count, the machine's boot, and how far the wall clock was before the monotonic one then.
    static let key = "clock"
    /// What a clock that is only kept exact moves by.
    static let leewayMilliseconds: Int64 = 500

    /// The count, for SQL: it stands before a space.
    static let count = "(SELECT CAST(value AS INTEGER) FROM meta WHERE key = '\(key)')"

    /// The machine's start.
    private static let boot = ((try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8)) ?? "")
        .filter(\.isHexDigit)

    /// Counts when the clock was set, or the machine started, since the journal last looked: many machines have no clock
    /// that goes on while they are off. A text that waits for its parts waits as long as it would have.
    static func look(lead: Int64, _ database: Database) throws {
        let known: [Substring] =
            try database.first("SELECT value FROM meta WHERE key = ?", [key]).map {
                ($0["value"] as String).split(separator: " ")
            } ?? []
        let count = known.first.flatMap { Int($0) } ?? 0
        let before = known.count == 3 && known[1] == boot ? Int64(known[2]) : nil
        if let before {
            guard abs(before - lead) >= leewayMilliseconds else { return }
            try database.run(
                "UPDATE inbound SET give_up_at = give_up_at + ? WHERE visible = 0 AND give_up_at > 0", [lead - before])
        }
        try database.run("INSERT OR REPLACE INTO meta VALUES (?, ?)", [key, "\(count + 1) \(boot) \(lead)"])
    }
}

/// The wall clock as one of the journal's users saw it last.
final class WallClockSeen: Sendable {
    private let lead = Mutex<Int64?>(nil)

    /// How far the wall clock is before the monotonic one, where the journal does not know it: at first, and once the clock
    /// was set.
    func news(_ now: Timestamp, _ clock: any GatewayClock) -> Int64? {
        let current = now.milliseconds - clock.monotonicMilliseconds
        let isKnown = lead.withLock { $0.map { abs($0 - current) < WallClock.leewayMilliseconds } ?? false }
        return isKnown ? nil : current
    }

    /// The journal knows it now.
    func told(_ news: Int64?) {
        if let news { lead.withLock { $0 = news } }
    }
}
