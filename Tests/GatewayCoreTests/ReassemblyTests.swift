import GRDB
import ModemKit
import PluginKit
import SMSCodec
import Testing

@testable import GatewayCore

/// Texts of several parts, from the modem into the journal: what `Reassembler` decides must survive there.
@Suite struct ReassemblyTests {
    let shop: Workshop

    init() throws {
        shop = try Workshop()
    }

    /// A long text's parts, each in a slot of its own.
    private func parts(
        _ words: String, reference: UInt16 = 7, from phone: String = "+16195550123", slot: Int = 0
    ) throws -> [Reading] {
        try Workshop.deliver(long(words), from: phone, reference: reference).enumerated().map { index, pdu in
            Workshop.reading(pdu, slot: slot + index)
        }
    }

    private func long(_ words: String) -> String { String(repeating: words + " ", count: 400 / (words.utf8.count + 1)) }

    private func rows(_ shop: Workshop) throws -> [Message] {
        try shop.journal.read { database in
            try database.all("SELECT * FROM inbound WHERE visible = 1 ORDER BY seq").map(Message.init(inbound:))
        }
    }

    /// Readings that belong to no text that people can see.
    private func homeless(_ shop: Workshop) throws -> Int {
        try shop.count(
            "SELECT count(*) FROM reading WHERE uid IS NULL OR uid NOT IN (SELECT uid FROM inbound WHERE visible = 1)")
    }

    @Test(
        "A8: parts out of order, with a restart of the gateway before each, make one text that has the first one's uid")
    func restarts() async throws {
        let folder = shop.folder
        shop.journal.close()
        var texts: [InboundText] = []
        var uid: String?
        // The folder goes with the first workshop that ends.
        var runs: [Workshop] = []
        for reading in try [2, 0, 1].map({ try parts("abc")[$0] }) {
            let again = try Workshop(folder: folder)
            runs.append(again)
            texts += try await again.inbound.receive([reading]).texts
            uid = try uid ?? again.journal.read { try $0.first("SELECT uid FROM inbound")?["uid"] }
            again.journal.close()
        }
        #expect(runs.count == 3)
        #expect(texts.map(\.content) == [long("abc")])
        #expect(texts.first?.uid == uid)
        #expect(texts.first?.incomplete == false)
    }

    @Test("A8: a late part amends the stored row after a restart; the responders are asked once")
    func amended() async throws {
        let readings = try parts("abc")
        _ = try await shop.inbound.receive([readings[0], readings[2]])
        shop.clock.move(milliseconds: 600_000)
        let partly = try #require(try await shop.inbound.giveUpWaiting().texts.first)
        #expect(partly.incomplete)
        #expect(try shop.inbound.undecided(limit: 9).map(\.uid) == [partly.uid])
        let verdict = ResponderChain.Verdict(reply: "Hello", responder: "auto-reply", summary: "replied")
        #expect(try await shop.inbound.decide(partly, verdict) != nil)
        #expect(try shop.count("SELECT revision - stored FROM inbound") == 1)
        try await shop.journal.writer.write { try $0.run("UPDATE inbound SET stored = revision") }
        shop.journal.close()

        let again = try Workshop(folder: shop.folder)
        again.clock.move(milliseconds: 600_000)
        let events = again.events.listen(backlog: 9)
        let intake = try await again.inbound.receive([readings[1]])
        #expect(intake.texts.map(\.content) == [long("abc")])
        #expect(intake.texts.map(\.uid) == [partly.uid])
        let row = try #require(try rows(again).first)
        #expect(try rows(again).count == 1)
        #expect((row.content, row.incomplete, row.parts) == (long("abc"), false, 3))
        #expect(try again.count("SELECT revision - stored FROM inbound") == 1, "storage gets the same uid again")
        #expect(try again.inbound.undecided(limit: 9).isEmpty)
        #expect(try again.count("SELECT count(*) FROM outbound") == 1)
        again.events.finish()
        var kinds: [String] = []
        for await event in events { kinds.append(event.kind) }
        #expect(kinds == ["message.amended"])
        again.journal.close()
    }

    @Test("A8: after its bound a late part is a text of its own, marked incomplete")
    func tooLate() async throws {
        let readings = try parts("abc")
        _ = try await shop.inbound.receive(Array(readings[0...1]))
        shop.clock.move(milliseconds: 600_000)
        _ = try await shop.inbound.giveUpWaiting()
        shop.clock.move(milliseconds: 86_400_000 - 600_000)
        #expect(try await shop.inbound.receive([readings[2]]).texts.isEmpty)
        shop.clock.move(milliseconds: 600_000)
        let late = try await shop.inbound.giveUpWaiting().texts
        #expect(late.map(\.incomplete) == [true])
        #expect(try rows(shop).map(\.incomplete) == [true, true])
        #expect(try homeless(shop) == 0)
    }

