import Foundation
import GatewayCore
import Synchronization
import Testing

@testable import conductor

@Suite struct StorageImportTests {
    private static func run(_ gateway: ServedGateway, _ arguments: String...) async -> Program {
        await Program.finished(
            Program.conductor, ["storage", "import"] + arguments, environment: ["CONDUCTOR_SOCKET": gateway.socket])
    }

    /// A file of the former system with this many texts, the last one without words.
    private static func file(_ gateway: ServedGateway, _ count: Int) -> String {
        let path = gateway.folder + "/olive_sms.db"
        let sql = """
            CREATE TABLE messages (id INTEGER PRIMARY KEY, phone_number TEXT, content TEXT, timestamp TEXT, status TEXT,
                direction TEXT, modem_index TEXT);
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(count))
            INSERT INTO messages SELECT i, '+1619555' || (1000 + i % 9000), CASE WHEN i < \(count) THEN 'text ' || i END,
                '2025-01-03 10:22:33', 'read', 'inbound', '3' FROM n;
            """
        #expect(Program.run("/usr/bin/sqlite3", [path, sql]).status == 0)
        return path
    }

    @Test("D1: lines in = new + known + rejected; a second run and one after a cut add nothing that is there; D4")
    func twice() async throws {
        try await ServedGateway.with { gateway in
            let file = Self.file(gateway, 1_201)
            // One that is none: no request holds it.
            let long =
                "INSERT INTO messages SELECT 0, '+16195550100', hex(zeroblob(600000)), '2025-01-03', 'read', 'inbound', ''"
            #expect(Program.run("/usr/bin/sqlite3", [file, long]).status == 0)
            let trial = await Self.run(gateway, file, "--dry-run")
            #expect(trial.output.hasPrefix("1,202 rows read = 1,200 new + 0 known + 2 rejected (nothing was changed)"))
            let first = await Self.run(gateway, file)
            #expect(first.status == 1 && first.output.hasPrefix("1,202 rows read = 1,200 new + 0 known + 2 rejected\n"))
            #expect(
                first.output.contains("row 1201: it has no text") && first.output.contains("row 0: its text is longer"))
            let second = await Self.run(gateway, file, "--json")
            let text = second.output.replacing(" ", with: "")
            #expect(text.contains(#""known":1200"#) && text.contains(#""new":0"#), "\(text)")
            gateway.fake.state.withLock { $0.refusal = .init(.unavailable, "storage does not take them") }
            let away = await Self.run(gateway, file)
            #expect(away.status == 1 && away.errors.contains("storage does not take them"))
        }
    }

    @Test("a wrong file is refused before anything is asked")
    func wrong() async throws {
        try await ServedGateway.with { gateway in
            let run = await Self.run(gateway, "/bin/sh")
            #expect(run.status == 2 && run.errors.contains("/bin/sh is no SQLite file"), "\(run.errors)")
            #expect(await Self.run(gateway, "/nowhere.db").status == 1)
        }
    }
}
