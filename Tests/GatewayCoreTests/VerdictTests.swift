import Foundation
import GRDB
import ModemKit
import PluginKit
import SMSCodec
import Testing

@testable import GatewayCore

/// What policy does to texts that are sent.
@Suite struct VerdictTests {
    static func shop(_ folder: String? = nil, _ change: (inout Policy) -> Void) throws -> Workshop {
        var policy = Workshop.policy
        policy.timeZone = "UTC"
        change(&policy)
        return try Workshop(folder: folder, policy: policy)
    }

    /// Hours of UTC that are not now; `HandClock` begins at 16:06:40.
    static let closed = SendingWindow(spans: [.init(days: Set(0...6), start: 1_080, end: 1_260)])

    @Test("B6: outside its window a text stays queued with its reason, holds up nobody, and leaves when it opens")
    func window() async throws {
        let shop = try Self.shop {
            $0.windows.promotion = Self.closed; $0.windows.isRecipients = false
        }
        try await shop.startSending()
        let offer = try await shop.send("Offer", to: "+16195550123", purpose: .promotion)
        #expect(try await shop.eventually { try shop.reason(of: offer.uid) == "outside-window" })
        let word = try await shop.send("Hello", to: "+16195550123")
        #expect(try await shop.eventually { try shop.state(of: word.uid) == "accepted" })
        #expect(try shop.state(of: offer.uid) == "waiting")
        let opening = try shop.number("SELECT not_before FROM outbound WHERE uid = '\(offer.uid)'")
        #expect(opening % 86_400_000 == 18 * 3_600_000)
        shop.clock.move(milliseconds: opening - shop.clock.now.milliseconds - 1)
        let other = try await shop.send("Other", to: "+16195550199")
        #expect(try await shop.eventually { try shop.state(of: other.uid) == "accepted" })
        #expect(shop.radio.texts == ["Hello", "Other"], "not a millisecond before")
        shop.clock.move(milliseconds: 1_001)
        #expect(try await shop.eventually { try shop.state(of: offer.uid) == "accepted" })
        await shop.close()
    }

    @Test("B6: who has just written is answered at any hour, but gets no offer")
    func contact() async throws {
        let shop = try Self.shop {
            ($0.windows.conversation, $0.windows.promotion) = (Self.closed, Self.closed)
            $0.windows.isRecipients = false
        }
        let pdu = try Workshop.deliver("Are you open?")
        _ = try await shop.inbound.receive([Workshop.reading(pdu[0])])
        try await shop.startSending()
        let offer = try await shop.send("Offer", to: "+16195550123", purpose: .promotion)
        let stranger = try await shop.send("Hello", to: "+16195550199")
        let answer = try await shop.send("Yes", to: "+16195550123")
        #expect(try await shop.eventually { try shop.state(of: answer.uid) == "accepted" })
        #expect(try await shop.eventually { try shop.reason(of: stranger.uid) == "outside-window" })
        #expect(try shop.reason(of: offer.uid) == "outside-window")
        #expect(shop.radio.texts == ["Yes"])
        await shop.close()
    }

    @Test(
        "B6: it is the recipient's clock that counts, where the number tells it",
        arguments: [
            ("+16195550123", ["America/Los_Angeles"]), ("+12125550123", ["America/New_York"]),
            ("+442079460000", ["Europe/London"]), ("+4930901820", ["Europe/Berlin"]),
            ("+18505550123", ["America/Chicago", "America/New_York"]),
            ("+19285550123", ["America/Denver", "America/Phoenix"]),
            ("+34612345678", ["Europe/Madrid", "Atlantic/Canary"]), ("+77011234567", ["Asia/Almaty"]),
            ("+18765550123", ["America/Jamaica"]), ("+18005550123", ["UTC"]), ("+80012345678", ["UTC"]),
        ] as [(String, [String])])
    func zones(phone: String, zones: [String]) throws {
        var policy = Policy()
        policy.timeZone = "UTC"
        #expect(SendingRules(policy: policy).zones(of: phone) == zones.compactMap { TimeZone(identifier: $0) })
        policy.windows.isRecipients = false
        #expect(SendingRules(policy: policy).zones(of: phone) == [try #require(TimeZone(identifier: "UTC"))])
    }

