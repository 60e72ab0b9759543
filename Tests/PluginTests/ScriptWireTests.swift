import PluginKit
import Testing

@testable import ScriptPlugin

@Suite("Lines of programs")
struct ScriptWireTests {
    private let text = InboundText(
        uid: "u1", phone: "+15005550100", content: "a \"b\"\n\t\u{1}\u{7F}é😀\\", receivedAt: Timestamp(milliseconds: 0),
        sim: "89", parts: 2, incomplete: true)

    private func line(_ request: ScriptRequest) -> String {
        String(decoding: request.json(id: 7, now: 1_000_000_000), as: UTF8.self)
    }

    @Test("a text is one line of JSON, whatever is in it")
    func requests() {
        #expect(
            line(.respond(text, deadlineNanoseconds: 3_500_000_000))
                == #"{"id":7,"type":"respond","uid":"u1","from":"+15005550100","text":"a \"b\"\n\t\u0001\u007fé😀\\","#
                + #""sim":"89","received_at":"1970-01-01T00:00:00.000Z","parts":2,"incomplete":true,"deadline_ms":2500}"#
                + "\n")
        #expect(
            line(.hello(name: "60-bot", options: "{\n\"a\": 1\r\n}"))
                == #"{"id":7,"type":"hello","protocol":1,"name":"60-bot","settings":{ "a": 1  }}"# + "\n")
        let event = Event(id: "e", kind: "alarm", at: Timestamp(milliseconds: 0), json: "{\n}")
        #expect(
            line(.notify(event))
                == #"{"id":7,"type":"notify","event":{"id":"e","kind":"alarm","at":"1970-01-01T00:00:00.000Z","data":{ }}}"#
                + "\n")
    }

    @Test("in plain text it is one line too")
    func plain() throws {
        let line = try #require(ScriptRequest.respond(text, deadlineNanoseconds: 0).plain)
        #expect(String(decoding: line, as: UTF8.self) == "+15005550100\ta \"b\"    é😀\\\n")
        #expect(ScriptRequest.hello(name: "", options: "").plain == nil)
    }

    @Test(
        "an answer decides",
        arguments: [
            (#"{"id":1}"#, Decision.decline()), (#"{"id":1,"reply":""}"#, .decline()),
            (#"{"id":1,"reply":null,"reason":"r"}"#, .decline(reason: "r")),
            (#"  {"id":1,"reply":"We open at 9 \ud83d\ude00","colour":{"a":[1]}} "#, .reply("We open at 9 😀")),
            (#"{"id":1,"append":"a","cost_micros":12}"#, Decision(kind: .append, text: "a", costMicros: 12)),
            (#"{"id":1,"draft":"d"}"#, Decision(kind: .draft, text: "d")),
            (#"{"id":1,"hand_over":true,"reason":"angry"}"#, Decision(kind: .handOver, reason: "angry")),
        ])
    func answers(line: String, decision: Decision) throws {
        let (id, result) = try ScriptAnswer.read(json: Array(line.utf8))
        #expect(id == 1)
        #expect(try result.get().decision() == decision)
    }

    @Test(
        "an answer fails in words",
        arguments: [
            (#"{"id":1,"error":"no database"}"#, PluginError(.unavailable, "no database")),
            (
                #"{"id":1,"error":"later","class":"conflict","retry_after_ms":250}"#,
                PluginError(.conflict, "later", retryAfterMilliseconds: 250)
            ),
            (#"{"id":1,"error":"","class":"odd"}"#, PluginError(.internal, "no reason given")),
            (#"{"id":1,"reply":5}"#, .unusable(#""reply" is of another kind than it should be"#)),
            (#"{"id":1,"reply":"a","draft":"b"}"#, .unusable("it decides two things at once")),
        ])
    func failures(line: String, error: PluginError) throws {
        let (_, result) = try ScriptAnswer.read(json: Array(line.utf8))
        #expect(throws: error) { try result.get().decision() }
    }

    @Test("what is no answer is garbage", arguments: ["hello", "[]", "{}", #"{"id":"1"}"#, #"{"id":-1}"#, "{\"id\":1"])
    func garbage(line: String) {
        #expect(throws: ScriptGarbage.self) { try ScriptAnswer.read(json: Array(line.utf8)) }
    }

    @Test("bytes that are no UTF-8 are never part of an answer in JSON, and are marked in plain text")
    func bytes() throws {
        let (id, result) = try ScriptAnswer.read(json: Array(#"{"id":1,"reply":""#.utf8) + [0xFF, 0x22, 0x7D])
        #expect(id == 1)
        #expect(throws: PluginError.unusable("it is no JSON object as described")) { try result.get() }
        #expect(try ScriptAnswer(plain: [0x61, 0xFF]).decision() == .reply("a\u{FFFD}"))
    }

    @Test("lines come whole, however the bytes come", arguments: [1, 2, 3, 100])
    func lines(step: Int) {
        var splitter = LineSplitter(limit: 5)
        var pieces: [LineSplitter.Piece] = []
        let bytes = Array("ab\r\n\n12345\n123456\nlast".utf8)
        for start in stride(from: 0, to: bytes.count, by: step) {
            pieces += splitter.feed(bytes[start..<min(start + step, bytes.count)])
        }
        pieces += splitter.finish()
        #expect(
            pieces == [
                .line(Array("ab".utf8)), .line([]), .line(Array("12345".utf8)), .tooLong, .line(Array("last".utf8)),
            ])
    }

    @Test("the pause before a new start grows, and begins anew after work was done")
    func backoff() {
        var limits = ScriptLimits()
        (limits.firstPause, limits.longestPause) = (1, 5)
        var backoff = Backoff(limits)
        #expect((0..<5).map { _ in backoff.pause() } == [1, 2, 4, 5, 5])
        backoff.reset()
        #expect(backoff.pause() == 1)
    }
}
