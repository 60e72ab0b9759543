import ConsoleServer
import Foundation
import GatewayCore
import PluginKit
import Synchronization
import Testing

@testable import conductor

@Suite struct OptOutFileTests {
    private func parse(_ text: String, _ dates: OptOutFile.DateOrder? = nil) throws -> OptOutFile {
        try OptOutFile.parse(Array(text.utf8), name: "list.csv", dates: dates)
    }

    @Test(
        "D1: one list in every form that programs write it",
        arguments: [
            "+16195550101,2026-05-03,web\n+16195550102,,\n",
            "number,date,source\n+16195550101,2026-05-03,web\n+16195550102\n",
            "\u{FEFF}Phone Number;Opted Out At;Source\r\n+16195550101;2026-05-03;web\r\n+16195550102;;\r\n",
            "source\tphone\tdate\nweb\t+16195550101\t2026-05-03T00:00:00.000Z\n\t+16195550102\t\n",
            "\"+16195550101\",\"2026-05-03 00:00:00\",\"web\"\n\n  \n\"+16195550102\"",
        ])
    func forms(text: String) throws {
        let file = try parse(text)
        #expect(file.entries.map(\.number) == ["+16195550101", "+16195550102"])
        #expect(file.entries.map(\.at) == [Timestamp("2026-05-03T00:00:00.000Z"), nil])
        #expect(file.entries.map(\.source) == ["web", nil])
        #expect(file.count == 2)
        #expect(file.rejections.isEmpty)
    }

    @Test(
        "D1: dates",
        arguments: [
            ("5/3/2026", OptOutFile.DateOrder.mdy, "2026-05-03T00:00:00.000Z"),
            ("5/3/26", .dmy, "2026-03-05T00:00:00.000Z"), ("03.05.2026 14:05", .dmy, "2026-05-03T14:05:00.000Z"),
            ("5/3/2026 2:05 PM", .mdy, "2026-05-03T14:05:00.000Z"),
            ("2026-05-03T14:05:06Z", nil, "2026-05-03T14:05:06.000Z"),
        ])
    func dates(written: String, order: OptOutFile.DateOrder?, expected: String) throws {
        let file = try parse("+16195550101,\(written)\n", order)
        #expect(file.entries.map { $0.at?.description } == [expected])
    }

    @Test(
        "D1: what cannot be read is rejected with its reason",
        arguments: [
            ("+16195550101,5/3/2026", "whether day or month comes first"), ("+16195550101,2026-13-01", "no such date"),
            ("+16195550101,soon", "cannot be read"), ("\(String(repeating: "9", count: 200)),", "too long"),
        ])
    func rejected(row: String, reason: String) throws {
        let file = try parse("number,date\n" + row + "\n+16195550102,\n")
        #expect(file.rejections.map(\.line) == [2])
        #expect(file.rejections.first?.reason.contains(reason) == true)
        #expect(file.entries.count + file.rejections.count == file.count)
    }

    @Test("a file that is no list is refused in words", arguments: ["name,city\nAna,San Diego\n", "\u{0}\u{0}"])
    func noList(text: String) {
        #expect(throws: CommandFailure.self) { try parse(text) }
    }

    @Test("rejected lines are kept as they were, with the reason behind them")
    func rejects() throws {
        let folder = Scratch.folder()
        let file = try parse("number,date\n123,\n+16195550102,\n")
        try file.writeRejects([.init(line: 2, reason: "no \"number\"")], to: folder + "/r.csv")
        let text = try String(contentsOfFile: folder + "/r.csv", encoding: .utf8)
        #expect(text == "number,date,rejected_because\n123,,\"no \"\"number\"\"\"\n")
        let bare = try parse("123\n+16195550102\n")
        try bare.writeRejects([.init(line: 1, reason: "why, then")], to: folder + "/b.csv")
        let again = try parse(String(contentsOfFile: folder + "/b.csv", encoding: .utf8))
        #expect(again.entries == [.init(line: 1, number: "123")])
    }
}

@Suite struct OptOutCommandTests {
    private func run(_ gateway: ServedGateway, _ arguments: [String]) async -> Program {
        await Program.finished(Program.conductor, arguments, environment: ["CONDUCTOR_SOCKET": gateway.socket])
    }

    @Test("B10: add says who, remove needs a reason, both say so in JSON")
    func commands() async throws {
        try await ServedGateway.with { gateway in
            let added = await run(gateway, ["optout", "add", "+16195550100", "--reason", "by phone", "--json"])
            #expect(added.status == 0)
            #expect(added.output.contains(#""source":"cli""#))
            let entered = gateway.fake.state.withLock { $0.optOuts.first }
            #expect(entered?.by?.isEmpty == false)
            #expect(entered?.reason == "by phone")
            #expect(await run(gateway, ["optout", "remove", "+16195550100"]).status == 2)
            #expect(await run(gateway, ["optout", "remove", "+16195550100", "--reason", " "]).status == 2)
            let removed = await run(gateway, ["optout", "remove", "+16195550100", "--reason", "form of 3 May"])
            #expect(removed.status == 0)
            #expect(removed.output == "+16195550100  in\n")
            let listed = await run(gateway, ["optout"])
            #expect(listed.output.contains("+16195550100"))
        }
    }

    @Test("D1, D4: a list of 4,500 goes over in parts, and is added up")
    func parts() async throws {
        try await ServedGateway.with { gateway in
            let path = Scratch.folder() + "/stop-list.csv"
            let rows = (0..<4_500).map { "+1619\(String(5_550_000 + $0))" }
            try (["number,date"] + rows + ["+16195550100,yesterday"]).joined(separator: "\n").write(
                toFile: path, atomically: true, encoding: .utf8)
            let done = await run(gateway, ["optout", "import", path])
            #expect(done.output == "4501 lines = 4500 new + 0 unchanged + 1 rejected\n")
            #expect(done.status == 1)
            let imports = gateway.fake.state.withLock { $0.imports }
            #expect(imports.map(\.entries.count) == [2_000, 2_000, 500])
            #expect(imports.allSatisfy { $0.list == "stop-list" })
            #expect(imports.first?.entries.first?.line == 2)
        }
    }
}
