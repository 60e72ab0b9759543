import Foundation
import PluginKit
import PluginTestKit
import SupabaseStandin
import Synchronization
import Testing

@testable import PluginHost

/// The plugins that come with the gateway, as built: behind the host, in its process and in workers.
@Suite(.timeLimit(.minutes(15)))
struct BundledContractTests {
    struct Bundled: Sendable, CustomTestStringConvertible {
        /// The drop-in, without `isolation`.
        var dropIn: String
        /// The file `bot` beside the drop-in.
        var program: String?
        var testDescription: String { String(dropIn.prefix { $0 != "\n" }) }
    }

    private static let isolations = ["inproc", "process"]

    private static func hosted(_ bundled: Bundled, _ isolation: String, _ workshop: Workshop) throws -> Hosted {
        if let program = bundled.program { try workshop.write("bot", program) }
        try workshop.write("50-it.yaml", bundled.dropIn + "\nisolation: \(isolation)\n")
        return Hosted(workshop, Self.adjust)
    }

    /// As the gateway finds the plugins that came with it.
    private static func adjust(_ configuration: inout PluginHost.Configuration) {
        configuration.searchPath = [Workshop.programs]
    }

    static let python = Bundled(
        dropIn: "exec: [python3, bot]",
        program: """
            import json, sys
            for line in sys.stdin:
                ask = json.loads(line)
                answer = {"id": ask["id"]}
                if ask["type"] == "hello":
                    answer["serves"] = ["responder"]
                elif ask.get("text", "").strip():
                    answer["reply"] = "re: " + ask["text"]
                print(json.dumps(answer), flush=True)

            """)
    static let shell = Bundled(
        dropIn: "exec: {command: [sh, bot], format: text}",
        program: """
            while IFS="$(printf '\\t')" read -r from text; do echo "re: $text"; done

            """)

    static let responders = [
        Bundled(dropIn: "plugin: auto-reply\nsettings: {rules: [{keyword: open, reply: At nine}], default: Thanks!}"),
        python, shell,
    ]

    @Test("responders keep the contract", arguments: ResponderContract.rules, isolations)
    func responders(_ rule: ContractRule<ResponderSubject>, isolation: String) async throws {
        for bundled in Self.responders {
            let workshop = try Workshop()
            try await rule.check(ResponderSubject { try Self.hosted(bundled, isolation, workshop) })
        }
    }

    @Test("the event log keeps the contract", arguments: NotifierContract.rules, isolations)
    func notifiers(_ rule: ContractRule<NotifierSubject>, isolation: String) async throws {
        let workshop = try Workshop()
        let folder = try workshop.open("log")
        let log = Bundled(
            dropIn: "plugin: log\nsettings: {path: \(folder)/events}\ngrants: [log, {files: {write: [\(folder)]}}]")
        try await rule.check(NotifierSubject { try Self.hosted(log, isolation, workshop) })
        #expect(try !String(contentsOfFile: folder + "/events", encoding: .utf8).isEmpty)
    }

    @Test("the storage keeps the contract", arguments: StorageContract.rules, isolations)
    func storage(_ rule: ContractRule<any StorageRig>, isolation: String) async throws {
        let rig = try await SQLiteBehindHost(isolation, Self.adjust)
        #expect(rig.storage.host.reports.map(\.isolation) == [PluginState.Isolation(rawValue: isolation)])
        #expect(rig.storage.host.customers != nil, "its rules would be passed over")
        try await rule.check(rig)
        await rig.storage.stop()
    }

    @Test(
        "the storage in a Supabase project keeps the contract", .enabled(if: Standin.isPossible),
        arguments: StorageContract.rules, isolations)
    func supabase(_ rule: ContractRule<any StorageRig>, isolation: String) async throws {
        let rig = try await SupabaseBehindHost(isolation, Self.adjust)
        #expect(rig.storage.host.reports.map(\.isolation) == [PluginState.Isolation(rawValue: isolation)])
        #expect(rig.storage.host.customers != nil, "its rules would be passed over")
        try await rule.check(rig)
        await rig.storage.stop()
    }

    @Test("gateways hear of each other through both storages, here and in a worker", arguments: isolations)
    func heartbeats(isolation: String) async throws {
        var hosted = [try await SQLiteBehindHost(isolation, Self.adjust).storage]
        if Standin.isPossible { hosted.append(try await SupabaseBehindHost(isolation, Self.adjust).storage) }
        for storage in hosted {
            for (gateway, sims) in [("a/1", ["8901", "8902"]), ("b/2", [])] {
                _ = try await storage.heartbeat(
                    GatewayPresence(gateway: gateway, version: "1", sims: sims, modems: 2), context: .init())
            }
            let fleet = try await storage.heartbeat(
                GatewayPresence(gateway: "c/3", version: "1", sims: [], modems: 0), context: .init())
            #expect(fleet.map(\.gateway) == ["a/1", "b/2", "c/3"])
            #expect(fleet.first?.sims == ["8901", "8902"])
            await storage.stop()
        }
    }

