internal import Foundation
internal import GRDB

/// How often the wall clock was set, as far as the journal saw it. How long ago something was that happened before, the
/// wall clock does not say.
enum WallClock {
    /// Key of `meta`: the count, the machine's boot, and how far the wall clock was before the monotonic one then.
    static let key = "clock"
    /// What a clock that is only kept exact moves by.
    static let leewayMilliseconds: Int64 = 500

    /// The count, for SQL: it stands before a space.
    static let count = "(SELECT CAST(value AS INTEGER) FROM meta WHERE key = '\(key)')"

    /// Counts when the clock was set, or the machine started, since the journal last looked: many machines have no clock
    /// that goes on while they are off.
    static func look(lead: Int64, _ database: Database) throws {
        let boot = (try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8)) ?? ""
        let now = boot.filter { $0.isHexDigit }
        let known: [Substring] =
            try database.first("SELECT value FROM meta WHERE key = ?", [key]).map {
                ($0["value"] as String).split(separator: " ")
            } ?? []
        let count = known.first.flatMap { Int($0) } ?? 0
        let isSame =
            known.count == 3 && known[1] == now && Int64(known[2]).map { abs($0 - lead) < leewayMilliseconds } ?? false
        guard !isSame else { return }
        try database.run("INSERT OR REPLACE INTO meta VALUES (?, ?)", [key, "\(count + 1) \(now) \(lead)"])
    }
}
