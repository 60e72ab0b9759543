import Foundation
import PluginKit
import Testing

@testable import GatewayCore

@Suite struct SendingTallyTests {
    static let day = ShopDay(of: Timestamp(milliseconds: HandClock.beginning), in: .gmt)

    static func text(
        _ phone: String = "+16195550123", origin: String = "api", purpose: OutgoingText.Purpose = .conversation
    )
        -> OutgoingText
    {
        OutgoingText(
            seq: 1, uid: "u", storageID: nil, origin: origin, purpose: purpose, phone: phone, content: "x",
            simWanted: nil, createdAt: day.start, notBefore: nil, state: .waiting, attempts: 0)
    }

    static func tally(_ change: (inout Policy) -> Void) -> SendingTally {
        var policy = Policy()
        policy.limits = .off
        change(&policy)
        return SendingTally(policy: policy, day: day)
    }

    /// What `ask` says, as a word.
    static func ask(
        _ tally: inout SendingTally, _ text: OutgoingText = text(), parts: Int = 1, isBegun: Bool = false,
        sim: String = "A", at monotonic: Int64 = 0
    ) -> String {
        let now = Timestamp(milliseconds: HandClock.beginning + monotonic)
        switch tally.ask(text, parts: parts, isBegun: isBegun, sim: sim, now: now, monotonic: monotonic) {
        case .granted: return "granted"
        case .simIsFull: return "full"
        case .later(.later(_, let hold, _)): return hold.rawValue
        case .later: return "?"
        }
    }

