import GRDB
import Logging
import ModemKit
import PluginKit
import SMSCodec
import Synchronization
import Testing

@testable import GatewayCore

/// Texts of several parts of which one did not arrive.
@Suite(.timeLimit(.minutes(2))) struct SentAgainTests {
    private static let phone = "+16195550123"
    private static let long = String(repeating: "abcdefgh ", count: 30)

    /// A report for each of the two parts: the first did not arrive, the second did.
    private static func report(_ shop: Workshop, _ statuses: [UInt8] = [70, 0]) async throws {
        _ = try await shop.inbound.receive(
            statuses.enumerated().map { index, status in
                Workshop.reading(
                    Workshop.report(UInt8(index + 1), for: phone, status: status), slot: index + 1)
            })
    }

    @Test("B3: a part that did not arrive is sent again alone, and its text ends; the next text goes")
    func undeliveredPart() async throws {
        let shop = try Workshop()
        try await shop.startSending()
        let text = try await shop.send(Self.long, to: Self.phone)
        #expect(try await shop.eventually { try shop.state(of: text.uid) == "accepted" })
        try await Self.report(shop)
        #expect(try shop.state(of: text.uid) == "undelivered")
        let again = try await shop.journal.writer.write { database in
            try OutgoingText.requeue(text.uid, from: [.undelivered], now: Timestamp(milliseconds: 0), database)
        }
        await shop.outbound.again(try #require(again))
        let next = try await shop.send("next", to: Self.phone)
        #expect(try await shop.eventually { try shop.state(of: next.uid) == "accepted" })
        #expect(try shop.state(of: text.uid) == "accepted")
        #expect(shop.radio.written.count == 4 && shop.radio.texts.last == "next")
        // And the report of the part that was sent again makes all of it delivered.
        _ = try await shop.inbound.receive([
            Workshop.reading(Workshop.report(3, for: Self.phone, status: 0), slot: 3)
        ])
        #expect(try shop.state(of: text.uid) == "delivered")
        await shop.close()
    }

    @Test("what storage is told of a text that is sent again is newer than what it knows, though a clock was set back")
    func lastAttempt() async throws {
        let shop = try Workshop()
        try await shop.startSending()
        let text = try await shop.send("hi", to: Self.phone)
        func last() throws -> Int64? {
            try shop.journal.read {
                try $0.first("SELECT last_attempt_at FROM outbound WHERE uid = ?", [text.uid])?["last_attempt_at"]
            }
        }
        #expect(try await shop.eventually { try shop.state(of: text.uid) == "accepted" })
        let first = try #require(try last())
        _ = try await shop.inbound.receive([Workshop.reading(Workshop.report(1, for: Self.phone, status: 70))])
        #expect(try last() == first)
        let again = try await shop.journal.writer.write { database in
            try OutgoingText.requeue(text.uid, from: [.undelivered], now: Timestamp(milliseconds: 0), database)
        }
        #expect(try last() == first + 1)
        await shop.outbound.again(try #require(again))
        // The clock stands still meanwhile.
        #expect(try await shop.eventually { try shop.state(of: text.uid) == "accepted" })
        #expect(try last() == first + 2)
        await shop.close()
    }

    @Test(
        "B5: a report of a part that was sent again meanwhile is not taken for that of another part, which never left",
        arguments: [true, false])
    func reportOfBefore(_ wasSentAgain: Bool) async throws {
        let shop = try Workshop()
        let at = HandClock.beginning
        let text = try await shop.send(Self.long, to: Self.phone)
        try await shop.journal.writer.write { database in
            try database.run("UPDATE outbound SET state = 'unknown', parts = 2 WHERE uid = ?", [text.uid])
            let parts: [(Int, String, Int?)] = [(1, "accepted", 5), (2, "unknown", nil)]
            for (number, state, reference) in parts {
                try database.run(
                    """
                    INSERT INTO part (uid, number, pdu, phone, modem, sim, state, reference, intent_at)
                        VALUES (?, ?, x'00', ?, 'm', 's', ?, ?, ?)
                    """, [text.uid, number, Self.phone, state, reference, at + Int64(number) * 1_000])
            }
            if wasSentAgain {
                try database.run(
                    "INSERT INTO part_before (uid, number, sim, phone, origin, intent_at) VALUES (?, 1, 's', ?, 'api', ?)",
                    [text.uid, Self.phone, at])
            }
        }
        let report = StatusReport(
            reference: 4, recipient: Address(number: Self.phone),
            submitted: ServiceCentreTime(unixSeconds: at / 1_000 + 1, offsetMinutes: 0),
            discharged: ServiceCentreTime(unixSeconds: at / 1_000 + 2, offsetMinutes: 0),
            status: ReportStatus(rawValue: 0))
        let settled = try await shop.journal.writer.write { database in
            try !DeliveryReports.arrived(
                report, phone: Self.phone, sim: "s", now: Timestamp(milliseconds: at + 5_000), database
            ).isEmpty
        }
        #expect(settled == !wasSentAgain)
        let state = try shop.journal.read {
            try $0.first("SELECT state FROM part WHERE uid = ? AND number = 2", [text.uid])?["state"] as String?
        }
        #expect(state == (wasSentAgain ? "unknown" : "accepted"))
        await shop.close()
    }

    @Test("B3: a text that the network has whole, and that the journal has as waiting, ends after a start")
    func wholeText() async throws {
        let shop = try Workshop()
        try await shop.startSending()
        let text = try await shop.send(Self.long, to: Self.phone)
        #expect(try await shop.eventually { try shop.state(of: text.uid) == "accepted" })
        try await shop.journal.writer.write { database in
            try database.run("UPDATE outbound SET state = 'waiting' WHERE uid = ?", [text.uid])
        }
        await shop.close()
        let next = try Workshop(folder: shop.folder)
        try await next.startSending()
        #expect(try await next.eventually { try next.state(of: text.uid) == "accepted" })
        #expect(next.radio.written.isEmpty && shop.radio.written.count == 2)
        await next.close()
    }

    /// Answers a text's second part only when the test says so.
    private final class SlowRadio: Radio {
        let parts = Counter()
        let lastIsOut = Counter()
        let mayAnswer = Counter()
        let outcome: SubmissionOutcome

        init(_ outcome: SubmissionOutcome) {
            self.outcome = outcome
        }

        func submit(
            _ submission: Submission, to modem: ModemID, permit: @escaping @Sendable () async throws -> Void
        ) async -> SubmissionOutcome {
            do { try await permit() } catch { return .notSent(reason: "no permit") }
            parts.add()
            guard parts.count == 2 else { return .accepted(reference: UInt8(parts.count)) }
            lastIsOut.add()
            while mayAnswer.count == 0 { await Task.yield() }
            return outcome
        }
    }

    @Test(
        "B5: that a part did not arrive is known while the last one is on the wire: the text stays undelivered, and is sent again only when that has its outcome",
        arguments: [
            SubmissionOutcome.accepted(reference: 2), .refused(code: .cms(42)), .refused(code: .cms(28)),
        ])
    func reportInBetween(outcome: SubmissionOutcome) async throws {
        let shop = try Workshop()
        let radio = SlowRadio(outcome)
        let outbound = OutboundPath(
            journal: shop.journal, policy: Workshop.policy, radio: radio, events: shop.events, alarms: shop.alarms,
            clock: shop.clock, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, onOutcome: {})
        var modem = ModemSnapshot(id: Workshop.modem, port: "/dev/test", state: .ready)
        modem.sim = Workshop.sim
        await outbound.changed(modem)
        let running = Task { await outbound.run() }
        let now = shop.clock.now
        let (text, next) = try await shop.journal.writer.write { database in
            let texts = try [Self.long, "next"].map { content in
                try OutgoingText.insert(
                    .init(
                        uid: UID.make(at: now), origin: "test", purpose: .conversation, phone: Self.phone,
                        content: content), now: now, database)
            }
            return (texts[0], texts[1])
        }
        await outbound.add([text, next])
        #expect(try await shop.eventually { radio.lastIsOut.count == 1 })
        try await Self.report(shop, [70])
        #expect(try shop.state(of: text.uid) == "undelivered")
        let early = try await shop.journal.writer.write { database in
            try OutgoingText.requeue(text.uid, from: [.undelivered], now: Timestamp(milliseconds: 0), database)
        }
        #expect(early == nil)
        radio.mayAnswer.add()
        #expect(
            try await shop.eventually {
                shop.clock.move(milliseconds: 100)
                return try shop.state(of: next.uid) == "accepted"
            })
        #expect(try shop.state(of: text.uid) == "undelivered")
        #expect(radio.parts.count == 3)
        await outbound.drain()
        await running.value
        await shop.close()
    }
}
