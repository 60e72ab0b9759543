import GRDB
import ModemKit
import PluginKit
import Testing

@testable import GatewayCore

/// A modem as the fleet shows it.
enum ModemSnapshotMaker {
    static func ready() -> ModemSnapshot {
        ModemSnapshot(id: Workshop.modem, port: "/dev/test", state: .ready)
    }
}

@Suite struct LoopGuardRuleTests {
    private func said(_ lines: [(at: Int64, answer: Bool, text: String)]) -> [LoopGuard.Said] {
        lines.map { LoopGuard.Said(at: $0.at * 1_000, isAnswer: $0.answer, content: $0.text) }
    }

    @Test("B12: an ordinary talk is none")
    func ordinary() {
        let words = ["tea", "oil", "hats"]
        var talk: [(Int64, Bool, String)] = []
        for turn in 0..<9 {
            talk.append((Int64(turn * 60), false, "question \(turn) about \(words[turn % 3])"))
            talk.append((Int64(turn * 60 + 5), true, "answer \(turn)"))
        }
        #expect(LoopGuard().finding(in: said(talk)) == nil)
        #expect(LoopGuard().finding(in: []) == nil)
    }

    @Test("B12: people repeat short words")
    func shortWords() {
        var talk: [(Int64, Bool, String)] = []
        for turn: Int64 in 0..<8 { talk += [(turn * 60, false, "ok"), (turn * 60 + 5, true, "Fine.")] }
        #expect(LoopGuard().finding(in: said(talk)) == nil)
    }

    @Test("B12: as many answers as the limit")
    func answers() {
        var guarding = LoopGuard()
        guarding.answers = 3
        let talk: [(Int64, Bool, String)] = [
            (0, false, "one"), (9, true, "a"), (30, false, "two"), (39, true, "b"), (60, false, "three"),
            (69, true, "c"),
            (90, false, "four"),
        ]
        #expect(guarding.finding(in: said(talk)) == "3 automatic answers in 10 min")
        #expect(guarding.finding(in: said(Array(talk.dropFirst(2)))) == nil)
        guarding.isOn = false
        #expect(guarding.finding(in: said(talk)) == nil)
    }

    @Test("B12: the same text but for its digits")
    func same() {
        var talk: [(Int64, Bool, String)] = []
        for turn: Int64 in 1...4 { talk.append((turn * 100, false, "Ticket #\(turn) was received.")) }
        #expect(LoopGuard().finding(in: said(talk)) == "the same text 4 times")
        #expect(LoopGuard().finding(in: said(Array(talk.dropLast()))) == nil)
    }

    @Test("B12: our own words come back")
    func echo() {
        let talk: [(Int64, Bool, String)] = [
            (0, false, "hello"), (20, true, "We are closed until Monday."), (60, false, "and tomorrow?"),
            (80, true, "We are closed until Monday."), (120, false, "We are closed until Monday!"),
        ]
        #expect(LoopGuard().finding(in: said(talk)) == "our own answer comes back")
    }

    @Test("B12: five texts in a row sooner than a person could write them")
    func quick() {
        let words = ["alpha", "beta", "gamma", "delta", "epsilon", "zeta"]
        var talk: [(Int64, Bool, String)] = []
        for (index, word) in words.enumerated() {
            talk.append((Int64(index * 10), true, "answer \(word)"))
            talk.append((Int64(index * 10 + 1), false, word))
        }
        #expect(LoopGuard().finding(in: said(talk))?.contains("within seconds") == true)
        #expect(LoopGuard().finding(in: said(Array(talk.prefix(8)))) == nil)
    }

    @Test("B12: a flood")
    func flood() {
        var talk: [(Int64, Bool, String)] = []
        for turn in 0..<60 { talk.append((Int64(turn), false, String(repeating: "x", count: turn % 7))) }
        #expect(LoopGuard().finding(in: said(talk)) == "60 texts in 10 min")
    }

    @Test(
        "B12: texts that say that nobody wrote them",
        arguments: [
            ("Auto-Reply: I am away", true), ("This is an automated message.", true),
            ("Out of office until 3 May", true),
            ("I’m driving and will call later", true), ("RESPUESTA AUTOMÁTICA: cerrado", true),
            ("Is your reply automatic?", false), ("I am out, the office is closed", false),
        ])
    func automatic(content: String, expected: Bool) {
        #expect(AutomaticText.isOne(content) == expected)
    }
}

@Suite struct LoopGuardTests {
    private static let verdict = ResponderChain.Verdict(
        reply: "Thanks! We have got your text and will answer soon.", responder: "auto-reply", summary: "replied")