    @Test(
        "B12: the n-th part of a SIM's minute goes, the next waits until the first is a minute old; another SIM goes on"
    )
    func simMinute() {
        var tally = Self.tally { $0.limits.sim.perMinute = 15 }
        for number in 0..<15 { #expect(Self.ask(&tally, at: Int64(number)) == "granted") }
        #expect(tally.room("A", monotonic: 59_999) == 0)
        #expect(Self.ask(&tally, at: 59_999) == "full")
        #expect(Self.ask(&tally, sim: "B", at: 59_999) == "granted")
        #expect(Self.ask(&tally, at: 60_000) == "granted")
        #expect(Self.ask(&tally, at: 60_000) == "full")
    }

    @Test("B12: the n-th part of a SIM's day goes, the next does not, and a new day begins at nought")
    func simDay() {
        var tally = Self.tally { $0.limits.sim.perDay = 1_000 }
        for _ in 0..<1_000 { #expect(Self.ask(&tally) == "granted") }
        #expect(Self.ask(&tally, at: 3_600_000) == "full")
        let tomorrow = ShopDay(of: Self.day.end, in: .gmt)
        tally.fill(tomorrow, now: tomorrow.start, monotonic: 80_000_000) { _ in }
        #expect(Self.ask(&tally, at: 80_000_000) == "granted")
    }

    @Test("B12: a SIM writes to its n numbers of a day, and to no other")
    func recipients() {
        var tally = Self.tally { $0.limits.sim.recipientsPerDay = 200 }
        for number in 0..<200 { #expect(Self.ask(&tally, Self.text("+1619555\(1_000 + number)")) == "granted") }
        #expect(Self.ask(&tally, Self.text("+16195559999")) == "full")
        #expect(Self.ask(&tally, Self.text("+16195551007")) == "granted")
        #expect(tally.onlyRecipients("A")?.count == 200 && tally.onlyRecipients("B") == nil)
        #expect(Self.ask(&tally, Self.text("+16195559999"), sim: "B") == "granted")
    }

    @Test(
        "B12: limits of recipient and plugin, at n and n + 1, from whatever SIM",
        arguments: [
            ("api", Verdict.Hold.recipientMinute, Int64(60_000)), ("api", .recipientDay, 90_000),
            ("responder:bot", .pluginMinute, 60_000), ("plugin:bot", .pluginDay, 90_000),
        ])
    func rates(origin: String, hold: Verdict.Hold, later: Int64) {
        var tally = Self.tally { policy in
            switch hold {
            case .recipientMinute: policy.limits.recipient.perMinute = 5
            case .recipientDay: policy.limits.recipient.perDay = 5
            case .pluginMinute: policy.limits.plugin.perMinute = 5
            default: policy.limits.plugin.perDay = 5
            }
        }
        let text = Self.text(origin: origin)
        for number in 0..<5 { #expect(Self.ask(&tally, text, parts: 3, sim: "\(number)") == "granted") }
        #expect(Self.ask(&tally, text) == hold.rawValue)
        #expect(Self.ask(&tally, Self.text("+16195550199", origin: "table")) == "granted")
        #expect(Self.ask(&tally, text, at: later) == (hold.isWait ? "granted" : hold.rawValue))
    }

    @Test("What is begun is brought to its end, and the one confirmation is owed, whatever the recipient's limit")
    func exempt() {
        var tally = Self.tally { $0.limits.recipient.perDay = 1 }
        #expect(Self.ask(&tally) == "granted")
        #expect(Self.ask(&tally, isBegun: true) == "granted")
        #expect(Self.ask(&tally, Self.text(purpose: .consent)) == "granted")
        #expect(Self.ask(&tally) == "limit-recipient-day")
    }

    @Test("A text of several parts goes when all of them fit; one that is longer than the limit goes alone")
    func parts() {
        var tally = Self.tally { $0.limits.sim.perMinute = 4 }
        #expect(Self.ask(&tally, parts: 2) == "granted")
        #expect(Self.ask(&tally, parts: 3) == "full")
        #expect(Self.ask(&tally, parts: 2) == "granted")
        #expect(Self.ask(&tally, parts: 9, at: 60_000) == "granted")
        #expect(Self.ask(&tally, parts: 1, at: 60_001) == "full")
    }

    @Test("The budget of all SIMs, at n and n + 1")
    func budget() {
        var tally = Self.tally { $0.budget.perDay = 10 }
        #expect(Self.ask(&tally, parts: 9) == "granted")
        #expect(Self.ask(&tally, parts: 2, sim: "B") == "budget")
        #expect(Self.ask(&tally, sim: "B") == "granted")
        #expect(Self.ask(&tally, sim: "C") == "budget")
    }

    @Test("What did not leave is given back, everywhere where it counted")
    func givenBack() throws {
        var tally = Self.tally { policy in
            policy.limits = Limits()
            policy.budget.perDay = 50
        }
        let text = Self.text(origin: "plugin:bot")
        let answer = tally.ask(text, parts: 3, isBegun: false, sim: "A", now: Self.day.start, monotonic: 0)
        guard case .granted(let grant) = answer else { throw NoGrant() }
        tally.giveBack(grant, parts: 1, wasUsed: true)
        #expect(tally.use(of: "A", monotonic: 0) == (2, 2, 1) && tally.spent == 2)
        tally.giveBack(grant, parts: 2, wasUsed: false)
        #expect(tally.use(of: "A", monotonic: 0) == (0, 0, 0) && tally.spent == 0)
    }

    private struct NoGrant: Error {}

    @Test(
        "A day is the shop's, though it have 23 or 25 hours, or no midnight",
        arguments: [
            // 2026-03-08 and 2026-11-01 in New York; Havana skips the midnight of 2026-03-08.
            ("America/New_York", Int64(1_772_982_000_000), 23), ("America/New_York", 1_793_552_400_000, 25),
            ("America/Havana", 1_772_982_000_000, 23), ("Asia/Kathmandu", 1_793_552_400_000, 24),
        ])
    func days(zone: String, time: Int64, hours: Int64) throws {
        let zone = try #require(TimeZone(identifier: zone))
        let day = ShopDay(of: Timestamp(milliseconds: time), in: zone)
        #expect(day.end.milliseconds - day.start.milliseconds == hours * 3_600_000)
        #expect(day.contains(Timestamp(milliseconds: time)) && !day.contains(day.end) && day.contains(day.start))
        #expect(ShopDay(of: day.end, in: zone).start == day.end)
    }
}
