import ModemKit
import PluginKit
import SMSCodec
import Testing

@testable import GatewayCore

@Suite struct OutboundPathTests {
    let shop: Workshop

    init() throws {
        shop = try Workshop()
    }

    @Test func aTextIsAcceptedAndItsReportMakesItDelivered() async throws {
        try await shop.startSending()
        let text = try await shop.send("Hello", to: "+16195550123")
        #expect(try await shop.eventually { try shop.state(of: text.uid) == "accepted" })
        let report = Workshop.report(1, for: "+16195550123", status: 0)
        let intake = try await shop.inbound.receive([Workshop.reading(report)])
        #expect(intake.reported.map(\.text.state) == [.delivered])
        #expect(try shop.state(of: text.uid) == "delivered")
        await shop.close()
    }

    @Test("B5: a report that comes before its reference is written down is not lost")
    func earlyReport() async throws {
        let report = Workshop.report(1, for: "+16195550123", status: 0)
        _ = try await shop.inbound.receive([Workshop.reading(report)])
        try await shop.startSending()
        let text = try await shop.send("Hello", to: "+16195550123")
        #expect(try await shop.eventually { try shop.state(of: text.uid) == "delivered" })
        await shop.close()
    }

    @Test("B1: a part without final result is unknown, is not sent again, and holds back its recipient only")
    func unknown() async throws {
        shop.radio.answer(.unknown(reason: "no final result"))
        try await shop.startSending()
        let lost = try await shop.send("first", to: "+16195550123")
        let later = try await shop.send("second", to: "+16195550123")
        let other = try await shop.send("other", to: "+16195550199")
        #expect(try await shop.eventually { try shop.state(of: other.uid) == "accepted" })
        #expect(try shop.state(of: lost.uid) == "unknown")
        #expect(try shop.state(of: later.uid) == "waiting")
        #expect(shop.radio.texts == ["first", "other"])
        shop.clock.move(milliseconds: 600_001)
        #expect(try await shop.eventually { try shop.state(of: later.uid) == "accepted" })
        #expect(shop.radio.texts == ["first", "other", "second"])
        #expect(shop.alarms.all.map(\.kind) == ["message.unknown"])
        await shop.close()
    }