    @Test("A8: two texts with one reference, interleaved, are two whole texts", arguments: [false, true])
    func oneReference(atOnce: Bool) async throws {
        let (first, second) = (try parts("one"), try parts("two", slot: 10))
        let air = [first[2], second[2], first[0], first[1], second[1], second[0]]
        var texts: [InboundText] = []
        if atOnce {
            texts = try await shop.inbound.receive(air).texts
        } else {
            for reading in air { texts += try await shop.inbound.receive([reading]).texts }
        }
        #expect(texts.map(\.content) == [long("one"), long("two")])
        #expect(texts.map(\.incomplete) == [false, false])
        #expect(try homeless(shop) == 0)
    }

    @Test("A8: one reference and one after the other: each text is whole, and a total that changed is another text")
    func sameReferenceLater() async throws {
        let short = try Workshop.deliver(String(repeating: "x", count: 200))
        var texts: [InboundText] = []
        for reading in try parts("one") { texts += try await shop.inbound.receive([reading]).texts }
        texts += try await shop.inbound.receive([Workshop.reading(short[1], slot: 20)]).texts
        for reading in try parts("two", slot: 10) { texts += try await shop.inbound.receive([reading]).texts }
        texts += try await shop.inbound.receive([Workshop.reading(short[0], slot: 21)]).texts
        #expect(texts.map(\.content) == [long("one"), long("two"), String(repeating: "x", count: 200)])
    }

