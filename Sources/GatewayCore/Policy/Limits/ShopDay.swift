internal import Foundation
internal import PluginKit

/// A calendar day of the shop's.
struct ShopDay: Sendable, Hashable {
    var start: Timestamp
    /// The first instant of the next one.
    var end: Timestamp

    /// The day in which `time` lies.
    init(of time: Timestamp, in zone: TimeZone) {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        let date = Date(timeIntervalSince1970: Double(time.milliseconds) / 1_000)
        let midnight = calendar.startOfDay(for: date)
        // A day has 23 to 25 hours, and midnight may be left out.
        let next = calendar.startOfDay(for: midnight.addingTimeInterval(30 * 3_600))
        start = Timestamp(milliseconds: Int64(midnight.timeIntervalSince1970 * 1_000))
        end = Timestamp(milliseconds: Int64(next.timeIntervalSince1970 * 1_000))
    }

    func contains(_ time: Timestamp) -> Bool { start <= time && time < end }
}