    @Test("rows of the CRM go through both storages, here and in a worker", arguments: isolations)
    func records(isolation: String) async throws {
        var hosted = [try await SQLiteBehindHost(isolation, Self.adjust).storage]
        if Standin.isPossible { hosted.append(try await SupabaseBehindHost(isolation, Self.adjust).storage) }
        for storage in hosted {
            let record = CustomerRecord(["sku": .text("T1"), "retail_price": .number("5.5"), "row": .text("x")])
            let batch = RecordBatch(table: .products, records: [record], replaces: true)
            let reply = try await storage.putRecords(batch, context: .init())
            #expect(reply == RecordReply(outcomes: [.inserted], unplaced: ["row"]))
            let page = try await storage.records(RecordQuery(table: .products), context: .init())
            #expect(page.map { $0["retail_price"] } == [.number("5.5")])
            await storage.stop()
        }
    }

    @Test("a change of another program reaches the host from a storage in a worker", arguments: isolations)
    func changes(isolation: String) async throws {
        let rig = try await SQLiteBehindHost(isolation, Self.adjust)
        let services = rig.storage.workshop.services
        let before = services.changes.withLock { $0 }
        try rig.insertForeign(phone: "+16195550101", content: "hi")
        #expect(await eventually { services.changes.withLock { $0 } > before })
        await rig.storage.stop()
    }

    @Test("without the grant of its folder, a storage in a worker cannot open its file, and says so")
    func ungranted() async throws {
        let workshop = try Workshop()
        let folder = try workshop.open("db")
        try workshop.write(
            "10-sqlite.yaml", "plugin: sqlite\nisolation: process\nsettings: {path: \(folder)/messages.db}\n")
        let host = await workshop.started(Self.adjust)
        let error = await #expect(throws: PluginError.self) { try await host.standingStorage.put([]) }
        #expect(error?.message.contains("\(folder)/messages.db") == true, "\(error?.message ?? "")")
        #expect(!FileManager.default.fileExists(atPath: folder + "/messages.db"))
        await host.stop()
    }

    @Test("a program under the fence starts time after time", arguments: [python, shell])
    func manyStarts(_ bundled: Bundled) async throws {
        let workshop = try Workshop()
        for round in 1...12 {
            let hosted = try Self.hosted(bundled, "process", workshop)
            try await hosted.start()
            try await withThrowingTaskGroup(of: String.self) { group in
                for number in 0..<8 {
                    group.addTask { try await hosted.respond(to: text("\(round) \(number)"), context: .init()).text }
                }
                var answers: Set<String> = []
                for try await answer in group { answers.insert(answer) }
                #expect(answers == Set((0..<8).map { "re: \(round) \($0)" }))
            }
            await hosted.stop()
        }
    }
}

/// The SQLite storage as built, behind a host, with the sqlite3 program as the foreign one.
struct SQLiteBehindHost: StorageRig {
    let storage: Hosted
    let clock: TestClock
    let obeysClock = false
    private let path: String

    init(_ isolation: String, _ adjust: (inout PluginHost.Configuration) -> Void) async throws {
        let workshop = try Workshop()
        let folder = try workshop.open("db")
        let path = folder + "/messages.db"
        self.path = path
        try workshop.write(
            "10-sqlite.yaml",
            """
            plugin: sqlite
            isolation: \(isolation)
            grants: [log, clock, storage_events, {files: {write: [\(folder)]}}]
            settings: {path: \(path)}

            """)
        storage = Hosted(workshop, adjust)
        clock = TestClock { milliseconds in
            do {
                try Self.sqlite(path, Self.aging(by: milliseconds))
            } catch {
                Issue.record(error)
            }
        }
        try await storage.start()
    }

    /// Whatever the file knows of happened so much earlier.
    private static func aging(by milliseconds: Int64) -> String {
        func assignments(_ columns: [String]) -> String {
            let seconds = Double(milliseconds) / 1000
            return columns.map { "\($0) = strftime('%Y-%m-%dT%H:%M:%fZ', \($0), '-\(seconds) seconds')" }
                .joined(separator: ", ")
        }
        let times = ["timestamp", "created_at", "updated_at", "claim_until", "not_before", "seen_at"]
        return "UPDATE messages SET \(assignments(times)); "
            + "UPDATE conductor_contact SET \(assignments(["since", "last"])); "
            + "UPDATE conductor_gateways SET \(assignments(["seen"]))"
    }

    func insertForeign(phone: String?, content: String?) throws {
        func literal(_ text: String?) -> String { text.map { "'\($0)'" } ?? "NULL" }
        try Self.sqlite(
            path,
            """
            INSERT INTO messages (phone_number, content, status, direction)
            VALUES (\(literal(phone)), \(literal(content)), 'queued', 'outbound')
            """)
    }

    func runForeign(_ sql: String) throws -> Bool {
        try Self.sqlite(path, sql)
        return true
    }

    func name(sim: String, in content: String) throws -> Bool {
        try runForeign("UPDATE messages SET sim = '\(sim)' WHERE content = '\(content)'")
    }

    private static func sqlite(_ path: String, _ sql: String) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["sqlite3", "-bail", "-cmd", ".timeout 5000", path, sql]
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw CocoaError(.fileWriteUnknown) }
    }
}
