import PluginKit
import Testing

@testable import conductor

@Suite struct StorageStatusTests {
    private func run(_ gateway: ServedGateway, _ arguments: String...) async -> Program {
        await Program.finished(
            Program.conductor, ["storage", "status"] + arguments, environment: ["CONDUCTOR_SOCKET": gateway.socket])
    }

    @Test("which storage serves, the share of its quota, its tables, and what waits, at one glance")
    func page() async throws {
        try await ServedGateway.with { gateway in
            let page = await run(gateway)
            #expect(page.status == 0, "\(page.errors)")
            #expect(
                page.output.split(separator: "\n").map { $0.drop { $0 == " " } } == [
                    "● 20-supabase (supabase): Supabase abc", "12 texts and outcomes wait to be stored",
                    "3 outcomes wait for /state/messages.db until it serves again",
                    "425 MB of its quota of 500 MB: 85 %", "table       rows  size", "messages  12,345  5 MB",
                    "optouts        7",
                ])
        }
    }

    @Test("the same as JSON")
    func json() async throws {
        try await ServedGateway.with { gateway in
            let run = await run(gateway, "--json")
            #expect(run.status == 0)
            for part in [#""quota_bytes":500000000"#, #""bytes":425000000"#, #""name":"messages""#, #""lag":12"#] {
                #expect(run.output.replacing(" ", with: "").contains(part), "\(run.output)")
            }
        }
    }

    @Test("amounts of bytes as people write them in a drop-in") func amounts() {
        for (text, bytes) in [
            ("500MB", 500_000_000), ("0.5 gb", 500_000_000), ("2GiB", 2 << 30), ("1234", 1_234), ("1 kB", 1_000),
        ] as [(String, Int64)] {
            #expect(ByteCount(text)?.bytes == bytes, "\(text)")
        }
        for text in ["", "MB", "5 parsecs", "-1", "0", "1e5", "9999999999TB", "1.2.3MB"] {
            #expect(ByteCount(text) == nil, "\(text)")
        }
    }
}