    /// What one gateway answers to a text; nil when it stays silent.
    private func answer(_ shop: Workshop, _ content: String, from phone: String, slot: Int) async throws -> String? {
        let text = try #require(
            try await shop.inbound.receive([
                Workshop.reading(try Workshop.deliver(content, from: phone)[0], slot: slot)
            ]).texts.first)
        guard try shop.inbound.undecided(limit: 10).contains(where: { $0.uid == text.uid }) else { return nil }
        return try await shop.inbound.decide(text, Self.verdict)?.content
    }

    @Test(
        "B12: two gateways with auto-repliers end their talk by themselves, with no more answers than the limit",
        arguments: [1, 30, 55])
    func pingPong(seconds: Int64) async throws {
        let (one, other) = (try Workshop(), try Workshop())
        var text: String? = "Hi, are you open?"
        var answers = 0
        var turn = 0
        while let words = text, turn < 200 {
            turn += 1
            let shop = turn.isMultiple(of: 2) ? one : other
            for shop in [one, other] { shop.clock.move(milliseconds: seconds * 1_000) }
            // The number in it makes every text another one.
            text = try await answer(shop, "\(words) (\(turn))", from: "+16195550123", slot: turn)
            if text != nil { answers += 1 }
        }
        #expect(text == nil, "it goes on")
        #expect(answers <= 2 * Policy().loopGuard.answers)
        #expect([one, other].contains { $0.alarms.all.map(\.kind) == ["loop"] })
    }

    @Test("B12: texts that come together are not all answered when they are decided")
    func together() async throws {
        let shop = try Workshop()
        let words = [
            "tea", "coffee", "milk", "water", "juice", "bread", "salt", "oil", "rice", "eggs", "fish", "meat", "soup",
        ]
        let intake = try await shop.inbound.receive(
            try words.enumerated().map { index, word in
                Workshop.reading(try Workshop.deliver("Do you have \(word)?")[0], slot: index + 1)
            })
        var answers = 0
        for text in intake.texts where try await shop.inbound.decide(text, Self.verdict) != nil { answers += 1 }
        #expect(intake.texts.count == 13)
        #expect(answers == Policy().loopGuard.answers)
        #expect(try shop.count("SELECT count(*) FROM inbound WHERE decision LIKE '%rest until%'") == 3)
    }

    @Test("B12: a rest outlives a restart, ends by itself, and people see the texts meanwhile")
    func rests() async throws {
        let shop = try Workshop()
        for slot in 1...4 {
            shop.clock.move(milliseconds: 60_000)
            _ = try await answer(shop, "Ticket \(slot) was received", from: "+16195550123", slot: slot)
        }
        #expect(shop.alarms.all.map(\.kind) == ["loop"])
        #expect(shop.alarms.all.allSatisfy { !$0.message.contains("6195550123") })
        // What a start finds.
        shop.alarms.clear("loop", subject: "+16195550123")
        try shop.inbound.announceRests()
        #expect(shop.alarms.all.map(\.kind) == ["loop"])
        #expect(try await answer(shop, "hello?", from: "+16195550123", slot: 9) == nil)
        #expect(try await answer(shop, "hello?", from: "+16195550188", slot: 10) != nil, "others are answered")
        #expect(try shop.count("SELECT count(*) FROM inbound WHERE visible = 1") == 6)
        shop.clock.move(milliseconds: Policy().loopGuard.restMilliseconds)
        try await shop.inbound.endRests()
        #expect(shop.alarms.all.isEmpty)
        #expect(try await answer(shop, "hello again", from: "+16195550123", slot: 11) != nil)
    }

    /// What was sent because of these words, one after the other.
    private func words(_ words: [String], apart milliseconds: Int64, to shop: Workshop) async throws -> [String] {
        var sent: [String] = []
        for (slot, word) in words.enumerated() {
            shop.clock.move(milliseconds: milliseconds)
            sent += try await shop.inbound.receive([
                Workshop.reading(try Workshop.deliver(word, at: Int64(slot))[0], slot: slot + 1)
            ]).outgoing.map(\.content)
        }
        return sent
    }

    @Test("B12: words alone begin a rest, which silences confirmations, too; STOP binds all the same")
    func confirmations() async throws {
        let shop = try Workshop()
        let policy = Policy()
        let sent = try await words((0..<40).map { ["STOP", "START", "HELP"][$0 % 3] }, apart: 5_000, to: shop)
        // The first STOP of the rest has its confirmation, whatever came before.
        #expect(sent.count == policy.loopGuard.answers + 1)
        #expect(sent.last == policy.stopConfirmation)
        #expect(shop.alarms.all.map(\.kind) == ["loop"])
        let last = try await words(["START", "HELP", "STOP"], apart: 5_000, to: shop)
        #expect(last.isEmpty)
        #expect(try shop.journal.read { try !Consent.isAllowed("+16195550123", $0) })
        #expect(try shop.count("SELECT count(*) FROM inbound WHERE decision LIKE 'not answered%rest until%'") > 20)
    }

    @Test("B12: a bot that only sends INFO is not answered for ever", arguments: [1, 20, 59, 61, 300] as [Int64])
    func information(seconds: Int64) async throws {
        let shop = try Workshop()
        let count = Int(43_200 / seconds)
        let sent = try await words(
            Array(repeating: "INFO", count: min(count, 200)), apart: seconds * 1_000, to: shop)
        #expect((5...Policy().loopGuard.answers).contains(sent.count))
    }

    @Test("decision 10: the first STOP is confirmed though the number's answers rest, and only the first")
    func firstStop() async throws {
        let shop = try Workshop()
        _ = try await words(Array(repeating: "INFO", count: 12), apart: 1_000, to: shop)
        #expect(shop.alarms.all.map(\.kind) == ["loop"])
        let sent = try await words(["HELP", "STOP", "START", "STOP", "START"], apart: 1_000, to: shop)
        #expect(sent == [Policy().stopConfirmation])
    }

    @Test("Decision 2: a word that the network delivers again is answered once")
    func copies() async throws {
        let shop = try Workshop()
        for word in ["HELP", "STOP"] {
            let pdu = try Workshop.deliver(word)[0]
            let answers = try await (1...4).asyncMap { slot in
                try await shop.inbound.receive([Workshop.reading(pdu, slot: slot)]).outgoing.count
            }
            #expect(answers == [1, 0, 0, 0])
            shop.inbound.deleted((1...4).map { DeletedSlot(sim: Workshop.sim, memory: "SM", index: $0) })
        }
        #expect(try shop.count("SELECT count(*) FROM inbound WHERE duplicate = 1") == 6)
    }
}

