import Foundation
import PluginKit
import Testing

@testable import conductor

@Suite struct TerminalTests {
    @Test(
        "columns are counted as a terminal shows them",
        arguments: [
            ("abc", 3), ("é", 1), ("e\u{301}", 1), ("漢字", 4), ("😀", 2), ("👩‍👩‍👧", 2), ("☎️", 2), ("", 0),
            ("\u{1B}[31mred\u{1B}[0m", 3), ("한", 2), ("\u{200B}", 0),
        ] as [(String, Int)])
    func width(_ text: String, _ columns: Int) {
        #expect(DisplayWidth.of(text) == columns)
    }

    @Test("a table aligns whatever the script, and cuts only the flexible column")
    func table() {
        var table = Table([
            .init(title: "WHO"), .init(title: "N", alignment: .right), .init(title: "EMPTY"),
            .init(title: "TEXT", isFlexible: true),
        ])
        table.add(["漢字", "7", "", "a long text that does not fit"])
        table.add(["ab", "12", "", "short"])
        #expect(table.lines(width: 20) == ["WHO    N  TEXT", "漢字   7  a long te…", "ab    12  short"])
        #expect(table.lines(width: nil)[1] == "漢字   7  a long text that does not fit")
    }

    @Test("cutting never splits a character in two columns")
    func cut() {
        #expect(DisplayWidth.cut("漢字漢字", to: 4) == "漢…")
        #expect(DisplayWidth.cut("abc", to: 3) == "abc")
        #expect(DisplayWidth.cut("abc", to: 1) == "…")
    }

    @Test(
        "times are said as people say them",
        arguments: [
            (0, "just now"), (42, "42 s ago"), (300, "5 min ago"), (7_260, "2 h 1 min ago"), (-7_200, "in 2 h"),
        ] as [(Int64, String)])
    func relative(_ secondsAgo: Int64, _ text: String) {
        let now = Timestamp(milliseconds: 1_790_000_000_000)
        let then = Timestamp(milliseconds: now.milliseconds - secondsAgo * 1000)
        #expect(HumanTime.relative(then, now: now) == text)
    }

    @Test(
        "--at reads what people write",
        arguments: [
            ("+30m", "2026-09-21T14:43:20.000Z"), ("+1d", "2026-09-22T14:13:20.000Z"),
            ("2026-11-24T09:00:00Z", "2026-11-24T09:00:00.000Z"),
            ("2026-11-24T09:00+02:00", "2026-11-24T07:00:00.000Z"),
            ("2026-02-30 09:00", nil), ("25:00", nil), ("tomorrow", nil), ("", nil), ("+m", nil),
        ] as [(String, String?)])
    func sendTime(_ text: String, _ expected: String?) throws {
        let now = Timestamp(milliseconds: 1_790_000_000_000)
        #expect(try SendTime.parse(text, now: now).map { "\($0)" } == expected)
    }

    @Test(
        "--at goes by the clock of the zone it is given: also where the clocks change",
        arguments: [
            ("09:00", "America/Los_Angeles", "2026-03-07T17:00:00.000Z"),
            ("06:00", "America/Los_Angeles", "2026-03-08T13:00:00.000Z"),
            ("06:00", "Europe/Berlin", "2026-03-08T05:00:00.000Z"),
            ("2026-11-01 01:30", "America/Los_Angeles", "2026-11-01T08:30:00.000Z"),
            ("2026-03-08 02:30", "America/Los_Angeles", nil),
            ("2026-03-08 02:30", "Europe/Berlin", "2026-03-08T01:30:00.000Z"),
            ("02:30", "America/Los_Angeles", nil),
        ] as [(String, String, String?)])
    func sendTimeInZone(_ text: String, _ name: String, _ expected: String?) throws {
        // 08:00 in Los Angeles, on the day before the clocks are put forward there.
        let now = try #require(Timestamp("2026-03-07T16:00:00.000Z"))
        let zone = try #require(TimeZone(identifier: name))
        #expect(SendTime.needsZone(text))
        guard let expected else {
            let gap = #expect(throws: SendTime.Gap.self) { try SendTime.parse(text, now: now, zone: zone) }
            #expect(gap?.sentence.contains(name) == true)
            return
        }
        #expect(try SendTime.parse(text, now: now, zone: zone).map { "\($0)" } == expected)
    }

