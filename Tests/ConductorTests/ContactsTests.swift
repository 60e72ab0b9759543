import ConsoleServer
import Foundation
import GatewayCore
import PluginKit
import Synchronization
import Testing

@testable import conductor

@Suite struct ContactsTests {
    private static let phone = "+16195550100"

    private func run(_ gateway: ServedGateway, _ words: String..., input: String = "") async -> Program {
        await Program.finished(
            Program.conductor, words, environment: ["CONDUCTOR_SOCKET": gateway.socket], input: input)
    }

    private func withTexts(_ body: (ServedGateway) async throws -> Void) async throws {
        try await ServedGateway.with { gateway in
            gateway.fake.state.withLock {
                $0.messages = [FakeGateway.inbound(1), FakeGateway.inbound(2, "a, \"b\"\nc")]
            }
            try await body(gateway)
        }
    }

    @Test("a person is shown on a page, and whole as JSON")
    func show() async throws {
        try await withTexts { gateway in
            let page = await run(gateway, "contacts", "show", Self.phone)
            #expect(page.status == 0)
            for word in [Self.phone, "Zoë", "likes tea", "has said STOP", "hello", "seen:\(Self.phone)"] {
                #expect(page.output.contains(word), "\(word)")
            }
            let json = await run(gateway, "contacts", "show", Self.phone, "--json")
            let record = try APICoding.decode(ContactRecord.self, from: json.output.utf8)
            #expect(record.texts.count == 2 && record.isOptedOut && record.values.map(\.text) == ["1"])
            #expect(await run(gateway, "contacts", "show", "nobody").status == 2)
        }
    }

    @Test("an export is complete, JSON or CSV by the file's name, for its owner only, and overwrites nothing")
    func export() async throws {
        try await withTexts { gateway in
            let json = gateway.folder + "/person.json"
            #expect(await run(gateway, "contacts", "export", Self.phone, json).status == 0)
            let bytes = try Data(contentsOf: URL(fileURLWithPath: json))
            #expect(try APICoding.decode(ContactRecord.self, from: bytes).texts.count == 2)
            #expect(Scratch.mode(json) == "600")
            #expect(await run(gateway, "contacts", "export", Self.phone, json).status == 1, "it is there already")
            let csv = gateway.folder + "/person.csv"
            #expect(await run(gateway, "contacts", "export", Self.phone, csv).status == 0)
            let lines = try String(contentsOfFile: csv, encoding: .utf8).split(separator: "\r\n")
            #expect(lines.count == 3 && lines[0].hasPrefix("uid,direction,phone_number,content,timestamp"))
            #expect(lines[2].contains("\"a, \"\"b\"\"\nc\""))
            let piped = await run(gateway, "contacts", "export", Self.phone, "-", "--format", "csv")
            #expect(piped.output.split(separator: "\r\n") == lines)
        }
    }

    @Test("consent without a known source says no source")
    func noSource() {
        let time = Timestamp(milliseconds: 0)
        let events = ["sms", ""].map {
            ConsentEvent(uid: "c", phone: Self.phone, action: .out, at: time, source: $0)
        }
        let record = ContactRecord(
            phone: Self.phone, at: time, isOptedOut: true, contact: .init(), consent: events, texts: [], values: [])
        let lines = ContactPage(record: record, now: time, terminal: Terminal.output).lines()
        #expect(lines.filter { $0.hasPrefix("    1970") }.map { $0.suffix(11) } == ["out, by sms", "0.000Z: out"])
    }

    @Test("a repair in a folder without a gateway's files names it and fails")
    func repairNothing() throws {
        let folder = Scratch.folder()
        defer { Scratch.remove(folder) }
        for words in [[], ["--json"]] {
            let run = Program.run(Program.conductor, ["storage", "repair", "--state", folder] + words)
            #expect(run.status == 1 && run.errors.contains(folder), "\(run.errors)")
        }
    }

