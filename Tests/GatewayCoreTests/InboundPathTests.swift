import GRDB
import ModemKit
import PluginKit
import SMSCodec
import Testing

@testable import GatewayCore

@Suite struct InboundPathTests {
    let shop: Workshop

    init() throws {
        shop = try Workshop()
    }

    @Test(
        "A2: bodies that look like modem answers arrive unchanged",
        arguments: [
            "OK", "ERROR", "+CMGL: 1", "> ", "\"quoted\"", "a\r\nOK\r\nb", "\u{1A}", "😀", "@", "Café €5",
            String(repeating: "x", count: 1_000),
        ])
    func bodies(_ body: String) async throws {
        var texts: [InboundText] = []
        for (index, pdu) in try Workshop.deliver(body).enumerated() {
            texts += try await shop.inbound.receive([Workshop.reading(pdu, slot: index)]).texts
        }
        #expect(texts.map(\.content) == [body])
        #expect(texts.first?.phone == "+16195550123")
    }

    @Test("A3: a slot that is read again is one text; identical texts in other slots are texts of their own")
    func rereads() async throws {
        let pdu = try Workshop.deliver("Yes")[0]
        let first = try await shop.inbound.receive([Workshop.reading(pdu, slot: 3)])
        let again = try await shop.inbound.receive([Workshop.reading(pdu, slot: 3, state: .receivedRead)])
        let other = try await shop.inbound.receive([Workshop.reading(pdu, slot: 4)])
        #expect(first.texts.count == 1)
        #expect(again.texts.isEmpty)
        #expect(other.texts.count == 1)
        #expect(try shop.count("SELECT count(*) FROM inbound WHERE duplicate = 1") == 1)
        #expect(try shop.count("SELECT count(*) FROM inbound WHERE answer = 0") == 1, "answered once")
    }

    @Test("A3: after a confirmed deletion the same octets in the same slot are a new text")
    func slotIsFree() async throws {
        let pdu = try Workshop.deliver("Yes")[0]
        _ = try await shop.inbound.receive([Workshop.reading(pdu)])
        shop.inbound.deleted([.init(sim: Workshop.sim, memory: "SM", index: 1)])
        #expect(try await shop.inbound.receive([Workshop.reading(pdu)]).texts.count == 1)
    }

    @Test("A3: killed after the deletion and before its record: an unread slot holds a new text, a read one the old")
    func deletionNotRecorded() async throws {
        let pdu = try Workshop.deliver("Yes")[0]
        _ = try await shop.inbound.receive([Workshop.reading(pdu)])
        let read = Workshop.reading(pdu, state: .receivedRead)
        #expect(try await shop.inbound.receive([read]).texts.isEmpty)
        #expect(try await shop.inbound.receive([Workshop.reading(pdu, marksRead: false)]).texts.isEmpty)
        #expect(try await shop.inbound.receive([Workshop.reading(pdu)]).texts.count == 1)
    }

    @Test("A3: routed directly, the same octets again are the network's repetition")
    func redelivery() async throws {
        var reading = Workshop.reading(try Workshop.deliver("Yes")[0])
        reading.origin = .direct
        #expect(try await shop.inbound.receive([reading]).texts.count == 1)
        #expect(try await shop.inbound.receive([reading]).texts.isEmpty)
    }

    @Test("A8: parts in any order, mixed with another sender's of the same reference, make their own texts")
    func parts() async throws {
        let long = String(repeating: "one ", count: 100)
        let other = String(repeating: "two ", count: 100)
        let mine = try Workshop.deliver(long)
        let theirs = try Workshop.deliver(other, from: "+16195550199")
        var texts: [InboundText] = []
        for (slot, pdu) in [mine[2], theirs[0], mine[0], theirs[2], theirs[1], mine[1]].enumerated() {
            texts += try await shop.inbound.receive([Workshop.reading(pdu, slot: slot)]).texts
        }
        #expect(texts.map(\.content) == [other, long])
    }

