import Foundation
import Testing

extension EndToEnd {
    @Suite("Import") struct Import {
        @Test(
            "decision 7: of an old file nothing is sent or answered, twice imported it is there once, and a person releases what waited"
        )
        func oldFile() async throws {
            try await withWorld { world in
                try await world.startGateway()
                let file = world.folder + "/olive_sms.db"
                let (status, output) = try await ChildProcess.run(
                    "sqlite3",
                    [
                        file,
                        """
                        CREATE TABLE messages (id INTEGER PRIMARY KEY, phone_number TEXT, content TEXT, timestamp TEXT,
                            modem_timestamp TEXT, status TEXT, direction TEXT, modem_index TEXT, message_hash TEXT UNIQUE,
                            retry_count INTEGER, updated_at TEXT);
                        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1500)
                        INSERT INTO messages (phone_number, content, timestamp, status, direction)
                            SELECT '(619) 556-' || (1000 + i % 50), 'old ' || i, strftime('%Y-%m-%d %H:%M:%S', 'now', '-1 minute'),
                                CASE i % 3 WHEN 0 THEN 'queued' WHEN 1 THEN 'unread' ELSE 'sent' END,
                                CASE i % 3 WHEN 1 THEN 'inbound' ELSE 'outbound' END FROM n;
                        """,
                    ], in: world.folder)
                try #require(status == 0, "\(output)")
                let first = try await world.command("storage", "import", file)
                #expect(
                    first.status == 0 && first.output.contains("1,500 rows read = 1,500 new + 0 known + 0 rejected"))
                #expect(first.output.contains("500 rows waited to be sent: they are held"))
                let table = try Table(path: world.database)
                #expect(try table.count("status = 'unread' AND phone_number LIKE '+1619556%'") == 500)
                #expect(try table.count("status = 'queued'") == 0)
                #expect(try table.count("delivery_status = 'held' AND status = 'failed'") == 500)
                let second = try await world.command("storage", "import", file)
                #expect(second.output.contains("1,500 rows read = 0 new + 1,500 known + 0 rejected"))
                #expect(try table.count("1") == 1_500)

                // The gateway goes on: what comes now is answered, and nothing else went out before it.
                try world.text(0, from: "+16195560001", "hello")
                try await eventually("the new text is answered", within: 60) {
                    try table.count("direction = 'outbound' AND origin LIKE 'responder:%' AND status = 'sent'") == 1
                }
                #expect(try world.ledger.count("submitted") == 1)
                let bulk = try await world.command("messages", "retry", "--failed", "--class", "temporary", "--yes")
                #expect(bulk.status == 0, "\(bulk.output)")
                // A person wants one of them sent after all.
                let uid = try await held(world)
                #expect(try await world.command("messages", "retry", uid).status == 0)
                try await eventually("it is sent", within: 60) {
                    try table.count("uid = '\(uid)' AND status = 'sent'") == 1
                }
                #expect(try table.count("delivery_status = 'held'") == 499)
                #expect(try table.count("1") == 1_502)
                #expect(try world.ledger.count("submitted") == 2)
                try table.close()
            }
        }

        @Test("old texts leave storage for a file while texts come and go; what is waited for and consent stay")
        func archive() async throws {
            try await withWorld { world in
                try world.drop("10-sqlite", "plugin: sqlite\nsettings: {quota: 200kB}\n")
                try await world.startGateway()
                let (status, output) = try await ChildProcess.run(
                    "sqlite3",
                    [
                        world.database,
                        """
                        PRAGMA busy_timeout = 5000;
                        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1200)
                        INSERT INTO messages (phone_number, content, timestamp, status, direction, delivery_status)
                            SELECT '+1619556' || (1000 + i % 50), 'old ' || i, '2025-01-03T10:22:33.000Z',
                                CASE WHEN i % 6 = 0 THEN 'unread' WHEN i % 2 = 0 THEN 'read' ELSE 'sent' END,
                                CASE WHEN i % 2 = 0 THEN 'inbound' ELSE 'outbound' END,
                                CASE WHEN i % 6 = 1 THEN 'unknown' END FROM n;
                        INSERT INTO optouts (phone_number, timestamp) VALUES ('+16195561001', '2025-01-03T10:22:33.000Z');
                        """,
                    ], in: world.folder)
                try #require(status == 0, "\(output)")
                #expect(try await world.status().alarms.contains { $0.kind == "storage.quota" })
                let file = world.folder + "/old.jsonl"
                let young = try await world.command("storage", "archive", "--before", "2d", "--to", file)
                #expect(young.status == 4 && young.output.contains("the journal's, too"), "\(young.output)")
                try world.text(0, from: "+16195560001", "hello")
                let run = try await world.command("storage", "archive", "--before", "2025-06-01", "--to", file)
                #expect(run.status == 0 && run.output.contains("800 texts are in \(file), verified; 800 left storage"))
                #expect(run.output.contains("400 that are as old stay"), "\(run.output)")
                let table = try Table(path: world.database)
                #expect(try table.count("content LIKE 'old %'") == 400)
                #expect(try table.count("status = 'unread' AND content LIKE 'old %'") == 200)
                #expect(try table.count("delivery_status = 'unknown'") == 200)
                #expect(try table.count("(SELECT count(*) FROM optouts) = 1") > 0)
                try await eventually("the new text is answered", within: 60) {
                    try table.count("direction = 'outbound' AND status = 'sent' AND origin LIKE 'responder:%'") == 1
                }
                let lines = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n")
                #expect(lines.count == 802)
                let sizes = try await world.command("storage", "status")
                #expect(sizes.status == 0 && sizes.output.contains("messages") && sizes.output.contains("10-sqlite"))
                try table.close()
            }
        }