    @Test("erasing asks; where nobody can be asked it wants --yes; counting erases nothing")
    func erase() async throws {
        try await withTexts { gateway in
            func left() -> Int { gateway.fake.state.withLock { $0.messages.count } }
            let unasked = await run(gateway, "contacts", "erase", Self.phone, input: "\(Self.phone)\n")
            #expect(unasked.status == 2 && unasked.errors.contains("--yes") && left() == 2)
            let counted = await run(gateway, "contacts", "erase", Self.phone, "--dry-run")
            #expect(counted.status == 0 && counted.output.contains("2 texts in storage would be erased") && left() == 2)
            // `script` gives the command a terminal.
            for (answer, count, status) in [
                ("+16195550199", 2, "1"), ("619 555-0100", 2, "1"), ("(1) 619-5550100", 0, "0"),
            ] {
                let command = "\(Program.conductor) contacts erase \(Self.phone); echo status=$?"
                let asked = await Program.finished(
                    "/usr/bin/script", ["-qec", command, "/dev/null"],
                    environment: ["CONDUCTOR_SOCKET": gateway.socket], input: answer + "\n")
                #expect(asked.output.contains("Type the number again"))
                #expect(asked.output.contains("status=\(status)") && left() == count, "\(answer): \(asked.output)")
            }
        }
    }

    @Test("what is not erased everywhere yet ends with 1, a refusal with 4")
    func unfinished() async throws {
        try await withTexts { gateway in
            gateway.fake.state.withLock { $0.storageIsAway = true }
            let away = await run(gateway, "contacts", "erase", Self.phone, "--yes")
            #expect(away.status == 1 && away.errors.contains("storage is away"))
            gateway.fake.state.withLock { $0.refusal = GatewayError(.refused, "a text is being sent just now") }
            #expect(await run(gateway, "contacts", "erase", Self.phone, "--yes").status == 4)
        }
    }

    @Test("which storages were looked into is said; one that is gone for good is forgotten by its place")
    func storages() async throws {
        let looks = [
            StorageLook(dropIn: "20-second.yaml", location: "/new.db", serves: true, texts: 3),
            StorageLook(dropIn: nil, location: "/old.db", serves: false, problem: "/old.db is not there"),
        ]
        let lines = ContactPage.lines(of: ErasureReport(isDryRun: false, storages: looks))
        #expect(lines.contains("looked into: 20-second.yaml, /new.db (serves): 3 texts erased"))
        #expect(lines.contains("not looked into: /old.db (does not serve): /old.db is not there"))
        try await ServedGateway.with { gateway in
            let done = await run(gateway, "storage", "forget", "/old.db")
            #expect(done.status == 0 && done.output.hasPrefix("/old.db is not looked into any more; 2 erasures"))
            let wrong = await run(gateway, "storage", "forget", "/new.db")
            #expect(wrong.status == 1 && wrong.errors.contains("known are: /old.db"))
        }
    }

    @Test("the routes: a number may come escaped, and what goes on by itself is 202")
    func routes() async throws {
        try await withTexts { gateway in
            func curl(_ words: [String], _ target: String) async -> String {
                await Program.finished(
                    "/usr/bin/curl",
                    ["-s", "--max-time", "20", "-w", "\n%{http_code}", "--unix-socket", gateway.socket] + words
                        + ["http://localhost/api/v1/contacts/\(target)"]
                ).output
            }
            #expect(await curl([], "%2B16195550100").contains(#""name":"Zoë""#))
            #expect(await curl([], "nobody").hasSuffix("\n400"))
            let counted = await curl(["-d", #"{"dry_run": true}"#], "+16195550100/erase")
            #expect(counted.contains(#""is_dry_run":true"#) && counted.hasSuffix("\n200"))
            gateway.fake.state.withLock { $0.storageIsAway = true }
            let unsaid = await curl(["-d", "{}"], "+16195550100/erase")
            #expect(unsaid.hasSuffix("\n400") && unsaid.contains("dry_run"), "\(unsaid)")
            #expect(await curl(["-d", #"{"dry_run": false}"#], "+16195550100/erase").hasSuffix("\n202"))
        }
    }
}
