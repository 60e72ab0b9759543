import Foundation
import GRDB
import SupabaseStandin
import Testing

extension EndToEnd {
    /// `make many TEXTS=100000`; some thousands, which are more than one answer of Supabase holds, in `make test`.
    @Suite("Many texts", .enabled(if: Standin.isPossible))
    struct Many {
        /// A text as this test's own SQL has it, in both storages.
        private static let line = [
            "phone_number", "direction", "status", "coalesce(delivery_status, '-')", "coalesce(content, '')",
        ].joined(separator: " || '|' || ")

        /// How long a command about so many texts may take. Seconds.
        private static func patience(_ rows: Int) -> Double { 60 + Double(rows) / 50 }

        /// A world whose texts are in Supabase, with SQLite beside it.
        private struct Shop {
            let world: World
            let standin: Standin
            var path: String { world.state + "/local.db" }

            init(_ world: World) throws {
                self.world = world
                let project = try Project(.migrated, for: world)
                guard let standin = project.standin else { throw Failure("there is no stand-in for Supabase") }
                self.standin = standin
                try world.drop("30-sqlite", "plugin: sqlite\nenabled: false\nsettings: {path: local.db}\n")
            }

            /// Years of texts, as other programs left them: with and without uid, words in three scripts, nothing at all.
            func fill(_ rows: Int) throws {
                try standin.psql(
                    """
                    insert into public.messages (phone_number, content, direction, status, "timestamp", uid)
                    select '+1619556' || lpad((i % 4000)::text, 4, '0'),
                        case when i % 97 = 0 then null when i % 2 = 0 then 'zebra ' || i || E' ñ🎉\\n"quoted", it''s'
                            else 'row ' || i end,
                        case when i % 3 = 0 then 'outbound' else 'inbound' end,
                        case when i % 3 = 0 then (array['sent', 'failed'])[1 + i / 3 % 20 / 19]
                            when i % 5 = 0 then 'unread' else 'read' end,
                        timestamptz '2025-01-01T08:00:00.123Z' + i * interval '1 minute',
                        case when i % 2 = 0 then 'old-' || i end
                    from generate_series(1, \(rows)) i
                    """)
            }

            /// Everything, word for word.
            func inSupabase() throws -> [String] {
                let time = #"to_char("timestamp" at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')"#
                return try standin.psql(
                    "select replace(\(Many.line) || '|' || \(time), E'\\n', '/') from public.messages"
                ).split(separator: "\n").map(String.init).sorted()
            }

            func inSQLite() throws -> [String] {
                try table { database in
                    try String.fetchAll(
                        database, sql: "SELECT replace(\(Many.line) || '|' || timestamp, char(10), '/') FROM messages")
                }.sorted()
            }

            func table<T>(_ body: (Database) throws -> T) throws -> T {
                var configuration = Configuration()
                configuration.busyMode = .timeout(10)
                return try DatabaseQueue(path: path, configuration: configuration).write(body)
            }

            private struct Text: Decodable {
                var storageId: Int64
                var phone: String
                var content: String
                var timestamp: String
            }

            /// What a person is given, page after page.
            private func list(_ rows: Int, _ words: [String]) async throws -> [Text] {
                try await world.texts(
                    ["--limit", "\(rows + 1)"] + words, as: Text.self, within: Many.patience(rows))
            }

            /// Lists and searches have every text once, newest first, far behind what one answer holds.
            func expectLists(_ rows: Int, zebras: Int, in storage: String) async throws {
                let all = try await list(rows, [])
                #expect(all.count == rows, "\(storage): all texts")
                #expect(Set(all.map(\.storageId)).count == rows, "\(storage): each of them once")
                #expect(
                    zip(all, all.dropFirst()).allSatisfy { $0.0.storageId > $0.1.storageId },
                    "\(storage): in their order")
                let found = try await list(rows, ["--search", "zebra"])
                #expect(found.count == zebras, "\(storage): a search")
                #expect(found.allSatisfy { $0.content.contains("zebra") }, "\(storage): and finds nothing else")
                #expect(Set(found.map(\.storageId)).count == zebras, "\(storage): each of those found once")
                let one = all[rows / 2].phone
                let ofOne = try await list(rows, ["--phone", one])
                let wanted = all.filter { $0.phone == one }.map(\.storageId)
                #expect(ofOne.map(\.storageId) == wanted, "\(storage): one person's")
            }
        }

        @Test("lists, search and pages are right past what one answer holds, and switching both ways gives the same")
        func many() async throws {
            let rows = TestTime.number("CONDUCTOR_MANY_ROWS", or: 2_400)
            try await withWorld(answering: true) { world in
                let shop = try Shop(world)
                try shop.fill(rows)
                try await world.startGateway()
                let zebras = rows / 2 - rows / 194
                try await shop.expectLists(rows, zebras: zebras, in: "Supabase")
                let before = try shop.inSupabase()
                #expect(before.count == rows)

                var began = now()
                var (status, output) = try await world.command(
                    ["storage", "switch", "sqlite"], within: Self.patience(rows))
                #expect(status == 0 && output.contains("checksum"), "\(output)")
                let there = now() - began
                #expect(try shop.inSupabase() == before, "what was there stays as it was")
                #expect(try shop.inSQLite() == before)
                try await shop.expectLists(rows, zebras: zebras, in: "SQLite")

                // Meanwhile there is more, and some was read.
                let more = rows / 10
                try shop.table { database in
                    try database.execute(
                        sql: """
                            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
                            INSERT INTO messages (phone_number, content, direction, status, timestamp)
                                SELECT '+16195569' || (100 + i % 900), 'zebra of here ' || i, 'inbound', 'read',
                                    '2026-11-01T10:00:00.000Z' FROM n;
                            UPDATE messages SET status = 'read' WHERE status = 'unread' AND id % 2 = 0;
                            """, arguments: [more])
                }
                began = now()
                (status, output) = try await world.command(
                    ["storage", "switch", "supabase"], within: Self.patience(rows))
                #expect(status == 0 && output.contains("checksum"), "\(output)")
                let back = now() - began
                let (left, right) = (try shop.inSQLite(), try shop.inSupabase())
                #expect(left == right && left.count == rows + more)
                try await shop.expectLists(rows + more, zebras: zebras + more, in: "Supabase again")
                try world.ledger.refresh()
                #expect(world.ledger.submitted.isEmpty, "nothing is sent by it")
                report(
                    String(
                        format: "%d texts: from Supabase to SQLite in %.1f s, back with %d more in %.1f s", rows,
                        there / 1_000, more, back / 1_000))
            }
        }
    }
}