    @Test(
        "B1, B4: a wall clock that is set makes no wait longer or shorter",
        arguments: [-3_600_000, 3_600_000] as [Int64])
    func wallClockSet(_ jump: Int64) async throws {
        shop.radio.answer(.unknown(reason: "no final result"), .refused(code: .cms(42)))
        try await shop.startSending()
        let lost = try await shop.send("first", to: "+16195550123")
        let later = try await shop.send("second", to: "+16195550123")
        let refused = try await shop.send("other", to: "+16195550199")
        #expect(
            try await shop.eventually { try shop.radio.texts.count == 2 && shop.state(of: lost.uid) == "unknown" })
        shop.clock.set(forward: jump)
        shop.clock.move(milliseconds: 1_500)
        let third = try await shop.send("third", to: "+16195550177")
        #expect(try await shop.eventually { try shop.state(of: third.uid) == "accepted" })
        #expect(shop.radio.texts == ["first", "other", "third"], "nothing goes before its time")
        #expect(shop.alarms.all.isEmpty)
        shop.clock.move(milliseconds: 6_000)
        #expect(try await shop.eventually { try shop.state(of: refused.uid) == "accepted" })
        shop.clock.move(milliseconds: 600_001)
        #expect(try await shop.eventually { try shop.state(of: later.uid) == "accepted" })
        #expect(shop.alarms.all.map(\.kind) == ["message.unknown"])
        await shop.close()
    }

    @Test("B1, B4: a wall clock that was set back while the gateway was down makes no wait longer")
    func wallClockSetBetween() async throws {
        shop.clock.set(forward: 3_600_000)
        shop.radio.answer(.unknown(reason: "no final result"), .refused(code: .cms(42)))
        try await shop.startSending()
        let lost = try await shop.send("first", to: "+16195550123")
        let later = try await shop.send("second", to: "+16195550123")
        let refused = try await shop.send("other", to: "+16195550199")
        #expect(
            try await shop.eventually { try shop.radio.texts.count == 2 && shop.state(of: lost.uid) == "unknown" })
        await shop.close()

        let next = try Workshop(folder: shop.folder)
        try await next.startSending()
        next.clock.move(milliseconds: 720_001)
        #expect(
            try await next.eventually {
                // Whoever had looked at the clock just before looks again.
                if next.clock.monotonicMilliseconds < 1_000_000 { next.clock.move(milliseconds: 1_000) }
                return try next.state(of: later.uid) == "accepted" && next.state(of: refused.uid) == "accepted"
            })
        await next.close()
    }

    @Test("B1: the delivery report settles an unknown part, and the recipient's next text goes")
    func unknownSettled() async throws {
        shop.radio.answer(.unknown(reason: "no final result"))
        try await shop.startSending()
        let lost = try await shop.send("first", to: "+16195550123")
        let later = try await shop.send("second", to: "+16195550123")
        #expect(try await shop.eventually { try shop.state(of: lost.uid) == "unknown" })
        let intake = try await shop.inbound.receive([
            Workshop.reading(Workshop.report(99, for: "+16195550123", status: 0))
        ])
        await shop.outbound.reported(intake.reported)
        #expect(try await shop.eventually { try shop.state(of: later.uid) == "accepted" })
        #expect(try shop.state(of: lost.uid) == "delivered")
        #expect(shop.radio.texts == ["first", "second"])
        await shop.close()
    }

    @Test("B1, B5: of two unknown texts to one number, a report settles the one that left when it says")
    func unknownTwice() async throws {
        shop.radio.answer(.unknown(reason: "no final result"), .unknown(reason: "no final result"))
        try await shop.startSending()
        let first = try await shop.send("first", to: "+16195550123")
        let second = try await shop.send("second", to: "+16195550123")
        #expect(try await shop.eventually { try shop.state(of: first.uid) == "unknown" })
        shop.clock.move(milliseconds: 600_001)
        #expect(try await shop.eventually { try shop.state(of: second.uid) == "unknown" })
        let old = Workshop.report(9, for: "+16195550123", status: 0, submitted: 300)
        #expect(try await shop.inbound.receive([Workshop.reading(old, slot: 1)]).reported.isEmpty)
        let report = Workshop.report(9, for: "+16195550123", status: 0, submitted: 601)
        let intake = try await shop.inbound.receive([Workshop.reading(report, slot: 2)])
        #expect(intake.reported.map(\.text.uid) == [second.uid])
        #expect(try shop.state(of: first.uid) == "unknown")
        #expect(try shop.state(of: second.uid) == "delivered")
        await shop.close()
    }

    @Test("B1, B5: was the clock set between two unknown texts to one number, a report that fits one may mean either")
    func unknownAcrossClocks() async throws {
        shop.radio.answer(.unknown(reason: "no final result"), .unknown(reason: "no final result"))
        try await shop.startSending()
        // The first one leaves while the clock is twenty minutes behind.
        shop.clock.set(forward: -1_200_000)
        let first = try await shop.send("first", to: "+16195550123")
        let second = try await shop.send("second", to: "+16195550123")
        #expect(try await shop.eventually { try shop.state(of: first.uid) == "unknown" })
        shop.clock.set(forward: 1_200_000)
        shop.clock.move(milliseconds: 600_001)
        #expect(try await shop.eventually { try shop.state(of: second.uid) == "unknown" })
        // By the service centre's clock the first, by ours the second.
        let report = Workshop.report(9, for: "+16195550123", status: 0, submitted: 590)
        #expect(try await shop.inbound.receive([Workshop.reading(report, slot: 1)]).reported.isEmpty)
        for text in [first, second] { #expect(try shop.state(of: text.uid) == "unknown") }
        await shop.close()
    }

    @Test("B1, B5: a report that two unknown texts to one number may mean settles neither")
    func unknownAmbiguous() async throws {
        var policy = Policy()
        policy.reportMilliseconds = 2_000
        let shop = try Workshop(policy: policy)
        shop.radio.answer(.unknown(reason: "no final result"), .unknown(reason: "no final result"))
        try await shop.startSending()
        let first = try await shop.send("first", to: "+16195550123")
        let second = try await shop.send("second", to: "+16195550123")
        #expect(try await shop.eventually { try shop.state(of: first.uid) == "unknown" })
        shop.clock.move(milliseconds: 2_001)
        #expect(try await shop.eventually { try shop.state(of: second.uid) == "unknown" })
        let report = Workshop.report(9, for: "+16195550123", status: 0, submitted: 2)
        #expect(try await shop.inbound.receive([Workshop.reading(report, slot: 1)]).reported.isEmpty)
        #expect(try shop.state(of: first.uid) == "unknown")
        #expect(try shop.state(of: second.uid) == "unknown")
        await shop.close()
    }

    @Test("B1: an intent without outcome is unknown after a restart, and its text is not sent again")
    func crash() async throws {
        let text = try await shop.send("Hello", to: "+16195550123")
        let part = PartOnItsWay(
            text: text, number: 1, of: 1, pdu: [1], modem: Workshop.modem, sim: Workshop.sim.rawValue,
            intentAt: shop.clock.now)
        try await Permit().ask(part, shop.journal, SendingRules(policy: Policy()))
        await shop.close()

        let next = try Workshop(folder: shop.folder)
        try await next.startSending()
        let other = try await next.send("Other", to: "+16195550199")
        #expect(try await next.eventually { try next.state(of: other.uid) == "accepted" })
        #expect(try next.state(of: text.uid) == "unknown")
        #expect(next.radio.texts == ["Other"])
        await next.close()
    }

    @Test("B3: after a refused part only what is missing is sent again, with the same concatenation")
    func parts() async throws {
        shop.radio.answer(.accepted(reference: 1), .accepted(reference: 2), .refused(code: .cms(500)))
        try await shop.startSending()
        let text = try await shop.send(String(repeating: "abcdefgh ", count: 50), to: "+16195550123")
        #expect(
            try await shop.eventually { try shop.state(of: text.uid) == "waiting" && shop.radio.written.count == 3 })
        shop.clock.move(milliseconds: 10_000)
        #expect(try await shop.eventually { try shop.state(of: text.uid) == "accepted" })
        let sequences = shop.radio.written.map { pdu -> [Int] in
            guard
                case .submit(let submit)? = try? TPDU.decode(pdu, direction: .mobileOriginated, hasServiceCentre: false),
                let part = submit.userData.concatenation
            else { return [] }
            return [Int(part.reference), Int(part.sequence)]
        }
        let reference = try #require(sequences.first?.first)
        #expect(sequences == [[reference, 1], [reference, 2], [reference, 3], [reference, 3]])
        await shop.close()
    }

    @Test("B3: the rest of a text is cut as its beginning was, though the policy is another after a restart")
    func tables() async throws {
        var policy = Policy()
        policy.tables = .language(.turkish)
        let first = try Workshop(folder: shop.folder + "-tables", policy: policy)
        first.radio.answer(.accepted(reference: 1), .refused(code: .cms(500)))
        try await first.startSending()
        // Two parts with Turkish tables, more without.
        let text = try await first.send(String(repeating: "şehir ", count: 40), to: "+16195550123")
        #expect(
            try await first.eventually { try first.state(of: text.uid) == "waiting" && first.radio.written.count == 2 })
        await first.close()

        let second = try Workshop(folder: first.folder)
        try await second.startSending()
        second.clock.move(milliseconds: 60_000)
        #expect(try await second.eventually { try second.state(of: text.uid) == "accepted" })
        let submits = try (first.radio.written + second.radio.written).map { pdu in
            try TPDU.decode(pdu, direction: .mobileOriginated, hasServiceCentre: false)
        }
        let parts = submits.compactMap { if case .submit(let submit) = $0 { submit.userData } else { nil } }
        #expect(parts.map(\.singleShift) == [.turkish, .turkish, .turkish])
        #expect(parts.map { $0.concatenation?.sequence } == [1, 2, 2])
        #expect(parts.allSatisfy { $0.concatenation?.total == 2 })
        await second.close()
    }

    @Test("B4: a permanent refusal fails with its reason at once; one bad number does not block the others")
    func permanent() async throws {
        shop.radio.answer(.refused(code: .cms(28)))
        try await shop.startSending()
        let bad = try await shop.send("Hello", to: "+16195550123")
        let good = try await shop.send("Hello", to: "+16195550199")
        #expect(try await shop.eventually { try shop.state(of: good.uid) == "accepted" })
        #expect(try shop.state(of: bad.uid) == "failed")
        #expect(try shop.count("SELECT count(*) FROM outbound WHERE error_code = 'cms-28'") == 1)
        await shop.close()
    }

    @Test("B4: passing refusals are tried again with growing pauses and end as failed; B11: in order")
    func exhausted() async throws {
        shop.radio.answer(
            .refused(code: .cms(42)), .refused(code: .cms(42)), .refused(code: .cms(42)), .refused(code: .cms(42)),
            .refused(code: .cms(42)), .refused(code: .cms(42)), .refused(code: .cms(42)), .refused(code: .cms(42)))
        try await shop.startSending()
        let text = try await shop.send("first", to: "+16195550123")
        let next = try await shop.send("second", to: "+16195550123")
        for attempt in 1...8 {
            let came = try await shop.eventually {
                shop.clock.move(milliseconds: 1_000)
                return shop.radio.written.count >= attempt
            }
            #expect(came)
            // The eighth refusal is the last: from then on the next text may go at any time.
            if attempt < 8 {
                #expect(try shop.state(of: next.uid) == "waiting", "the order of one recipient is kept")
            }
        }
        #expect(try await shop.eventually { try shop.state(of: next.uid) == "accepted" })
        #expect(try shop.state(of: text.uid) == "failed")
        #expect(shop.radio.written.count == 9)
        await shop.close()
    }

    @Test("B10: a text queued before STOP is not sent after it; the one confirmation is")
    func consent() async throws {
        let text = try await shop.send("Hello", to: "+16195550123")
        let intake = try await shop.inbound.receive([Workshop.reading(try Workshop.deliver("STOP")[0])])
        await shop.outbound.add(intake.outgoing)
        try await shop.startSending()
        #expect(try await shop.eventually { try shop.state(of: text.uid) == "failed" })
        #expect(try await shop.eventually { shop.radio.written.count == 1 })
        #expect(shop.radio.texts == [Policy().stopConfirmation])
        await shop.close()
    }

    @Test func aPartThatNeverReachedTheRadioIsSentAtTheNextTurn() async throws {
        shop.radio.answer(.notSent(reason: "the port is gone"))
        try await shop.startSending()
        let text = try await shop.send("Hello", to: "+16195550123")
        #expect(try await shop.eventually { shop.radio.open == 0 })
        #expect(
            try await shop.eventually {
                shop.clock.move(milliseconds: 100)
                return shop.radio.written.count == 1
            })
        #expect(try await shop.eventually { try shop.state(of: text.uid) == "accepted" })
        #expect(shop.radio.written.count == 1)
        await shop.close()
    }
}