        @Test("without a gateway both commands do the same work and say the same; while one runs, it is named")
        func alone() async throws {
            try await withWorld { world in
                let (old, kept) = (world.folder + "/olive_sms.db", world.folder + "/old.jsonl")
                let (status, output) = try await ChildProcess.run(
                    "sqlite3",
                    [
                        old,
                        """
                        CREATE TABLE messages (id INTEGER PRIMARY KEY, phone_number TEXT, content TEXT, timestamp TEXT,
                            status TEXT, direction TEXT, modem_index TEXT);
                        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1100)
                        INSERT INTO messages SELECT i, '(619) 556-' || (1000 + i % 50),
                            CASE WHEN i < 1100 THEN 'old ' || i END, '2025-01-03 10:22:33',
                            CASE i % 3 WHEN 0 THEN 'queued' WHEN 1 THEN 'unread' ELSE 'sent' END,
                            CASE i % 3 WHEN 1 THEN 'inbound' ELSE 'outbound' END, '3' FROM n;
                        """,
                    ], in: world.folder)
                try #require(status == 0, "\(output)")
                var seen: [[String]] = []
                let files = FileManager.default
                for isRunning in [false, true] {
                    for name in try files.contentsOfDirectory(atPath: world.state) where name.hasPrefix("messages.db") {
                        try files.removeItem(atPath: "\(world.state)/\(name)")
                    }
                    if isRunning { try await world.startGateway() }
                    let folder = isRunning ? [] : ["--plugins", world.plugins]
                    let imported = try await world.command(["storage", "import", old, "--json"] + folder)
                    #expect(imported.status == 1 && imported.output.contains("1099"), "\(imported.output)")
                    let archived = try await world.command(
                        ["storage", "archive", "--before", "2025-06-01", "--to", kept, "--json"] + folder)
                    #expect(archived.status == 0, "\(archived.output)")
                    // The first line says when.
                    let lines = try String(contentsOfFile: kept, encoding: .utf8).split(separator: "\n").dropFirst()
                    try files.removeItem(atPath: kept)
                    let table = try Table(path: world.database)
                    let rows = try table.rows().map { "\($0.phone) \($0.status) \($0.delivery ?? "-") \($0.content)" }
                    try table.close()
                    #expect(lines.count > 300 && rows.count > 300 && lines.count + rows.count == 1_100)
                    seen.append([imported.output, archived.output] + lines.map(String.init) + rows)
                }
                #expect(seen[0] == seen[1])
                #expect(try world.ledger.count("submitted") == 0)
                let refused = try await world.command(
                    "storage", "import", old, "--state", world.state, "--plugins", world.plugins)
                #expect(refused.status == 4 && refused.output.contains("the gateway runs"), "\(refused.output)")
                #expect(refused.output.contains("process "))
            }
        }

        @Test("an import without a gateway is named to whoever comes meanwhile, and gone on with after kill -9")
        func killed() async throws {
            try await withWorld { world in
                let old = world.folder + "/olive_sms.db"
                let (status, output) = try await ChildProcess.run(
                    "sqlite3",
                    [
                        old,
                        """
                        CREATE TABLE messages (id INTEGER PRIMARY KEY, phone_number TEXT, content TEXT, timestamp TEXT,
                            status TEXT, direction TEXT);
                        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
                        INSERT INTO messages SELECT i, '(619) 556-' || (1000 + i % 50), 'old ' || i,
                            '2025-01-03 10:22:33', 'read', 'inbound' FROM n;
                        """,
                    ], in: world.folder)
                try #require(status == 0, "\(output)")
                let words = ["storage", "import", old, "--state", world.state, "--plugins", world.plugins]
                let first = try ChildProcess(World.conductor, words, output: world.folder + "/import.out")
                defer { first.end() }
                func count() throws -> Int {
                    guard FileManager.default.fileExists(atPath: world.database) else { return 0 }
                    return (try? Table(path: world.database).count("1")) ?? 0
                }
                try await eventually("some are there", within: 60) { try count() > 0 }
                let second = try await world.command(words)
                #expect(second.status == 4 && second.output.contains("`conductor storage import`"), "\(second.output)")
                #expect(second.output.contains("wait for its end"))
                #expect(first.isRunning, "it was too fast for this test")
                first.end()
                let there = try count()
                #expect(there > 0 && there < 10_000)
                let third = try await world.command(words + ["--json"])
                #expect(third.status == 0 && third.output.replacing(" ", with: "").contains(#""known":\#(there)"#))
                #expect(try count() == 10_000)
            }
        }

        /// The id of a text that is held.
        private func held(_ world: World) async throws -> String {
            let (_, output) = try await ChildProcess.run(
                "sqlite3", [world.database, "SELECT uid FROM messages WHERE delivery_status = 'held' LIMIT 1"],
                in: world.folder)
            return output.trimmingCharacters(in: .whitespacesAndNewlines)
        }
    }
}
