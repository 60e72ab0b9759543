import PluginKit
import PluginTestKit
import Testing

@testable import AutoReply

@Suite("Automatic replies")
struct AutoReplyTests {
    private func responder(_ json: String, _ clock: TestClock = TestClock()) throws -> AutoResponder {
        try AutoResponder(host: Host(now: { clock.now }), settings: Settings(json: json))
    }

    private func text(_ content: String, uid: String = "u1", phone: String = "+16195550123") -> InboundText {
        InboundText(uid: uid, phone: phone, content: content, receivedAt: Timestamp(milliseconds: 0), sim: "s")
    }

    @Test("keeps the contract of responders", arguments: ResponderContract.rules)
    func contract(_ rule: ContractRule<ResponderSubject>) async throws {
        try await rule.check(
            ResponderSubject { try responder(#"{"rules": [{"keyword": "open", "reply": "9"}], "default": "Thanks!"}"#) }
        )
    }

    @Test(
        "keywords are whole words, whatever the case and the accents",
        arguments: [
            ("Hi! When are you open today?", true), ("OPEN?", true), ("opening", false), ("reopen", false),
            ("\u{bf}D\u{f3}nde est\u{e1}n?", true), ("what's the ADDRESS", true), ("", false), ("\u{1F44D}", true),
        ])
    func keywords(content: String, answered: Bool) async throws {
        let plugin = try responder(
            #"{"rules": [{"name": "n", "keyword": ["open", "donde estan", "the address", "👍"], "reply": "R"}]}"#)
        let decision = try await plugin.respond(to: text(content), context: .init())
        #expect(decision.kind == (answered ? .reply : .decline))
        #expect(decision.reason == (answered ? #"rule "n""# : "no rule matches"))
    }

    @Test("the first rule that matches answers; a regular expression too")
    func order() async throws {
        let plugin = try responder(
            #"{"rules": [{"regex": "order #?\\d+", "reply": "A"}, {"keyword": "order", "reply": "B"}], "default": "C"}"#
        )
        for (content, reply) in [("ORDER 12", "A"), ("my order", "B"), ("hello", "C")] {
            #expect(try await plugin.respond(to: text(content), context: .init()).text == reply)
        }
    }

    @Test(
        "what is empty leaves no trace in a reply",
        arguments: [
            ("Hi {{name}}! Yes.", "Hi! Yes."), ("{{name}}, we are open", "we are open"),
            ("Hi {{ name }}, yes", "Hi, yes"),
            ("We got \"{{text}}\" from {{phone}}", "We got \"yo\" from +16195550123"),
            ("Dear {{name}} friend", "Dear friend"),
        ])
    func placeholders(template: String, reply: String) throws {
        let filled = try Template(template).filled([.phone: "+16195550123", .text: "yo"])
        #expect(filled == reply)
    }

    @Test(
        "hours are the wall's, over changes of the clocks too",
        arguments: [
            // Los Angeles: standard time until 2026-03-08 10:00Z, then summer time until 2026-11-01 09:00Z.
            ("2026-03-06T17:00:00.000Z", true), ("2026-03-06T16:59:59.999Z", false),
            ("2026-03-09T16:00:00.000Z", true), ("2026-03-09T15:59:00.000Z", false),
            ("2026-11-02T17:00:00.000Z", true), ("2026-11-02T16:30:00.000Z", false),
            ("2026-03-08T18:00:00.000Z", false), ("2026-03-10T00:59:00.000Z", true),
            ("2026-03-10T01:00:00.000Z", false),
        ])
    func hours(moment: String, open: Bool) async throws {
        let clock = TestClock()
        clock.set(try #require(Timestamp(moment)))
        let plugin = try responder(
            #"""
            {"time_zone": "America/Los_Angeles", "default": {"reply": "open", "closed": "closed",
             "hours": {"days": "mon-fri", "from": "09:00", "to": "18:00"}}}
            """#, clock)
        let decision = try await plugin.respond(to: text("hello"), context: .init())
        #expect(decision.text == (open ? "open" : "closed"))
    }

    @Test(
        "a window over midnight belongs to the day it begins on",
        arguments: [
            (4, 1330, true), (5, 90, true), (5, 150, false), (5, 1330, false), (4, 90, false),
        ])
    func overnight(weekday: Int, minute: Int, inside: Bool) {
        let window = OpeningHours.Window(days: [4], from: 1320, to: 120)
        #expect(window.contains(weekday: weekday, minute: minute) == inside)
    }

    @Test("B12: the default reply comes once in ten minutes a person; the same text gets the same answer")
    func pause() async throws {
        let clock = TestClock()
        let plugin = try responder(#"{"rules": [{"keyword": "open", "reply": "R"}], "default": "D"}"#, clock)
        func kind(_ content: String, _ uid: String, _ phone: String = "+16195550123") async throws -> Decision.Kind {
            try await plugin.respond(to: text(content, uid: uid, phone: phone), context: .init()).kind
        }
        #expect(try await kind("a", "u1") == .reply)
        #expect(try await kind("a", "u1") == .reply)
        #expect(try await kind("b", "u2") == .decline)
        #expect(try await kind("b", "u3", "+16195550124") == .reply)
        #expect(try await kind("open", "u4") == .reply)
        #expect(try await kind("open", "u5") == .reply)
        clock.advance(600_000)
        #expect(try await kind("c", "u6") == .reply)
    }

    @Test("machines get no answer", arguments: ["22000", "AMAZON", "", "+1"])
    func machines(phone: String) async throws {
        let plugin = try responder(#"{"default": "D"}"#)
        #expect(try await plugin.respond(to: text("hi", phone: phone), context: .init()).kind == .decline)
    }

    @Test(
        "a wrong setting is named",
        arguments: [
            (#"{"rules": [{"name": "x", "regex": "(", "reply": "a"}]}"#, "rules[0].regex"),
            (#"{"rules": [{"keyword": "a", "reply": "{{nmae}}"}]}"#, "rules[0].reply"),
            (#"{"rules": [{"reply": "a"}]}"#, "keyword or regex"),
            (#"{"rules": [{"keyword": "a", "replay": "a"}]}"#, "repl"),
            (#"{"time_zone": "Mars", "default": "a"}"#, "time_zone"),
            (#"{"default": {"reply": "a", "hours": {"from": "9", "to": "18:00"}}}"#, "hours.from"),
            (#"{"default": {"reply": "a", "hours": {"days": "mon-foo", "from": "09:00", "to": "18:00"}}}"#, "days"),
            (#"{"default": {"reply": "a", "closed": "b"}}"#, "closed"), ("{}", "neither rules nor a default"),
            (#"{"default": "a", "rulez": []}"#, "rules"),
        ])
    func wrongSettings(json: String, word: String) {
        let error = #expect(throws: PluginError.self) { try responder(json) }
        #expect(error?.code == .invalid && error?.message.contains(word) == true, "\(error?.message ?? "")")
    }
}