    @Test("A8: parts survive a restart; what is missing is given up in time, and a late part amends the text")
    func incomplete() async throws {
        let long = String(repeating: "abc ", count: 100)
        let pdus = try Workshop.deliver(long)
        _ = try await shop.inbound.receive([Workshop.reading(pdus[0], slot: 1), Workshop.reading(pdus[2], slot: 2)])
        #expect(try await shop.inbound.giveUpWaiting().texts.isEmpty)
        shop.clock.move(milliseconds: 600_001)
        let partly = try await shop.inbound.giveUpWaiting().texts
        #expect(partly.map(\.incomplete) == [true])
        #expect(partly.first?.content.contains("[…]") == true)
        let amended = try await shop.inbound.receive([Workshop.reading(pdus[1], slot: 3)]).texts
        #expect(amended.map(\.content) == [long])
        #expect(amended.first?.uid == partly.first?.uid)
        #expect(amended.map(\.incomplete) == [false])
    }

    @Test(
        "A8: a clock that is set cuts no wait for a part short, and makes none longer",
        arguments: [3_600_000, -3_600_000])
    func clockSet(by milliseconds: Int64) async throws {
        let pdus = try Workshop.deliver(String(repeating: "abc ", count: 60))
        _ = try await shop.inbound.receive([Workshop.reading(pdus[0], slot: 1)])
        shop.clock.move(milliseconds: 300_000)
        shop.clock.set(forward: milliseconds)
        #expect(try await shop.inbound.giveUpWaiting().texts.isEmpty)
        shop.clock.move(milliseconds: 299_000)
        #expect(try await shop.inbound.giveUpWaiting().texts.isEmpty)
        shop.clock.move(milliseconds: 1_001)
        #expect(try await shop.inbound.giveUpWaiting().texts.map(\.incomplete) == [true])
    }

    @Test("A TPDU that cannot be decoded becomes a text with its octets, and an alarm")
    func garbage() async throws {
        let intake = try await shop.inbound.receive([Workshop.reading([0x00, 0x04, 0xFF])])
        #expect(intake.texts.map(\.content) == ["[undecodable message] 0004FF"])
        #expect(shop.alarms.all.map(\.kind) == ["pdu.undecodable"])
    }

    @Test("The alarm about what could not be decoded ends a day after the last of it; the text stays")
    func garbageOfYesterday() async throws {
        _ = try await shop.inbound.receive([Workshop.reading([0x00, 0x04, 0xFF])])
        shop.clock.move(milliseconds: 80_000_000)
        _ = try await shop.inbound.receive([Workshop.reading([0x00, 0x04, 0xFE], slot: 2)])
        shop.clock.move(milliseconds: 86_399_000)
        try shop.inbound.endUndecodable()
        #expect(shop.alarms.all.map(\.kind) == ["pdu.undecodable"])
        shop.clock.move(milliseconds: 1_000)
        try shop.inbound.endUndecodable()
        #expect(shop.alarms.all.isEmpty)
        #expect(try shop.count("SELECT count(*) FROM inbound WHERE visible = 1") == 2)
    }

    /// A WAP push from the network's own number, in as many parts as `cuts` says.
    private func push(_ octets: [UInt8], cuts: [Int] = []) -> [[UInt8]] {
        let bounds = [0] + cuts + [octets.count]
        return zip(bounds, bounds.dropFirst()).enumerated().map { place, bound in
            var header: [UInt8] = [5, 4, 0x0B, 0x84, 0x23, 0xF0]
            if !cuts.isEmpty { header += [0, 3, 9, UInt8(cuts.count + 1), UInt8(place + 1)] }
            return Deliver(
                sender: Address(number: "7426"), dataCoding: 0x04,
                time: ServiceCentreTime(unixSeconds: 1_795_000_000, offsetMinutes: 0),
                userData: UserData(header: header, encoding: .octets, content: Array(octets[bound.0..<bound.1]))
            ).encode()
        }
    }

