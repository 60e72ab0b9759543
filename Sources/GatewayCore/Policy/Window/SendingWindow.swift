internal import Foundation
internal import PluginKit

/// When texts of one class may leave, by the wall clock of a time zone. Pure (B6).
public struct SendingWindow: Sendable, Hashable {
    /// Minutes of the days on which it begins; one that ends at or before its start ends on the following day.
    public struct Span: Sendable, Hashable {
        /// 0 is Sunday, 6 Saturday.
        public var days: Set<Int>
        /// 0..<1440.
        public var start: Int
        /// 0...1440.
        public var end: Int

        public init(days: Set<Int>, start: Int, end: Int) {
            self.days = days
            self.start = start
            self.end = end
        }
    }

    public var spans: [Span]

    public init(spans: [Span]) {
        self.spans = spans
    }

    private static let day: Int64 = 86_400
    /// A window of one day a week comes within two weeks, though a zone may leave out a day.
    private static let horizon: Int64 = 16

    /// The first instant from `time` on at which the window is open in all of `zones` at once; nil where there is none
    /// within two weeks, as for zones that lie too far apart for it.
    func firstAllowed(from time: Timestamp, in zones: [TimeZone]) -> Timestamp? {
        let end = time.milliseconds + Self.horizon * Self.day * 1_000
        var candidate = time
        while candidate.milliseconds <= end {
            // Before the latest of them one at least is closed.
            let openings = zones.map { firstAllowed(from: candidate, in: $0) }
            guard let latest = openings.reduce(candidate, Self.later) else { return nil }
            if latest == candidate { return candidate }
            candidate = latest
        }
        return nil
    }

    private static func later(_ left: Timestamp?, _ right: Timestamp?) -> Timestamp? {
        guard let left, let right else { return nil }
        return max(left, right)
    }

    /// The first instant from `time` on at which the window is open: `time` itself where it is; nil for a window that
    /// never opens. It opens where a span starts, or where the clock is put into one.
    func firstAllowed(from time: Timestamp, in zone: TimeZone) -> Timestamp? {
        let now = Int64((Double(time.milliseconds) / 1_000).rounded(.down))
        if isOpen(now, zone) { return time }
        var first: Int64?
        let today = Self.floor(now + Self.offset(now, zone), by: Self.day)
        search: for day in (today - 1)...(today + Self.horizon) {
            for span in spans where span.days.contains(Self.weekday(day)) {
                let wall = day * Self.day + Int64(span.start) * 60
                // The wall clock shows a time once, twice, or never.
                for offset in Set([wall - Self.day, wall + Self.day].map { Self.offset($0, zone) }) {
                    let instant = wall - offset
                    guard instant > now, Self.offset(instant, zone) == offset, isOpen(instant, zone) else { continue }
                    first = min(first ?? instant, instant)
                }
            }
            if let first, day * Self.day > first + 2 * Self.day { break search }
        }
        let end = first ?? now + Self.horizon * Self.day
        var from = now
        while from < end {
            let to = min(from + 21_600, end)
            if let change = Self.change(from, to, zone), change < end, isOpen(change, zone) {
                return Timestamp(milliseconds: change * 1_000)
            }
            from = to
        }
        return first.map { Timestamp(milliseconds: $0 * 1_000) }
    }

    private func isOpen(_ instant: Int64, _ zone: TimeZone) -> Bool {
        let wall = instant + Self.offset(instant, zone)
        let day = Self.floor(wall, by: Self.day)
        let minute = Int((wall - day * Self.day) / 60)
        return spans.contains { span in
            let isToday = span.days.contains(Self.weekday(day))
            if span.start < span.end { return isToday && (span.start..<span.end).contains(minute) }
            return isToday && minute >= span.start || span.days.contains(Self.weekday(day - 1)) && minute < span.end
        }
    }

    /// The first second after `from`, up to `to`, at which another offset holds.
    private static func change(_ from: Int64, _ to: Int64, _ zone: TimeZone) -> Int64? {
        let before = offset(from, zone)
        guard offset(to, zone) != before else { return nil }
        var (low, high) = (from, to)
        while high - low > 1 {
            let middle = low + (high - low) / 2
            if offset(middle, zone) == before { low = middle } else { high = middle }
        }
        return high
    }

    private static func offset(_ instant: Int64, _ zone: TimeZone) -> Int64 {
        Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(instant))))
    }

    /// The first of January 1970 was a Thursday.
    private static func weekday(_ day: Int64) -> Int { Int(((day + 4) % 7 + 7) % 7) }

    private static func floor(_ value: Int64, by unit: Int64) -> Int64 {
        value >= 0 ? value / unit : -((-value + unit - 1) / unit)
    }
}