extension Sequence {
    fileprivate func asyncMap<Value>(_ body: (Element) async throws -> Value) async rethrows -> [Value] {
        var values: [Value] = []
        for element in self { values.append(try await body(element)) }
        return values
    }
}

@Suite struct ExternalBotTests {
    @Test(
        "Decision 6: what is left to other programs stays unread and is not for our responders; all else is read",
        arguments: [
            ("Order two teas", true), ("order", true), ("I order tea", false), ("hello", false), ("STOP", false),
        ])
    func rule(content: String, isTheirs: Bool) async throws {
        var policy = Policy()
        var bots = ExternalBots()
        bots.words = ["ORDER"]
        policy.externalBots = bots
        let shop = try Workshop(policy: policy)
        let uid = try #require(
            try await shop.inbound.receive([Workshop.reading(try Workshop.deliver(content)[0])]).texts.first?.uid)
        let message = try shop.journal.read { database in
            try database.first("SELECT * FROM inbound WHERE uid = ?", [uid]).map(Message.init(inbound:))
        }
        #expect(message?.status == (isTheirs ? .unread : .read))
        let ours = try shop.inbound.undecided(limit: 1).count == 1
        #expect(ours == (!isTheirs && content != "STOP"))
    }

    @Test("Decision 6: without the rule everything is unread and ours")
    func without() async throws {
        let shop = try Workshop()
        let uid = try #require(
            try await shop.inbound.receive([Workshop.reading(try Workshop.deliver("order")[0])]).texts.first?.uid)
        let message = try shop.journal.read { database in
            try database.first("SELECT * FROM inbound WHERE uid = ?", [uid]).map(Message.init(inbound:))
        }
        #expect(message?.status == .unread)
        #expect(try shop.inbound.undecided(limit: 2).count == 1)
    }

    @Test("Decision 6: another program's answer to a text that we answered raises an alarm, for a time")
    func foreignReply() async throws {
        let shop = try Workshop()
        let text = try #require(
            try await shop.inbound.receive([Workshop.reading(try Workshop.deliver("Hi")[0])]).texts.first)
        var replies = ForeignReplies(journal: shop.journal, alarms: shop.alarms, clock: shop.clock)
        func row(_ phone: String) -> Message {
            Message(
                uid: nil, storageID: 1, direction: .outbound, phone: phone, content: "x", status: .queued,
                timestamp: shop.clock.now)
        }
        replies.look(at: row(text.phone), text.phone)
        #expect(shop.alarms.all.isEmpty, "nothing was answered yet")
        let verdict = ResponderChain.Verdict(reply: "Hello", responder: "auto-reply", summary: "replied")
        _ = try await shop.inbound.decide(text, verdict)
        shop.clock.move(milliseconds: 5_000)
        replies.look(at: row("+16195550188"), "+16195550188")
        #expect(shop.alarms.all.isEmpty, "another person")
        replies.look(at: row(text.phone), text.phone)
        #expect(shop.alarms.all.map(\.kind) == ["bots.two"])
        shop.clock.move(milliseconds: ForeignReplies.memoryMilliseconds + 1)
        replies.forget()
        #expect(shop.alarms.all.isEmpty)
        replies.look(at: row(text.phone), text.phone)
        #expect(shop.alarms.all.isEmpty, "an hour later it is a new thought")
    }
}
