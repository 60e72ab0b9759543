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

    @Test("B6: a window that never opens has no answer, and does not loop")
    func never() throws {
        let zone = try #require(TimeZone(identifier: "Europe/Berlin"))
        #expect(SendingWindow(spans: []).firstAllowed(from: Timestamp(milliseconds: 0), in: zone) == nil)
    }
}