    @Test("what names its own moment needs no zone", arguments: ["+30m", "2026-11-24T09:00:00Z", "never"])
    func noZone(_ text: String) {
        #expect(!SendTime.needsZone(text))
    }

    @Test("a text that waits for a time says so; others show what is stored")
    func words() throws {
        let now = Timestamp(milliseconds: 1_790_000_000_000)
        let later = Timestamp(milliseconds: now.milliseconds + 60_000)
        var text = Message(
            uid: "a", direction: .outbound, phone: "+16195550100", content: "x", status: .queued, timestamp: now)
        text.deliveryStatus = .sending
        #expect(MessageWord.of(text, now: now) == "sending" && SendCommand.delay(of: text, now: now) == nil)
        text.notBefore = later
        #expect(MessageWord.of(text, now: now) == "planned")
        #expect(SendCommand.delay(of: text, now: now)?.hasPrefix("planned, not before ") == true)
        #expect(MessageWord.of(text, now: later) == "sending")
        (text.errorCode, text.errorMessage) = ("budget", "today's budget is used up")
        #expect(MessageWord.of(text, now: now) == "waits")
        #expect(SendCommand.delay(of: text, now: now)?.hasSuffix(": today's budget is used up") == true)
        text.status = .sent
        text.deliveryStatus = .accepted
        #expect(MessageWord.of(text, now: now) == "accepted")
    }

    @Test(
        "the exit code of a text: 4 where a rule forbade it, 1 where it failed",
        arguments: [
            ("expired", .expired, 4), ("opted-out", .optedOut, 4), ("limit-recipient-day", nil, 4),
            ("cms-38", nil, 1), ("report-70", .expired, 1), ("invalid-number", nil, 1),
            ("cancelled", nil, 1),
        ] as [(String, Message.DeliveryStatus?, Int32)])
    func exitCode(_ code: String, _ status: Message.DeliveryStatus?, _ exit: Int32) {
        var text = Message(
            uid: "a", direction: .outbound, phone: "+16195550100", content: "x", status: .failed,
            timestamp: Timestamp(milliseconds: 0))
        (text.deliveryStatus, text.errorCode) = (status, code)
        #expect(SendCommand.failure(text)?.status.rawValue == exit)
    }

    @Test("a time of day is the next one to come")
    func nextTimeOfDay() throws {
        let now = Timestamp(milliseconds: 1_790_000_000_000)
        for clock in ["00:00", "09:30", "23:59"] {
            let time = try #require(try SendTime.parse(clock, now: now))
            #expect(time > now)
            #expect(time.milliseconds - now.milliseconds <= 25 * 3_600_000)
            #expect(HumanTime.clock(time) == clock + ":00")
        }
    }

    @Test("signal bars follow the power", arguments: [(-51, 4), (-80, 3), (-90, 2), (-100, 1), (-113, 0)])
    func bars(_ power: Int, _ bars: Int) {
        #expect(Signal(dBm: power).bars == bars)
    }

    @Test("events are taken apart however their octets are cut", arguments: [1, 2, 7, 1000])
    func eventParser(_ size: Int) {
        let text = ": hello\n\nid: 1\nevent: a.b\r\ndata: {\"x\":\r\ndata: \"é\"}\n\ndata:y\n\n"
        var parser = EventParser()
        var items: [EventParser.Item] = []
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            items += parser.take(Array(rest.prefix(size)))
            rest = rest.dropFirst(size)
        }
        #expect(
            items == [
                .init(kind: "", data: ""), .init(kind: "a.b", data: "{\"x\":\n\"é\"}"),
                .init(kind: "message", data: "y"),
            ])
    }
}