    @Test("E6: the notice of an MMS is a text of who sent it, says that it cannot be shown, and no responder is asked")
    func mms() async throws {
        let sender = [0x80] + Array("+16195550123/TYPE=PLMN".utf8) + [0]
        let octets: [UInt8] =
            [1, 6, 1, 0xBE, 0x8C, 0x82, 0x98, 0x54, 0, 0x8D, 0x90, 0x89, UInt8(sender.count)] + sender
            + [0x96] + Array("STOP".utf8) + [0, 0x8E, 2, 0x88, 0xB8]
        let whole = try await shop.inbound.receive([Workshop.reading(push(octets)[0])])
        #expect(whole.texts.map(\.content) == ["[MMS, 35 kB, cannot be shown here]: STOP"])
        #expect(try shop.count("SELECT count(*) FROM inbound WHERE phone = '+16195550123' AND answer = 2") == 1)
        #expect(try shop.count("SELECT count(*) FROM consent") == 0, "a subject is no STOP")
        let parts = push(octets.map { $0 == 0x54 ? 0x55 : $0 }, cuts: [20])
        #expect(try await shop.inbound.receive([Workshop.reading(parts[1], slot: 5)]).texts.isEmpty)
        let joined = try await shop.inbound.receive([Workshop.reading(parts[0], slot: 6)])
        #expect(joined.texts.count == 1 && joined.texts.first?.content.hasPrefix("[MMS, 35 kB") == true)
        #expect(try shop.count("SELECT count(*) FROM inbound WHERE phone = '+16195550123' AND answer = 2") == 2)
        let other = try await shop.inbound.receive([Workshop.reading(push([1, 6, 1, 0xAE, 1, 2])[0], slot: 7)])
        #expect(other.texts.map(\.content) == ["[a push message for a program, not shown]"])
    }

    @Test("A text with U+0000 is kept whole, in the journal and for those who answer")
    func zero() async throws {
        let intake = try await shop.inbound.receive([Workshop.reading(try Workshop.deliver("né\0 and €\0 words")[0])])
        #expect(intake.texts.map(\.content) == ["né\u{FFFD} and €\u{FFFD} words"])
        let kept = try shop.journal.read { try $0.first("SELECT content FROM inbound")?["content"] as String? }
        #expect(kept == intake.texts.first?.content)
    }

    @Test("B10: STOP binds before any plugin sees it, is confirmed once, and START undoes it")
    func stop() async throws {
        func says(_ words: String, _ slot: Int) async throws -> InboundPath.Intake {
            shop.clock.move(milliseconds: 1_000)
            return try await shop.inbound.receive([Workshop.reading(try Workshop.deliver(words)[0], slot: slot)])
        }
        let yes = try await says("Yes", 1)
        #expect(yes.outgoing.isEmpty, "a Yes from someone who never opted out is an ordinary text")
        #expect(try await says(" Stop! ", 2).outgoing.map(\.purpose) == [.consent])
        #expect(try await shop.journal.writer.write { try Consent.isAllowed("+16195550123", $0) } == false)
        #expect(try await says("STOP", 3).outgoing.isEmpty)
        #expect(try await says("hello?", 4).outgoing.isEmpty)
        #expect(try await says("yes", 5).outgoing.count == 1)
        #expect(try await shop.journal.writer.write { try Consent.isAllowed("+16195550123", $0) })
        #expect(try await says("HELP", 6).outgoing.count == 1)
        #expect(try await says("please stop texting me", 7).maybeStop.count == 1)
        // Only the first Yes is the responders' business: the last sentence is people's.
        #expect(try shop.count("SELECT count(*) FROM inbound WHERE answer = 0") == 1)
        #expect(try shop.count("SELECT count(*) FROM inbound WHERE asks_to_stop = 1") == 1)
    }

    @Test("One text leads to one decision, whoever asks again")
    func decision() async throws {
        let text = try #require(
            try await shop.inbound.receive([Workshop.reading(try Workshop.deliver("Hi")[0])]).texts.first)
        let verdict = ResponderChain.Verdict(reply: "Hello", responder: "auto-reply", summary: "replied")
        #expect(try await shop.inbound.decide(text, verdict)?.content == "Hello")
        #expect(try await shop.inbound.decide(text, verdict) == nil)
        #expect(try shop.count("SELECT count(*) FROM outbound") == 1)
    }
}
