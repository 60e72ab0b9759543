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

        /// The id of a text that is held.
        private func held(_ world: World) async throws -> String {
            let (_, output) = try await ChildProcess.run(
                "sqlite3", [world.database, "SELECT uid FROM messages WHERE delivery_status = 'held' LIMIT 1"],
                in: world.folder)
            return output.trimmingCharacters(in: .whitespacesAndNewlines)
        }
    }
}
