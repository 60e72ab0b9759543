import Foundation
import PluginKit
import PluginTestKit
import Testing

@testable import LogNotifier

@Suite("Event log")
struct EventLogTests {
    private func event(_ json: String, id: String = "e1") -> Event {
        Event(id: id, kind: "message.received", at: Timestamp(milliseconds: 0), json: json)
    }

    private func lines(_ path: String) throws -> [String] {
        try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map(String.init)
    }

    @Test("keeps the contract of notifiers", arguments: NotifierContract.rules)
    func contract(_ rule: ContractRule<NotifierSubject>) async throws {
        let folder = Folder()
        try await rule.check(
            NotifierSubject { try EventLog(host: Host(baseFolder: folder.path), settings: Settings()) })
    }

    @Test("C5: numbers and texts are hidden unless asked for")
    func masks() async throws {
        let folder = Folder()
        let json =
            #"{"message":{"phone":"+16195550123","content":"my secret"},"note":"to +1 619 555 0123","imei":"356938035643809"}"#
        for (settings, file) in [("{}", "events.jsonl"), (#"{"mask": false, "path": "open.jsonl"}"#, "open.jsonl")] {
            let log = try EventLog(host: Host(baseFolder: folder.path), settings: Settings(json: settings))
            try await log.notify(event(json), context: .init())
            await log.stop()
            let line = try #require(try lines(folder.file(file)).first)
            #expect(line.contains("0123") == (file == "open.jsonl"))
            #expect(line.contains("secret") == (file == "open.jsonl"))
            #expect(line.contains("356938035643809"))
            #expect(line.hasPrefix(#"{"at":"1970-01-01T00:00:00.000Z","data":{"#))
        }
    }

    @Test("after a rename the next line goes into a new file")
    func rotation() async throws {
        let folder = Folder()
        let path = folder.file("events.jsonl")
        let log = try EventLog(host: Host(baseFolder: folder.path), settings: Settings())
        try await log.notify(event("{}", id: "one"), context: .init())
        try await log.notify(event("{}", id: "two"), context: .init())
        try FileManager.default.moveItem(atPath: path, toPath: path + ".1")
        try await log.notify(event("{}", id: "three"), context: .init())
        await log.stop()
        #expect(try lines(path + ".1").count == 2)
        #expect(try lines(path).map { $0.contains("three") } == [true])
    }

    @Test(
        "lines that name an erased person go, and the number is not written with the news; old lines go after their days"
    )
    func forgets() async throws {
        let folder = Folder()
        let path = folder.file("events.jsonl")
        let log = try EventLog(host: Host(baseFolder: folder.path), settings: Settings(json: #"{"mask": false}"#))
        for phone in ["+16195550123", "+161955501234", "+16195550199"] {
            try await log.notify(event(#"{"phone":"\#(phone)","content":"x"}"#), context: .init())
        }
        let erased = Event(
            id: "e2", kind: "contact.erased", at: Timestamp(milliseconds: 0), json: #"{"phone":"+16195550123"}"#)
        try await log.notify(erased, context: .init())
        let left = try lines(path)
        #expect(left.count == 3 && left[0].contains("+161955501234") && left[1].contains("+16195550199"))
        #expect(left[2].contains("contact.erased") && !left[2].contains("0123"))
        try await log.notify(event("{}"), context: .init())
        await log.stop()
        #expect(try lines(path).count == 4, "the new file is written on")

        let next = try EventLog(host: Host(baseFolder: folder.path), settings: Settings(json: #"{"keep_days": 1}"#))
        try "of another program\n".write(toFile: path, atomically: false, encoding: .utf8)
        let young = Event(id: "y", kind: "k", at: Host(baseFolder: folder.path).now, json: "{}")
        try await next.notify(young, context: .init())
        await next.stop()
        #expect(try lines(path).first == "of another program")
        #expect(try lines(path).count == 2)
    }

    @Test("lines written at the same time stay whole")
    func concurrent() async throws {
        let folder = Folder()
        // The events are of 1970: what is old must not be dropped while others are written.
        let log = try EventLog(host: Host(baseFolder: folder.path), settings: Settings(json: #"{"keep_days": 0}"#))
        await withTaskGroup(of: Void.self) { group in
            for index in 0..<200 {
                group.addTask { try? await log.notify(event(#"{"a":"x\ny"}"#, id: "\(index)"), context: .init()) }
            }
        }
        await log.stop()
        let written = try lines(folder.file("events.jsonl"))
        #expect(written.count == 200)
        for line in written { _ = try JSONSerialization.jsonObject(with: Data(line.utf8)) }
    }

    @Test(
        "data that is not JSON is not written",
        arguments: [
            "+16195550123", "", "{", #"{"a":1,}"#, #"{"a" 1}"#, #"{"a":01x}"#, #"{"a":"\x"}"#, "[1 2]", "{}{}", "-",
            "1e",
            "{\"a\":\"\u{1}\"}", #"{"a":"\u12g4"}"#, String(repeating: "[", count: 100_000),
        ])
    func broken(_ json: String) throws {
        let line = EventLine.of(event(json), mask: true)
        #expect(line.hasSuffix(#","problem":"the event's data is not JSON","id":"e1","kind":"message.received"}"#))
        _ = try JSONSerialization.jsonObject(with: Data(line.utf8))
    }

    @Test(
        "what is shown",
        arguments: [
            (#"{"phone":"+1619\u0035550123"}"#, #"{"phone":"***23"}"#),
            (#"{"content":"a\ud83d\ude00\n\u00e9"}"#, #"{"content":"<4 characters>"}"#),
            (#"{ "note" : "say \"hi\" to \u002B1 619 555 0123." }"#, #"{"note":"say \"hi\" to ***23."}"#),
            (#"{"phone":1619,"text":null,"n":-1.5e3}"#, #"{"phone":"<hidden>","text":"<hidden>","n":-1.5e3}"#),
            (#"{"to":["+16195550123","+1"],"body":{"a":[]}}"#, #"{"to":["***23","***"],"body":{"a":[]}}"#),
            (#"{"p":"C:\/x\t"}"#, #"{"p":"C:/x\t"}"#),
        ])
    func shown(_ json: String, _ expected: String) {
        #expect(EventLine.of(event(json), mask: true).contains(#""data":\#(expected),"id""#))
        #expect(EventLine.of(event(expected), mask: false).contains(#""data":\#(expected),"id""#))
    }

    @Test("a folder that is not there is named, and the log comes back with it")
    func comesBack() async throws {
        let folder = Folder()
        let log = try EventLog(
            host: Host(baseFolder: folder.path), settings: Settings(json: #"{"path": "sub/e.jsonl"}"#))
        let error = await #expect(throws: PluginError.self) { try await log.notify(event("{}"), context: .init()) }
        #expect(error?.code == .unavailable && error?.message.contains("sub/e.jsonl") == true)
        try FileManager.default.createDirectory(atPath: folder.file("sub"), withIntermediateDirectories: true)
        try await log.notify(event("{}"), context: .init())
        await log.stop()
    }
}
