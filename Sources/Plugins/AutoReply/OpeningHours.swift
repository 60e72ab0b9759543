internal import Foundation
internal import PluginKit

/// Windows of the week in one time zone, as the clock on the wall shows them.
///
/// A window begins on each of its days at `from` and ends before `to`; where `to` is not later than `from`, it ends on
/// the next day. Over a change of the clocks the wall's time decides: an hour that is skipped is never inside, one that
/// comes twice is inside twice.
struct OpeningHours: Sendable, Hashable {
    /// One window, on one or more days.
    struct Window: Sendable, Hashable {
        /// 0 is Monday.
        var days: Set<Int>
        /// Minutes since midnight, 0...1439.
        var from: Int
        /// Minutes since midnight, 0...1440.
        var to: Int

        /// See the fields.
        init(days: Set<Int>, from: Int, to: Int) {
            self.days = days
            self.from = from
            self.to = to
        }

        func contains(weekday: Int, minute: Int) -> Bool {
            if from < to { return days.contains(weekday) && minute >= from && minute < to }
            if minute >= from { return days.contains(weekday) }
            return minute < to && days.contains((weekday + 6) % 7)
        }
    }

    /// Inside any of them is inside.
    var windows: [Window]

    /// See `windows`.
    init(windows: [Window]) {
        self.windows = windows
    }

    /// Whether `moment` is inside, on a clock in `zone`.
    func contains(_ moment: Timestamp, in zone: TimeZone) -> Bool {
        let date = Date(timeIntervalSince1970: Double(moment.milliseconds) / 1000)
        let local = moment.milliseconds / 1000 + Int64(zone.secondsFromGMT(for: date))
        let day = Int((Double(local) / 86_400).rounded(.down))
        let minute = Int(local - Int64(day) * 86_400) / 60
        // 1970-01-01 was a Thursday.
        let weekday = ((day + 3) % 7 + 7) % 7
        return windows.contains { $0.contains(weekday: weekday, minute: minute) }
    }
}