    @Test("The network delivers a part again, before or after the text is whole: one text, nothing else is ever seen")
    func repeated() async throws {
        let readings = try parts("abc")
        let again = try parts("abc", slot: 10)
        var texts: [InboundText] = []
        for reading in [readings[0], again[0], readings[1], readings[2], again[1]] {
            texts += try await shop.inbound.receive([reading]).texts
        }
        shop.clock.move(milliseconds: 600_000)
        texts += try await shop.inbound.giveUpWaiting().texts
        #expect(texts.map(\.content) == [long("abc")])
        #expect(try shop.count("SELECT count(*) FROM inbound") == 1)
        #expect(try homeless(shop) == 0)
        let detail = try shop.journal.read { try JournalMessages.inbound(texts[0].uid, $0) }
        #expect(
            detail?.parts.map { "\($0.number) \($0.state)" } == [
                "1 received", "1 repeated", "2 received", "2 repeated", "3 received",
            ])
    }

    @Test("A3: the network delivers all parts again: a second text, marked, and answered once; restarts change nothing")
    func copy() async throws {
        let folder = shop.folder
        shop.journal.close()
        var runs: [Workshop] = []
        for reading in try parts("abc") + parts("abc", slot: 10) {
            let again = try Workshop(folder: folder)
            runs.append(again)
            _ = try await again.inbound.receive([reading])
            again.journal.close()
        }
        let last = try Workshop(folder: folder)
        let found = try rows(last)
        #expect(runs.count == 6)
        #expect(found.map(\.content) == [long("abc"), long("abc")])
        #expect(found.map(\.possibleDuplicate) == [false, true])
        #expect(try last.inbound.undecided(limit: 9).count == 1)
        last.journal.close()
    }

    @Test(
        "A flood of first parts of one sender is bounded: the oldest are delivered incomplete, none is lost",
        arguments: [1, 50])
    func flood(batch: Int) async throws {
        let mine = try parts("mine", from: "+16195550199", slot: 500)
        _ = try await shop.inbound.receive([mine[0]])
        let limits = Policy().reassembly
        let air = try (0..<200 as Range<UInt16>).map { number in
            try parts("text \(number)", reference: number, slot: Int(number))[0]
        }
        var delivered = 0
        for start in stride(from: 0, to: air.count, by: batch) {
            let intake = try await shop.inbound.receive(Array(air[start..<min(start + batch, air.count)]))
            delivered += intake.texts.count
            #expect(intake.texts.map(\.incomplete) == intake.texts.map { _ in true })
            #expect(
                try shop.count("SELECT count(*) FROM inbound WHERE visible = 0") <= limits.waitingPerSender + 1)
        }
        #expect(delivered == 200 - limits.waitingPerSender)
        // Early, not final: what comes later still goes where it belongs.
        let rest = try parts("text 3", reference: 3, slot: 300).dropFirst()
        #expect(try await shop.inbound.receive(Array(rest)).texts.last?.content == long("text 3"))
        #expect(try await shop.inbound.receive(Array(mine.dropFirst())).texts.map(\.content) == [long("mine")])
        shop.clock.move(milliseconds: 600_000)
        #expect(try await shop.inbound.giveUpWaiting().texts.count == limits.waitingPerSender)
        #expect(try homeless(shop) == 0)
    }

    @Test("A commit that failed leaves nothing behind: the same parts again make the text")
    func failedCommit() async throws {
        let readings = try parts("abc")
        _ = try await shop.inbound.receive([readings[0]])
        try await shop.journal.writer.write { database in
            try database.execute(
                sql: """
                    CREATE TRIGGER broken BEFORE UPDATE ON inbound WHEN NEW.visible = 1
                    BEGIN SELECT RAISE(ABORT, 'no'); END
                    """)
        }
        await #expect(throws: (any Error).self) { try await shop.inbound.receive(Array(readings[1...2])) }
        try await shop.journal.writer.write { try $0.execute(sql: "DROP TRIGGER broken") }
        #expect(try await shop.inbound.receive(Array(readings[1...2])).texts.map(\.content) == [long("abc")])
    }

    @Test("Parts that can no longer be read are shown with their octets when their time is over")
    func unreadable() async throws {
        _ = try await shop.inbound.receive([try parts("abc")[0]])
        try await shop.journal.writer.write { try $0.run("UPDATE reading SET pdu = x'0004FF'") }
        shop.clock.move(milliseconds: 600_000)
        let texts = try await shop.inbound.giveUpWaiting().texts
        #expect(texts.map(\.content) == ["[undecodable message] 0004FF"])
        #expect(try await shop.inbound.giveUpWaiting().texts.isEmpty)
        #expect(shop.alarms.all.map(\.kind) == ["pdu.undecodable"])
    }

    @Test("B10: a word acts when it is the whole message: not while parts are missing, and then once they are there")
    func stop() async throws {
        let time = ServiceCentreTime(unixSeconds: 1_795_000_000, offsetMinutes: 0)
        let readings = ["STOP", "\n"].enumerated().map { index, words in
            var data = UserData(text: words)
            data.header = [0, 3, 9, 2, UInt8(index + 1)]
            let sender = Address(number: "+16195550123")
            return Workshop.reading(Deliver(sender: sender, time: time, userData: data).encode(), slot: index)
        }
        _ = try await shop.inbound.receive([readings[0]])
        shop.clock.move(milliseconds: 600_000)
        let partly = try await shop.inbound.giveUpWaiting()
        #expect(partly.texts.map(\.content) == ["STOP[…]"])
        #expect(partly.outgoing.isEmpty)
        #expect(partly.maybeStop.count == 1, "people should look")
        let whole = try await shop.inbound.receive([readings[1]])
        #expect(whole.outgoing.map(\.purpose) == [.consent])
        #expect(try await shop.journal.writer.write { try Consent.isAllowed("+16195550123", $0) } == false)
        #expect(try shop.inbound.undecided(limit: 9).isEmpty)
    }

    @Test("A journal of the first version goes on with the texts that waited in it")
    func migration() async throws {
        let readings = try parts("abc")
        _ = try await shop.inbound.receive([readings[1]])
        try await shop.journal.writer.write { database in
            try database.execute(
                sql: """
                    DROP INDEX inbound_assembly;
                    ALTER TABLE inbound DROP COLUMN copy_of;
                    CREATE INDEX inbound_gathering ON inbound(assembly) WHERE present < parts;
                    DELETE FROM grdb_migrations WHERE identifier = '2';
                    """)
        }
        shop.journal.close()
        let again = try Workshop(folder: shop.folder)
        #expect(try await again.inbound.receive([readings[0], readings[2]]).texts.map(\.content) == [long("abc")])
        again.journal.close()
    }

    @Test("Waiting texts and those of a key are found by an index")
    func indexes() async throws {
        let plans = try await shop.journal.writer.write { database in
            try [(GatheringTexts.waiting, []), (GatheringTexts.ofOneKey, ["x", 1, 32])].map { sql, arguments in
                try Row.fetchAll(
                    database, sql: "EXPLAIN QUERY PLAN " + sql, arguments: StatementArguments(arguments) ?? []
                ).map { $0["detail"] as String }.joined(separator: "; ")
            }
        }
        #expect(plans[0].contains("inbound_give_up") && plans[0].contains("reading_uid"))
        #expect(plans[1].contains("inbound_assembly") && plans[1].contains("reading_uid"))
        #expect(plans.allSatisfy { !$0.contains("SCAN") })
    }
}
