import ModemKit
import PluginKit
import Testing

@testable import GatewayCore

/// Which modem a text leaves from.
@Suite struct RoutingTests {
    private static let near = ModemID("356938035643809")
    private static let far = ModemID("356938035643817")

    private static func sim(of modem: ModemID) -> String { "89" + modem.rawValue + "00" }

    private func plug(
        _ modem: ModemID, into shop: Workshop, preferFor: [String] = [], state: ModemSnapshot.State = .ready
    ) async {
        var snapshot = ModemSnapshot(id: modem, port: "/dev/test", state: state)
        snapshot.sim = SIMID(Self.sim(of: modem))
        snapshot.preferFor = preferFor
        await shop.outbound.changed(snapshot)
    }

    /// A shop whose configuration prefers some modems, with no modem that is there from the start.
    private func shop(preferring preferences: [String] = [], perDay: Int? = nil) async throws -> Workshop {
        var policy = Workshop.policy
        policy.preferences = preferences
        policy.limits.sim.perDay = perDay
        let shop = try Workshop(policy: policy)
        try await shop.startSending()
        await plug(Workshop.modem, into: shop, state: .gone)
        return shop
    }

    private func isSent(_ text: OutgoingText, by shop: Workshop) async throws -> Bool {
        try await shop.eventually { try shop.state(of: text.uid) == "accepted" }
    }

    @Test func aNumberIsTextedFromTheModemThatIsPreferredForWhatItBeginsWith() async throws {
        let shop = try await shop(preferring: ["+52", "+1664"])
        await plug(Self.near, into: shop, preferFor: ["+1664"])
        await plug(Self.far, into: shop, preferFor: ["+52"])
        for phone in ["+525512345678", "+16644915555", "+525512345679"] {
            #expect(try await isSent(try await shop.send("Hello", to: phone), by: shop))
        }
        #expect(shop.radio.senders == [Self.far, Self.near, Self.far])
        await shop.close()
    }

    @Test func theLongerBeginningCounts() async throws {
        let shop = try await shop(preferring: ["+1", "+1619"])
        await plug(Self.near, into: shop, preferFor: ["+1619"])
        await plug(Self.far, into: shop, preferFor: ["+1"])
        for phone in ["+16195550123", "+12065550123"] {
            #expect(try await isSent(try await shop.send("Hello", to: phone), by: shop))
        }
        #expect(shop.radio.senders == [Self.near, Self.far])
        await shop.close()
    }

    @Test func aModemThatIsKeptForCertainNumbersTakesOthersOnlyWhenNoneElseIsFree() async throws {
        let shop = try await shop(preferring: ["+52"])
        await plug(Self.near, into: shop, preferFor: ["+52"])
        await plug(Self.far, into: shop)
        for _ in 1...3 { #expect(try await isSent(try await shop.send("Hello", to: "+16195550123"), by: shop)) }
        await plug(Self.far, into: shop, state: .gone)
        #expect(try await isSent(try await shop.send("Hello", to: "+16195550123"), by: shop))
        #expect(shop.radio.senders == [Self.far, Self.far, Self.far, Self.near])
        await shop.close()
    }

    @Test func whenThePreferredModemIsGoneAMinuteIsWaitedForItOnce() async throws {
        let shop = try await shop(preferring: ["+52"])
        await plug(Self.near, into: shop)
        await plug(Self.far, into: shop, preferFor: ["+52"])
        shop.clock.move(milliseconds: 300_000)
        await plug(Self.far, into: shop, state: .gone)
        let first = try await shop.send("first", to: "+525512345678")
        let other = try await shop.send("other", to: "+16195550123")
        #expect(try await isSent(other, by: shop))
        #expect(try shop.state(of: first.uid) == "waiting")
        shop.clock.move(milliseconds: 60_001)
        #expect(try await isSent(first, by: shop))
        // It has been away for long: nobody waits for it again.
        #expect(try await isSent(try await shop.send("second", to: "+525512345679"), by: shop))
        await plug(Self.far, into: shop, preferFor: ["+52"])
        #expect(try await isSent(try await shop.send("third", to: "+525512345678"), by: shop))
        #expect(shop.radio.senders == [Self.near, Self.near, Self.near, Self.far])
        await shop.close()
    }

    @Test func whenThePreferredModemHasSentItsTextsOfTheDayAnotherOneGoesOn() async throws {
        let shop = try await shop(preferring: ["+52"], perDay: 2)
        await plug(Self.near, into: shop)
        await plug(Self.far, into: shop, preferFor: ["+52"])
        #expect(try await isSent(try await shop.send("one part", to: "+525512345678"), by: shop))
        // Two parts, with room for one.
        let long = try await shop.send(String(repeating: "a", count: 200), to: "+525512345679")
        #expect(try await isSent(long, by: shop))
        #expect(shop.radio.senders == [Self.far, Self.near, Self.near])
        await shop.close()
    }

    @Test func modemsWithoutWorkTakeTurns() async throws {
        for perDay in [nil, 100] {
            let shop = try await shop(perDay: perDay)
            await plug(Self.near, into: shop)
            await plug(Self.far, into: shop)
            for number in 0..<6 {
                #expect(try await isSent(try await shop.send("Hello", to: "+1619555010\(number)"), by: shop))
            }
            for modem in [Self.near, Self.far] { #expect(shop.radio.senders.filter { $0 == modem }.count == 3) }
            await shop.close()
        }
    }

    @Test("B4: what one modem's network refuses is tried on another, and the first one is asked last until it sends")
    func failover() async throws {
        let shop = try await shop()
        await plug(Self.near, into: shop)
        await plug(Self.far, into: shop)
        shop.radio.answer(.refused(code: .cms(38)))
        let text = try await shop.send("Hello", to: "+16195550123")
        #expect(try await shop.eventually { shop.radio.written.count == 1 && shop.clock.isWaitedFor })
        let refused = try #require(shop.radio.senders.first)
        #expect(
            try await shop.eventually {
                shop.clock.move(milliseconds: 1_000)
                return try shop.state(of: text.uid) == "accepted"
            })
        #expect(try await isSent(try await shop.send("next", to: "+16195550124"), by: shop))
        #expect(shop.radio.senders.count == 3 && !shop.radio.senders.dropFirst().contains(refused))
        await shop.close()
    }

    @Test func anAnswerWaitsAMinuteForTheSIMThatThePersonWroteTo() async throws {
        let shop = try await shop()
        await plug(Self.near, into: shop)
        let asked = try await shop.send("asked", to: "+16195550123", from: Self.sim(of: Self.far))
        let answer = try await shop.send(
            "answer", to: "+16195550124", from: Self.sim(of: Self.far), answers: "0190a000000000000000000000000000")
        #expect(try await isSent(try await shop.send("other", to: "+16195550125"), by: shop))
        #expect(try shop.state(of: answer.uid) == "waiting")
        shop.clock.move(milliseconds: 60_001)
        #expect(try await isSent(answer, by: shop))
        #expect(try shop.state(of: asked.uid) == "waiting", "who names a SIM means that one")
        await plug(Self.far, into: shop)
        #expect(try await isSent(asked, by: shop))
        #expect(shop.radio.senders == [Self.near, Self.near, Self.far])
        await shop.close()
    }
}
