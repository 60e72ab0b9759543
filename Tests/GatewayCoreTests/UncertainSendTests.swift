import ModemKit
import PluginKit
import Testing

@testable import GatewayCore

/// What becomes of a text of which nobody knows whether it left.
@Suite(.timeLimit(.minutes(2))) struct UncertainSendTests {
    private func shop(_ action: OnUnknown.Action = .resend, attempts: Int = 8, folder: String? = nil) throws -> Workshop
    {
        var policy = Policy()
        policy.onUnknown = OnUnknown(all: action)
        policy.maxAttempts = attempts
        return try Workshop(folder: folder, policy: policy)
    }

    private let lost = SubmissionOutcome.unknown(reason: "no final result")

    @Test("B1: `resend` sends again once the deadline has passed without report, and not before; B11: in order")
    func resends() async throws {
        let shop = try shop()
        shop.radio.answer(lost)
        try await shop.startSending()
        let text = try await shop.send("first", to: "+16195550123")
        let later = try await shop.send("second", to: "+16195550123")
        let other = try await shop.send("other", to: "+16195550199")
        #expect(try await shop.eventually { try shop.state(of: other.uid) == "accepted" })
        #expect(try shop.state(of: text.uid) == "unknown" && shop.state(of: later.uid) == "waiting")
        shop.clock.move(milliseconds: 590_000)
        let third = try await shop.send("third", to: "+16195550177")
        #expect(try await shop.eventually { try shop.state(of: third.uid) == "accepted" })
        #expect(shop.radio.texts == ["first", "other", "third"])
        shop.clock.move(milliseconds: 10_001)
        #expect(try await shop.eventually { try shop.state(of: later.uid) == "accepted" })
        #expect(try shop.state(of: text.uid) == "accepted")
        #expect(shop.radio.texts == ["first", "other", "third", "first", "second"])
        #expect(shop.alarms.all.isEmpty)
        #expect(try shop.count("SELECT count(*) FROM outbound WHERE note LIKE '%sent again%' AND attempts = 2") == 1)
        await shop.close()
    }

    @Test("B1: where the report came, nothing is sent again")
    func reported() async throws {
        let shop = try shop()
        shop.radio.answer(lost)
        try await shop.startSending()
        let text = try await shop.send("first", to: "+16195550123")
        #expect(try await shop.eventually { try shop.state(of: text.uid) == "unknown" })
        let report = Workshop.report(9, for: "+16195550123", status: 0)
        let intake = try await shop.inbound.receive([Workshop.reading(report)])
        await shop.outbound.reported(intake.reported)
        shop.clock.move(milliseconds: 700_000)
        let next = try await shop.send("second", to: "+16195550123")
        #expect(try await shop.eventually { try shop.state(of: next.uid) == "accepted" })
        #expect(try shop.state(of: text.uid) == "delivered")
        #expect(shop.radio.texts == ["first", "second"])
        await shop.close()
    }

    @Test("B1: a report that comes while the text waits to be sent again settles it", arguments: [false, true])
    func reportedLate(toldFirst: Bool) async throws {
        let shop = try shop()
        shop.radio.answer(lost)
        try await shop.startSending()
        let text = try await shop.send("first", to: "+16195550123")
        #expect(try await shop.eventually { try shop.state(of: text.uid) == "unknown" })
        // The modem goes: what is to be sent again has to wait.
        await shop.outbound.changed(ModemSnapshot(id: Workshop.modem, port: "/dev/test", state: .gone))
        shop.clock.move(milliseconds: 600_001)
        #expect(try await shop.eventually { try shop.state(of: text.uid) == "waiting" })
        let report = Workshop.report(9, for: "+16195550123", status: 0)
        let intake = try await shop.inbound.receive([Workshop.reading(report)])
        #expect(intake.reported.map(\.text.state) == [.delivered])
        if toldFirst { await shop.outbound.reported(intake.reported) }
        var modem = ModemSnapshot(id: Workshop.modem, port: "/dev/test", state: .ready)
        modem.sim = Workshop.sim
        await shop.outbound.changed(modem)
        if !toldFirst { await shop.outbound.reported(intake.reported) }
        let next = try await shop.send("second", to: "+16195550123")
        #expect(try await shop.eventually { try shop.state(of: next.uid) == "accepted" })
        #expect(try shop.state(of: text.uid) == "delivered")
        #expect(shop.radio.texts == ["first", "second"])
        await shop.close()
    }

    @Test("B1, B3: of a longer text only the part that is unknown is sent again, and the rest follows")
    func parts() async throws {
        let shop = try shop()
        shop.radio.answer(.accepted(reference: 1), lost)
        try await shop.startSending()
        let text = try await shop.send(String(repeating: "abcdefgh ", count: 50), to: "+16195550123")
        #expect(try await shop.eventually { try shop.state(of: text.uid) == "unknown" })
        shop.clock.move(milliseconds: 600_001)
        #expect(try await shop.eventually { try shop.state(of: text.uid) == "accepted" })
        #expect(shop.radio.written.count == 4)
        #expect(shop.radio.written[1] == shop.radio.written[2])
        #expect(Set(shop.radio.written).count == 3)
        await shop.close()
    }

    @Test("B1, B3: a report that comes while the text waits for its permit again leaves only its rest to be sent")
    func reportedOnTheLane() async throws {
        let shop = try shop()
        shop.radio.answer(lost)
        try await shop.startSending()
        let text = try await shop.send(String(repeating: "abcdefgh ", count: 50), to: "+16195550123")
        #expect(try await shop.eventually { try shop.state(of: text.uid) == "unknown" })
        let came = Counter()
        shop.radio.beforePermit { [unowned shop] in
            do {
                let report = Workshop.report(9, for: "+16195550123", status: 0)
                let intake = try await shop.inbound.receive([Workshop.reading(report)])
                await shop.outbound.reported(intake.reported)
                came.add()
            } catch { Issue.record(error) }
        }
        shop.clock.move(milliseconds: 600_001)
        #expect(
            try await shop.eventually {
                shop.clock.move(milliseconds: 1)
                return try shop.state(of: text.uid) == "accepted"
            })
        #expect(came.count == 1)
        #expect(shop.radio.written.count == 3 && Set(shop.radio.written).count == 3)
        #expect(try shop.count("SELECT count(*) FROM part WHERE state = 'accepted'") == 3)
        await shop.close()
    }

    @Test(
        "B1, B5: a report that comes while a later text to the number is on its way settles the one before, once that is told",
        arguments: [
            SubmissionOutcome.accepted(reference: 40), .refused(code: .cms(42)), .refused(code: .cms(38)),
            .notSent(reason: "the modem was pulled"),
        ])
    func reportedInBetween(outcome: SubmissionOutcome) async throws {
        let shop = try shop(.ask)
        shop.radio.answer(lost)
        try await shop.startSending()
        let text = try await letGo(shop)
        let came = Counter()
        shop.radio.beforeAnswer { [unowned shop] in
            do {
                // By its time it may speak of either.
                let report = Workshop.report(9, for: "+16195550123", status: 0, submitted: 595)
                let intake = try await shop.inbound.receive([Workshop.reading(report)])
                if intake.reported.isEmpty { came.add() }
            } catch { Issue.record(error) }
        }
        shop.radio.answer(outcome)
        try await shop.send("second", to: "+16195550123")
        #expect(try await shop.eventually { try shop.state(of: text.uid) == "delivered" && shop.alarms.all.isEmpty })
        #expect(came.count == 1, "it was kept while the second was on its way")
        await shop.close()
    }

    @Test("B1, B5: a report that the modem gives twice is not taken for the one of an unknown text")
    func reportedTwice() async throws {
        let shop = try shop(.ask)
        shop.radio.answer(lost)
        try await shop.startSending()
        let text = try await letGo(shop)
        let next = try await shop.send("second", to: "+16195550123")
        #expect(try await shop.eventually { try shop.state(of: next.uid) == "accepted" })
        let report = Workshop.report(1, for: "+16195550123", status: 0, submitted: 600)
        for slot in 1...2 { _ = try await shop.inbound.receive([Workshop.reading(report, slot: slot)]) }
        #expect(try shop.state(of: next.uid) == "delivered" && shop.state(of: text.uid) == "unknown")
        await shop.close()
    }

    /// A text whose report did not come in time, and that left so short a while ago that it still may be meant by one.
    private func letGo(_ shop: Workshop) async throws -> OutgoingText {
        let text = try await shop.send("first", to: "+16195550123")
        #expect(try await shop.eventually { try shop.state(of: text.uid) == "unknown" })
        shop.clock.move(milliseconds: 600_001)
        #expect(try await shop.eventually { shop.alarms.all.map(\.kind) == ["message.unknown"] })
        try await shop.journal.writer.write { database in
            try database.run("UPDATE part SET intent_at = intent_at + 590000")
        }
        return text
    }

    @Test("B1: attempts are counted; after the last a person is asked")
    func exhausted() async throws {
        let shop = try shop(attempts: 3)
        shop.radio.answer(lost, lost, lost)
        try await shop.startSending()
        let text = try await shop.send("first", to: "+16195550123")
        for attempt in 1...3 {
            #expect(
                try await shop.eventually {
                    try shop.radio.written.count == attempt && shop.state(of: text.uid) == "unknown"
                })
            shop.clock.move(milliseconds: 600_001)
        }
        #expect(try await shop.eventually { shop.alarms.all.map(\.kind) == ["message.unknown"] })
        #expect(shop.radio.written.count == 3)
        await shop.close()
    }

    @Test("B1: that a text is to be sent again outlives a restart, and so does the question to a person")
    func restart() async throws {
        let first = try shop()
        first.radio.answer(lost)
        try await first.startSending()
        let text = try await first.send("first", to: "+16195550123")
        #expect(try await first.eventually { try first.state(of: text.uid) == "unknown" })
        await first.close()
        let second = try shop(folder: first.folder)
        second.clock.move(milliseconds: 600_001)
        second.radio.answer(lost)
        try await second.startSending()
        #expect(
            try await second.eventually {
                try second.radio.texts == ["first"] && second.state(of: text.uid) == "unknown"
            })
        await second.close()

        let third = try shop(.ask, folder: first.folder)
        third.clock.move(milliseconds: 1_300_000)
        try await third.startSending()
        #expect(try await third.eventually { third.alarms.all.map(\.kind) == ["message.unknown"] })
        #expect(
            try await third.eventually {
                try third.count("SELECT count(*) FROM outbound WHERE state = 'unknown' AND ask_at IS NULL") == 1
            })
        await third.close()
        let fourth = try shop(.ask, folder: first.folder)
        try await fourth.startSending()
        #expect(fourth.alarms.all.map(\.kind) == ["message.unknown"])
        #expect(fourth.radio.written.isEmpty)
        await fourth.close()
    }

    @Test(
        "each class has its own answer, and the confirmation of STOP is never sent again",
        arguments: [
            (OutgoingText.Purpose.conversation, false), (.notice, true), (.promotion, false), (.consent, false),
        ])
    func classes(purpose: OutgoingText.Purpose, isResent: Bool) async throws {
        var policy = Policy()
        policy.onUnknown.notice = .resend
        let shop = try Workshop(policy: policy)
        shop.radio.answer(lost)
        try await shop.startSending()
        let text = try await shop.send("Hello", to: "+16195550123", purpose: purpose)
        #expect(try await shop.eventually { try shop.state(of: text.uid) == "unknown" })
        shop.clock.move(milliseconds: 600_001)
        #expect(
            try await shop.eventually {
                try isResent ? shop.state(of: text.uid) == "accepted" : !shop.alarms.all.isEmpty
            })
        #expect(shop.radio.written.count == (isResent ? 2 : 1))
        await shop.close()
    }

    @Test(
        "B1: a person settles it: sent, or given up; the recipient's next text goes at once, and the rest of a longer one",
        arguments: [true, false], [true, false])
    func settled(wasSent: Bool, afterDeadline: Bool) async throws {
        let shop = try shop(.ask)
        shop.radio.answer(.accepted(reference: 1), lost)
        try await shop.startSending()
        let text = try await shop.send(String(repeating: "abcdefgh ", count: 50), to: "+16195550123")
        let later = try await shop.send("second", to: "+16195550123")
        #expect(try await shop.eventually { try shop.state(of: text.uid) == "unknown" })
        if afterDeadline {
            shop.clock.move(milliseconds: 600_001)
            #expect(try await shop.eventually { try shop.state(of: later.uid) == "accepted" })
        }
        let now = shop.clock.now
        let settled = try await shop.journal.writer.write { database in
            try OutgoingText.settle(text.uid, wasSent: wasSent, by: "ana", now: now, database)
        }
        await shop.outbound.reported([try #require(settled)])
        #expect(try await shop.eventually { try shop.state(of: later.uid) == "accepted" })
        let end = wasSent ? "accepted" : "failed"
        #expect(try await shop.eventually { try shop.state(of: text.uid) == end })
        #expect(shop.radio.written.count == (wasSent ? 4 : 3))
        #expect(shop.alarms.all.isEmpty)
        let again = try await shop.journal.writer.write { database in
            try OutgoingText.settle(text.uid, wasSent: !wasSent, by: "bea", now: now, database)
        }
        #expect(again == nil, "its fate is known")
        await shop.close()
    }

    @Test(
        "B1, B5: a report that comes after a person said that it was sent says whether it arrived", arguments: [0, 70])
    func reportedAfterwards(status: UInt8) async throws {
        let shop = try shop(.ask)
        shop.radio.answer(lost)
        try await shop.startSending()
        let text = try await shop.send("first", to: "+16195550123")
        #expect(try await shop.eventually { try shop.state(of: text.uid) == "unknown" })
        let now = shop.clock.now
        let settled = try await shop.journal.writer.write { database in
            try OutgoingText.settle(text.uid, wasSent: true, by: nil, now: now, database)
        }
        await shop.outbound.reported([try #require(settled)])
        #expect(try shop.state(of: text.uid) == "accepted")
        let report = Workshop.report(9, for: "+16195550123", status: status)
        let intake = try await shop.inbound.receive([Workshop.reading(report)])
        #expect(intake.reported.map(\.text.uid) == [text.uid])
        #expect(try shop.state(of: text.uid) == (status == 0 ? "delivered" : "undelivered"))
        await shop.close()
    }

    @Test("B3, B5: the first part could not be delivered while the second is tried again: the text ends, the next goes")
    func firstPartUndelivered() async throws {
        let shop = try shop()
        shop.radio.answer(.accepted(reference: 1), .refused(code: .cms(42)))
        try await shop.startSending()
        let text = try await shop.send(String(repeating: "abcdefgh ", count: 30), to: "+16195550123")
        let next = try await shop.send("next", to: "+16195550123")
        #expect(
            try await shop.eventually {
                try shop.state(of: text.uid) == "waiting"
                    && shop.count("SELECT count(*) FROM part WHERE state = 'refused'") == 1
            })
        let report = Workshop.report(1, for: "+16195550123", status: 70)
        let intake = try await shop.inbound.receive([Workshop.reading(report)])
        #expect(intake.reported.map(\.text.state) == [.undelivered])
        await shop.outbound.reported(intake.reported)
        #expect(try await shop.eventually { try shop.state(of: next.uid) == "accepted" })
        #expect(try shop.state(of: text.uid) == "undelivered")
        #expect(shop.radio.written.count == 3)
        await shop.close()
    }
}