    @Test("B6: a number that may be in several zones gets a text only while all of them are in the window")
    func allZones() async throws {
        let shop = try Workshop()
        // 21:30 in New York, 20:30 in Chicago: both have area code 850.
        let now = try #require(Timestamp("2026-11-25T02:30:00.000Z"))
        var policy = Policy()
        policy.timeZone = "America/Los_Angeles"
        let rules = SendingRules(policy: policy)
        let offer = try await shop.send("Offer", to: "+18505550123", purpose: .promotion)
        let verdict = try shop.journal.read { try rules.verdict(on: offer, isBegun: false, now: now, $0) }
        guard case .later(let until, _, _) = verdict else { return #expect(Bool(false), "\(verdict)") }
        // 8:00 in Chicago, where it is later.
        #expect(until == Timestamp("2026-11-25T14:00:00.000Z"))
        // Kaliningrad and Kamchatka are ten hours apart: no hour of 9 to 17 is both's, so the shop's clock decides.
        policy.windows.notice = SendingWindow(spans: [.init(days: Set(0...6), start: 540, end: 1_020)])
        policy.timeZone = "Europe/Moscow"
        let notice = try await shop.send("Notice", to: "+79161234567", purpose: .notice)
        let moscow = SendingRules(policy: policy)
        for (time, isOpen) in [("2026-11-25T06:00:00.000Z", true), ("2026-11-25T05:59:00.000Z", false)] {
            let now = try #require(Timestamp(time))
            let verdict = try shop.journal.read { try moscow.verdict(on: notice, isBegun: false, now: now, $0) }
            #expect((verdict == .allow) == isOpen, "\(time)")
        }
        await shop.close()
    }

    @Test(
        "Nothing goes to the emergency services of any country, at home or from anywhere",
        arguments: [
            ("110", "DE", nil), ("110", "JP", nil), ("110", "CN", nil), ("190", "BR", nil), ("100", "AR", nil),
            ("911", "DE", nil), ("112", "US", nil), ("999", "XX", nil), ("1350", "GA", nil), ("10111", "ZA", nil),
            ("110", "US", "110"), ("190", "DE", "190"), ("12345", "US", "12345"), ("112233", "BR", "112233"),
        ] as [(String, String, String?)])
    func emergencies(_ written: String, _ country: String, _ read: String?) {
        #expect(PhoneNumber(written, country: country)?.text == read)
        #expect(PhoneNumber(" \(written.prefix(1))-\(written.dropFirst()) ", country: country)?.text == read)
    }

    @Test("What a part took from intent to outcome is a histogram")
    func durations() async throws {
        let shop = try Workshop()
        try await shop.startSending()
        let text = try await shop.send("Hello", to: "+16195550123")
        #expect(try await shop.eventually { try shop.state(of: text.uid) == "accepted" })
        shop.outbound.durations.record(milliseconds: 4_000)
        var page = MetricsPage()
        shop.outbound.durations.write(to: &page)
        #expect(page.text.contains("# TYPE conductor_send_duration_seconds histogram\n"))
        #expect(page.text.contains("conductor_send_duration_seconds_bucket{le=\"3.0\"} 1\n"))
        #expect(page.text.contains("conductor_send_duration_seconds_bucket{le=\"5.0\"} 2\n"))
        #expect(page.text.contains("conductor_send_duration_seconds_count 2\n"))
        await shop.close()
    }

    @Test("Every zone that numbers are put into is one that this machine knows")
    func knownZones() {
        for area in 200...999 {
            for name in AreaZone.names(of: "+1\(area)5550123") {
                #expect(TimeZone(identifier: name) != nil, "\(name)")
            }
        }
        for code in 20...999 {
            for name in CountryZone.names(of: "+\(code)12345678") {
                #expect(TimeZone(identifier: name) != nil, "\(name)")
            }
        }
    }

    @Test("B6: the window is asked last, too: it closes between the choice and the PDU")
    func closing() async throws {
        let shop = try Self.shop { $0.windows.notice = Self.closed }
        var policy = Policy()
        policy.timeZone = "UTC"
        policy.windows.notice = Self.closed
        policy.windows.isRecipients = false
        let text = try await shop.send("Hello", to: "+16195550123", purpose: .notice)
        let permit = Permit()
        let part = PartOnItsWay(
            text: text, number: 1, of: 1, pdu: [1], modem: Workshop.modem, sim: "A", intentAt: shop.clock.now)
        await #expect(throws: (any Error).self) {
            try await permit.ask(part, shop.journal, SendingRules(policy: policy))
        }
        guard case .later(_, .window, _)? = permit.denial else {
            Issue.record("\(String(describing: permit.denial))")
            return
        }
        #expect(try shop.count("SELECT count(*) FROM part") == 0)
        await shop.close()
    }

