import PluginKit

/// A moment behind us, as people write it: `90m`, `2h`, `7d`, or a full time.
enum PastTime {
    static func parse(_ text: String, now: Timestamp) -> Timestamp? {
        let units: [Character: Int64] = ["s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000]
        if let last = text.last, let unit = units[last], let count = Int64(text.dropLast()),
            (0...100_000).contains(count)
        {
            return Timestamp(milliseconds: now.milliseconds - count * unit)
        }
        // A bare time of day means the next one there.
        guard text.contains("-") else { return nil }
        return (try? SendTime.parse(text, now: now)) ?? nil
    }
}
