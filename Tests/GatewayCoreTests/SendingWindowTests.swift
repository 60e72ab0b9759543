import Foundation
import PluginKit
import Testing

@testable import GatewayCore

@Suite struct SendingWindowTests {
    @Test(
        "B6: the answer is the first open minute, across daylight saving, week-ends and midnight",
        arguments: ["America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "America/Phoenix", "Asia/Kathmandu"],
        [(480, 1_260), (1_320, 360), (135, 165), (60, 90)])
    func firstMinute(zone name: String, hours: (Int, Int)) throws {
        let zone = try #require(TimeZone(identifier: name))
        let window = SendingWindow(spans: [.init(days: [0, 1, 3, 5], start: hours.0, end: hours.1)])
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        // Around the changes of March, April, October and November 2026.
        for begin: Int64 in [1_772_841_600, 1_774_656_000, 1_775_260_800, 1_790_985_600, 1_792_800_000, 1_793_404_800] {
            let open = (0..<12_960).map { step -> Bool in
                let date = Date(timeIntervalSince1970: Double(begin + Int64(step) * 60))
                let parts = calendar.dateComponents([.weekday, .hour, .minute], from: date)
                let minute = (parts.hour ?? 0) * 60 + (parts.minute ?? 0)
                let day = (parts.weekday ?? 1) - 1
                let days: Set = [0, 1, 3, 5]
                if hours.0 < hours.1 { return days.contains(day) && minute >= hours.0 && minute < hours.1 }
                return days.contains(day) && minute >= hours.0 || days.contains((day + 6) % 7) && minute < hours.1
            }
            var last: Int64 = 0
            for step in stride(from: 0, to: 4_320, by: 7) {
                let wanted = try #require(open[step...].firstIndex(of: true))
                let time = Timestamp(milliseconds: (begin + Int64(step) * 60) * 1_000)
                let answer = try #require(window.firstAllowed(from: time, in: zone))
                #expect(answer.milliseconds == (begin + Int64(wanted) * 60) * 1_000)
                #expect(answer.milliseconds >= last)
                last = answer.milliseconds
            }
        }
    }

    /// Both hemispheres, halves and quarters of hours, a change of half an hour, and a day that never was.
    private static let zones: [(name: String, after: String)] = [
        ("America/New_York", "2026-03-07"), ("America/Los_Angeles", "2026-10-30"), ("America/St_Johns", "2026-03-06"),
        ("America/Santiago", "2026-09-04"), ("America/Havana", "2026-10-30"), ("Europe/London", "2026-10-23"),
        ("Europe/Berlin", "2026-03-27"), ("Africa/Casablanca", "2026-02-13"), ("Africa/Cairo", "2026-04-22"),
        ("Asia/Kathmandu", "2026-06-01"), ("Asia/Kolkata", "2026-12-30"), ("Asia/Gaza", "2026-10-22"),
        ("Australia/Adelaide", "2026-10-02"), ("Australia/Lord_Howe", "2026-04-03"),
        ("Australia/Lord_Howe", "2026-10-02"),
        ("Pacific/Auckland", "2026-04-03"), ("Pacific/Chatham", "2026-09-25"), ("Pacific/Apia", "2011-12-28"),
        ("Pacific/Kiritimati", "1994-12-29"), ("UTC", "2026-01-01"),
    ]

    @Test("B6: any window, in any zone, opens at the first minute that a walk by the calendar finds", arguments: zones)
    func anyWindow(zone name: String, after begin: String) throws {
        let seed =
            ProcessInfo.processInfo.environment["CONDUCTOR_SEED"].flatMap(UInt64.init) ?? .random(in: 1...999_999)
        var dice = SplitMix(state: seed)
        let zone = try #require(TimeZone(identifier: name))
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        let start = Int64(try #require(ISO8601DateFormatter().date(from: begin + "T00:00:00Z")).timeIntervalSince1970)
        // Day of the week and minute of the day, minute by minute.
        let walk = (0..<17 * 1_440).map { step -> (day: Int, minute: Int) in
            let date = Date(timeIntervalSince1970: Double(start + Int64(step) * 60))
            let parts = calendar.dateComponents([.weekday, .hour, .minute], from: date)
            return ((parts.weekday ?? 1) - 1, (parts.hour ?? 0) * 60 + (parts.minute ?? 0))
        }
        for _ in 0..<12 {
            let spans = (0..<Int.random(in: 1...3, using: &dice)).map { _ -> SendingWindow.Span in
                let days = Set(
                    (0...6).filter { _ in Bool.random(using: &dice) } + [Int.random(in: 0...6, using: &dice)])
                let start = Int.random(in: 0..<1_440, using: &dice)
                return .init(days: days, start: start, end: Int.random(in: 0...1_440, using: &dice))
            }
            let window = SendingWindow(spans: spans)
            let open = walk.map { now in
                spans.contains { span in
                    let isToday = span.days.contains(now.day)
                    if span.start < span.end { return isToday && (span.start..<span.end).contains(now.minute) }
                    return isToday && now.minute >= span.start
                        || span.days.contains((now.day + 6) % 7) && now.minute < span.end
                }
            }
            for _ in 0..<40 {
                let step = Int.random(in: 0..<5 * 1_440, using: &dice)
                guard let wanted = open[step...].firstIndex(of: true) else { continue }
                let time = Timestamp(milliseconds: (start + Int64(step) * 60) * 1_000)
                let answer = window.firstAllowed(from: time, in: zone)
                #expect(
                    answer?.milliseconds == (start + Int64(wanted) * 60) * 1_000,
                    "CONDUCTOR_SEED=\(seed): \(name), \(spans), from \(time)")
            }
        }
    }

    @Test("B6: for several zones it opens at the first minute at which a walk by the calendars finds all of them open")
    func anyZones() throws {
        let seed =
            ProcessInfo.processInfo.environment["CONDUCTOR_SEED"].flatMap(UInt64.init) ?? .random(in: 1...999_999)
        var dice = SplitMix(state: seed)
        for _ in 0..<10 {
            let chosen = Self.zones.shuffled(using: &dice).prefix(Int.random(in: 2...4, using: &dice))
            let zones = chosen.compactMap { TimeZone(identifier: $0.name) }
            let begin = try #require(chosen.first).after
            let start = Int64(
                try #require(ISO8601DateFormatter().date(from: begin + "T00:00:00Z")).timeIntervalSince1970)
            let span = SendingWindow.Span(
                days: Set((0...6).filter { _ in Int.random(in: 0...3, using: &dice) > 0 }),
                start: Int.random(in: 0..<1_440, using: &dice), end: Int.random(in: 0...1_440, using: &dice))
            var open = [Bool](repeating: true, count: 6 * 1_440)
            for zone in zones {
                var calendar = Calendar(identifier: .gregorian)
                calendar.timeZone = zone
                for step in open.indices {
                    let date = Date(timeIntervalSince1970: Double(start + Int64(step) * 60))
                    let parts = calendar.dateComponents([.weekday, .hour, .minute], from: date)
                    let (day, minute) = ((parts.weekday ?? 1) - 1, (parts.hour ?? 0) * 60 + (parts.minute ?? 0))
                    let (isToday, wasYesterday) = (span.days.contains(day), span.days.contains((day + 6) % 7))
                    let isOpen =
                        span.start < span.end
                        ? isToday && (span.start..<span.end).contains(minute)
                        : isToday && minute >= span.start || wasYesterday && minute < span.end
                    open[step] = open[step] && isOpen
                }
            }
            let window = SendingWindow(spans: [span])
            for _ in 0..<30 {
                let step = Int.random(in: 0..<2 * 1_440, using: &dice)
                let time = Timestamp(milliseconds: (start + Int64(step) * 60) * 1_000)
                let answer = window.firstAllowed(from: time, in: zones)
                let comment: Comment = "CONDUCTOR_SEED=\(seed): \(zones), \(span), from \(time)"
                if let wanted = open[step...].firstIndex(of: true) {
                    #expect(answer?.milliseconds == (start + Int64(wanted) * 60) * 1_000, comment)
                } else if let answer {
                    #expect(answer.milliseconds >= (start + 6 * 86_400) * 1_000, comment)
                }
            }
        }
    }

    @Test("B6: zones that are never in the window at once have no answer")
    func neverAtOnce() throws {
        let zones = try ["Europe/Kaliningrad", "Asia/Kamchatka"].map { try #require(TimeZone(identifier: $0)) }
        let now = Timestamp(milliseconds: 1_790_000_000_000)
        let short = SendingWindow(spans: [.init(days: Set(0...6), start: 540, end: 1_020)])
        #expect(short.firstAllowed(from: now, in: zones) == nil)
        #expect(short.firstAllowed(from: now, in: [zones[0]]) != nil)
    }

    @Test("B6: a window that never opens has no answer, and does not loop")
    func never() throws {
        let zone = try #require(TimeZone(identifier: "Europe/Berlin"))
        #expect(SendingWindow(spans: []).firstAllowed(from: Timestamp(milliseconds: 0), in: zone) == nil)
    }
}

/// SplitMix64, so that a seed says everything.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