    @Test("B12: a SIM's minute is kept to, over a restart, too; texts wait their turn and leave in order")
    func minute() async throws {
        let shop = try Self.shop { $0.limits.sim.perMinute = 3 }
        try await shop.startSending()
        for number in 0..<3 { try await shop.send("\(number)", to: "+1619555012\(number)") }
        #expect(
            try await shop.eventually { try shop.count("SELECT count(*) FROM outbound WHERE state = 'accepted'") == 3 })
        let fourth = try await shop.send("3", to: "+16195550129")
        shop.clock.move(milliseconds: 30_000)
        let obstacle = await shop.outbound.obstacle(to: fourth)
        #expect(obstacle?.contains("its limit of a minute") == true)
        await shop.close()

        let next = try Self.shop(shop.folder) { $0.limits.sim.perMinute = 3 }
        next.clock.move(milliseconds: 59_000)
        try await next.startSending()
        next.clock.move(milliseconds: 500)
        #expect(await next.outbound.limitUse.first?.minute == 3)
        #expect(next.radio.texts.isEmpty)
        next.clock.move(milliseconds: 2_000)
        #expect(try await next.eventually { try next.state(of: fourth.uid) == "accepted" })
        await next.close()
    }

    @Test("B12: a SIM that has sent its day's parts is left out with an alarm, and another that is free takes over")
    func takeover() async throws {
        let shop = try Self.shop { $0.limits.sim.perDay = 2 }
        try await shop.startSending()
        for number in 0..<2 { try await shop.send("\(number)", to: "+1619555012\(number)") }
        #expect(try await shop.eventually { shop.radio.texts.count == 2 })
        let third = try await shop.send("2", to: "+16195550129")
        shop.clock.move(milliseconds: 1_000)
        #expect(try await shop.eventually { shop.alarms.all.map(\.kind) == ["limit.sim"] })
        #expect(try shop.state(of: third.uid) == "waiting")
        var other = ModemSnapshot(id: ModemID("356938035643817"), port: "/dev/other", state: .ready)
        other.sim = SIMID("8901260123456789020")
        await shop.outbound.changed(other)
        #expect(try await shop.eventually { try shop.state(of: third.uid) == "accepted" })
        #expect(try shop.number("SELECT count(*) FROM part WHERE sim = '8901260123456789020'") == 1)
        await shop.close()
    }

    @Test("B12: a SIM at its number of recipients still writes to those it has written to, past those it must leave")
    func recipients() async throws {
        let shop = try Self.shop { $0.limits.sim.recipientsPerDay = 1 }
        try await shop.startSending()
        let first = try await shop.send("one", to: "+16195550123")
        #expect(try await shop.eventually { try shop.state(of: first.uid) == "accepted" })
        let stranger = try await shop.send("two", to: "+16195550199")
        let known = try await shop.send("three", to: "+16195550123")
        #expect(try await shop.eventually { try shop.state(of: known.uid) == "accepted" })
        #expect(try shop.state(of: stranger.uid) == "waiting" && shop.radio.texts == ["one", "three"])
        await shop.close()
    }

    @Test(
        "B12: over a day's limit or budget a text stays queued until the shop's next day, in the next run, too",
        arguments: [
            Verdict.Hold.recipientDay, .budget,
        ])
    func day(hold: Verdict.Hold) async throws {
        func limit(_ policy: inout Policy) {
            if hold == .budget { policy.budget.perDay = 2 } else { policy.limits.recipient.perDay = 2 }
        }
        let shop = try Self.shop(nil, limit)
        try await shop.startSending()
        for number in 0..<2 { try await shop.send("\(number)", to: "+16195550123") }
        #expect(try await shop.eventually { shop.radio.texts.count == 2 })
        await shop.close()

        let next = try Self.shop(shop.folder, limit)
        try await next.startSending()
        let third = try await next.send("2", to: "+16195550123")
        #expect(try await next.eventually { try next.reason(of: third.uid) == hold.rawValue })
        #expect(next.alarms.all.map(\.kind).contains(hold == .budget ? "budget" : "limit.recipient"))
        let due = try next.number("SELECT not_before FROM outbound WHERE uid = '\(third.uid)'")
        #expect(due % 86_400_000 == 0)
        next.clock.move(milliseconds: due - next.clock.now.milliseconds + 1_000)
        #expect(try await next.eventually { try next.state(of: third.uid) == "accepted" })
        #expect(try await next.eventually { !next.alarms.all.map(\.kind).contains("budget") })
        await next.close()
    }

    @Test(
        "decision 10: the confirmation of STOP leaves at once, whatever a SIM has used up, and though it is paused",
        arguments: ["minute", "day", "recipients", "budget", "pause"])
    func owed(_ obstacle: String) async throws {
        let shop = try Self.shop {
            switch obstacle {
            case "minute": $0.limits.sim.perMinute = 1
            case "day": $0.limits.sim.perDay = 1
            case "recipients": $0.limits.sim.recipientsPerDay = 1
            case "budget": $0.budget.perDay = 1
            default: break
            }
        }
        if obstacle == "pause" {
            let pause = SIMPause(sim: Workshop.sim.rawValue, since: shop.clock.now, reason: "nothing arrives")
            try await shop.journal.writer.write { try pause.save($0) }
        }
        try await shop.startSending()
        let first = try await shop.send("one", to: "+16195550123")
        if obstacle != "pause" {
            #expect(try await shop.eventually { try shop.state(of: first.uid) == "accepted" })
        }
        let waiting = try await shop.send("two", to: "+16195550199")
        // Behind a text of the same person that waits, and to another one.
        let same = try await shop.send("You are out.", to: "+16195550199", purpose: .consent)
        let other = try await shop.send("You are out.", to: "+16195550177", purpose: .consent)
        for text in [same, other] {
            #expect(try await shop.eventually { try shop.state(of: text.uid) == "accepted" })
        }
        // A number that the SIM has written to may be written to again.
        if obstacle != "recipients" { #expect(try shop.state(of: waiting.uid) == "waiting") }
        await shop.close()
    }

    @Test("B4: a long text that a SIM's minute has no room for lets shorter ones pass, once, and is not tried in vain")
    func long() async throws {
        let shop = try Self.shop { $0.limits.sim.perMinute = 4 }
        try await shop.startSending()
        func sent(_ text: OutgoingText) async throws {
            #expect(try await shop.eventually { try shop.state(of: text.uid) == "accepted" })
        }
        for number in 0..<2 { try await sent(shop.send("\(number)", to: "+1619555011\(number)")) }
        let long = try await shop.send(String(repeating: "long ", count: 80), to: "+16195550123")
        #expect(try await shop.eventually { await shop.outbound.counts["retrying"] == 1 })
        shop.clock.move(milliseconds: 30_000)
        for number in 2..<4 { try await sent(shop.send("\(number)", to: "+1619555011\(number)")) }
        #expect(try shop.state(of: long.uid) == "waiting")
        // The first two no longer count; those of the last half minute leave no room for three parts yet.
        shop.clock.move(milliseconds: 31_000)
        #expect(try await shop.eventually { await shop.outbound.counts["retrying"] == 0 })
        let late = try await shop.send("late", to: "+16195550119")
        shop.clock.move(milliseconds: 20_000)
        #expect(try shop.state(of: late.uid) == "waiting" && shop.state(of: long.uid) == "waiting")
        shop.clock.move(milliseconds: 10_000)
        try await sent(long)
        try await sent(late)
        #expect(shop.radio.texts.last == "late")
        await shop.close()
    }

    @Test("B12: a long text that its SIM has no room for today leaves from another one that has room within the minute")
    func longElsewhere() async throws {
        let shop = try Self.shop {
            $0.limits.sim.perDay = 6
            $0.limits.sim.perMinute = 3
        }
        let sims = ["8901260123456789012", "8901260123456789020"]
        try await shop.startSending()
        var other = ModemSnapshot(id: ModemID("356938035643817"), port: "/dev/other", state: .ready)
        other.sim = SIMID(sims[1])
        await shop.outbound.changed(other)
        var count = 0
        func fill(_ sim: String, _ parts: Int) async throws {
            for _ in 0..<parts {
                count += 1
                let text = try await shop.journal.writer.write { [now = shop.clock.now, count] database in
                    try OutgoingText.insert(
                        .init(
                            uid: UID.make(at: now), origin: "test", purpose: .conversation,
                            phone: "+161955501\(10 + count)", content: "x", sim: sim), now: now, database)
                }
                await shop.outbound.add([text])
            }
            let wanted = count
            #expect(try await shop.eventually { shop.radio.written.count == wanted })
        }
        try await fill(sims[0], 3)
        shop.clock.move(milliseconds: 61_000)
        // One part of its day is left, and one of the other's minute is none.
        try await fill(sims[0], 2)
        try await fill(sims[1], 3)
        let long = try await shop.send(String(repeating: "long ", count: 80), to: "+16195550123")
        #expect(try await shop.eventually { await shop.outbound.counts["retrying"] == 1 })
        shop.clock.move(milliseconds: 61_000)
        #expect(try await shop.eventually { try shop.state(of: long.uid) == "accepted" })
        #expect(try shop.number("SELECT count(*) FROM part WHERE sim = '\(sims[1])'") == 6)
        await shop.close()
    }

    @Test("A long text that no SIM has room for today says so, and holds up nobody")
    func longTomorrow() async throws {
        let shop = try Self.shop { $0.limits.sim.perDay = 4 }
        try await shop.startSending()
        for number in 0..<2 { try await shop.send("\(number)", to: "+1619555012\(number)") }
        #expect(try await shop.eventually { shop.radio.texts.count == 2 })
        let events = shop.events.listen(backlog: 100)
        let long = try await shop.send(String(repeating: "long ", count: 80), to: "+16195550123")
        let short = try await shop.send("short", to: "+16195550123")
        #expect(try await shop.eventually { try shop.state(of: short.uid) == "accepted" })
        #expect(try shop.reason(of: long.uid) == "limit-sim-day" && shop.state(of: long.uid) == "waiting")
        for await event in events where event.kind == "message.delayed" { break }
        let due = try shop.number("SELECT not_before FROM outbound WHERE uid = '\(long.uid)'")
        shop.clock.move(milliseconds: due - shop.clock.now.milliseconds)
        #expect(try await shop.eventually { try shop.state(of: long.uid) == "accepted" })
        await shop.close()
    }

    @Test("A text of which parts have left is a new decision when a person sends it again, and none when it goes on")
    func sentAgain() async throws {
        let shop = try Self.shop { $0.limits.recipient.perDay = 1 }
        shop.radio.answer(.accepted(reference: 1), .refused(code: .cms(42)), .accepted(reference: 2))
        try await shop.startSending()
        let text = try await shop.send(String(repeating: "abcdefgh ", count: 30), to: "+16195550123")
        #expect(
            try await shop.eventually {
                shop.clock.move(milliseconds: 100)
                return try shop.state(of: text.uid) == "accepted"
            })
        _ = try await shop.inbound.receive([
            Workshop.reading(Workshop.report(1, for: "+16195550123", status: 70)),
            Workshop.reading(Workshop.report(2, for: "+16195550123", status: 0), slot: 2),
        ])
        let again = try await shop.journal.writer.write { database in
            try OutgoingText.requeue(text.uid, from: [.undelivered], now: shop.clock.now, database)
        }
        await shop.outbound.again(try #require(again))
        #expect(try await shop.eventually { try shop.reason(of: text.uid) == "limit-recipient-day" })
        #expect(shop.radio.written.count == 3)
        await shop.close()
    }

    @Test("What the network refused does not count")
    func refused() async throws {
        let shop = try Self.shop { $0.limits.sim.perDay = 1 }
        shop.radio.answer(.refused(code: .cms(28)))
        try await shop.startSending()
        let bad = try await shop.send("one", to: "+16195550123")
        let good = try await shop.send("two", to: "+16195550199")
        #expect(try await shop.eventually { try shop.state(of: good.uid) == "accepted" })
        #expect(try shop.state(of: bad.uid) == "failed")
        await shop.close()
    }

    @Test("A text that policy keeps back for longer than max_wait fails with its reason")
    func expired() async throws {
        let shop = try Self.shop {
            $0.windows.promotion = Self.closed
            $0.windows.isRecipients = false
            $0.maxWaitMilliseconds = 3_600_000
        }
        try await shop.startSending()
        let offer = try await shop.send("Offer", to: "+16195550123", purpose: .promotion)
        #expect(try await shop.eventually { try shop.reason(of: offer.uid) == "expired" })
        #expect(try shop.state(of: offer.uid) == "failed")
        await shop.close()
    }

    @Test("B10: STOP is asked when a text is chosen: nothing of it reaches the modem")
    func optedOut() async throws {
        let shop = try Self.shop { _ in }
        let text = try await shop.send("Hello", to: "+16195550123")
        let now = shop.clock.now
        try await shop.journal.writer.write { database in
            _ = try Consent.change(.init(phone: "+16195550123", action: .out, source: "sms"), now: now, database)
        }
        try await shop.startSending()
        #expect(try await shop.eventually { try shop.reason(of: text.uid) == "opted-out" })
        #expect(shop.radio.written.isEmpty)
        await shop.close()
    }

    @Test("B11: a text that is planned holds up no other to its number; one that is tried again does")
    func planned() async throws {
        let shop = try Self.shop { _ in }
        shop.radio.answer(.refused(code: .cms(42)))
        try await shop.startSending()
        let now = shop.clock.now
        let planned = try await shop.journal.writer.write { database in
            try OutgoingText.insert(
                .init(
                    uid: UID.make(at: now), origin: "api", purpose: .conversation, phone: "+16195550123",
                    content: "tomorrow", notBefore: Timestamp(milliseconds: now.milliseconds + 86_400_000)),
                now: now, database)
        }
        await shop.outbound.add([planned])
        let again = try await shop.send("first", to: "+16195550123")
        let behind = try await shop.send("second", to: "+16195550123")
        #expect(try await shop.eventually { try shop.reason(of: again.uid) == "cms-42" })
        #expect(try shop.state(of: behind.uid) == "waiting")
        shop.clock.move(milliseconds: 7_000)
        #expect(try await shop.eventually { try shop.state(of: behind.uid) == "accepted" })
        #expect(shop.radio.texts == ["first", "first", "second"])
        shop.clock.move(milliseconds: 86_400_000)
        #expect(try await shop.eventually { try shop.state(of: planned.uid) == "accepted" })
        await shop.close()
    }
}

extension Workshop {
    func reason(of uid: String) throws -> String? {
        try journal.read { try $0.first("SELECT error_code FROM outbound WHERE uid = ?", [uid])?["error_code"] }
    }

    func number(_ sql: String) throws -> Int64 {
        try journal.read { try Int64.fetchOne($0, sql: sql) ?? 0 }
    }
}
