import GRDB
import Logging
import PluginKit
import Testing

@testable import GatewayCore

@Suite("What each storage has of the journal", .timeLimit(.minutes(2)))
struct StorageMarksTests {
    private let shop: Workshop

    init() throws {
        shop = try Workshop()
    }

    private func arrive(_ identity: String, at location: String? = nil) async throws -> StorageMarks.Arrival {
        let now = shop.clock.now
        return try await shop.journal.writer.write {
            try StorageMarks.arrive(identity, at: location ?? "/\(identity)", now: now, $0)
        }
    }

    private func add(_ uid: String, row: Int64? = nil, of storage: Int64? = nil) async throws {
        let now = shop.clock.now
        try await shop.journal.writer.write { database in
            _ = try OutgoingText.insert(
                OutgoingText.Birth(
                    uid: uid, storageID: row, origin: "table", purpose: .conversation, phone: "+16195550001",
                    content: "words", storage: storage),
                now: now, database)
        }
    }

    private func set(_ uid: String, _ revision: Int64, in storage: Int64) async throws {
        try await shop.journal.writer.write { try StorageMarks.set(.outbound, uid, revision, in: storage, $0) }
    }

    private func stored(_ uid: String) throws -> Int64? {
        try shop.journal.read { try $0.first("SELECT stored FROM outbound WHERE uid = ?", [uid])?["stored"] }
    }

    @Test("another storage lacks everything, and the former one knows again what it had")
    func exchanged() async throws {
        let first = try await arrive("a").id
        try await add("born")
        try await add("claimed", row: 7, of: first)
        #expect(try stored("claimed") == 1, "where it was claimed, it is known")
        try await set("born", 1, in: first)
        let second = try await arrive("b").id
        #expect(second != first)
        #expect(try stored("born") == 0 && stored("claimed") == 0)
        // What was under way to the first one when the second came.
        try await shop.journal.writer.write { try $0.run("UPDATE outbound SET revision = 2") }
        try await set("born", 2, in: first)
        #expect(try stored("born") == 0, "that is no mark of the second one")
        try await set("born", 1, in: second)
        #expect(try await arrive("a").id == first)
        #expect(try stored("born") == 2 && stored("claimed") == 1)
        #expect(try await arrive("b").id == second)
        #expect(try stored("born") == 1)
    }

    @Test("a text that was claimed from a storage that serves no more is kept until it has the outcome")
    func keptForItsStorage() async throws {
        let first = try await arrive("a").id
        try await add("claimed", row: 7, of: first)
        let second = try await arrive("b").id
        let now = shop.clock.now.milliseconds
        try await shop.journal.writer.write { database in
            try database.run(
                "UPDATE outbound SET state = 'accepted', revision = 3, stored = 3, settled_at = 1, created_at = 1")
        }
        let waiting = try shop.journal.read { try StorageMarks.waiting($0) }
        #expect(waiting.map(\.location) == ["/a"] && waiting.map(\.count) == [1])
        let console = try ConsoleStore(folder: shop.folder)
        let sweep = Sweep(
            journal: shop.journal, retention: Retention(), console: console, storage: { nil },
            clock: Restless(clock: shop.clock),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        try await sweep.sweepJournal()
        #expect(now > Retention.day * 40)
        #expect(try stored("claimed") == 3)
        try await set("claimed", 3, in: first)
        try await sweep.sweepJournal()
        #expect(try stored("claimed") == nil)
        let marks = try shop.journal.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM stored_elsewhere") }
        #expect(marks == 0 && second != first, "marks go with their text")
    }

    @Test("what the journal had before there were identities belongs to the first storage that says who it is")
    func adopted() async throws {
        try await shop.journal.writer.write { database in
            try database.run(
                """
                INSERT INTO outbound (uid, storage_id, origin, purpose, phone, content, created_at, state, revision,
                    stored) VALUES ('old', 7, 'table', 'conversation', '+16195550001', 'words', 1, 'accepted', 2, 1)
                """)
        }
        let first = try await arrive("a").id
        let row = try shop.journal.read { try $0.first("SELECT storage, stored FROM outbound") }
        #expect(row?["storage"] == first && row?["stored"] == 1)
    }

    @Test("a file that lies elsewhere gets everything again but the outcomes of its own rows")
    func moved() async throws {
        let first = try await arrive("a").id
        try await add("born")
        try await add("claimed", row: 7, of: first)
        try await set("born", 1, in: first)
        let again = try await arrive("a", at: "/elsewhere")
        #expect(again.id == first && !again.isReplacement)
        #expect(try stored("born") == 0 && stored("claimed") == 1)
    }

    @Test("another file in the same place is told")
    func replaced() async throws {
        let first = try await arrive("a", at: "/x")
        try await add("born")
        try await set("born", 1, in: first.id)
        #expect(try await arrive("b", at: "/x").isReplacement)
        #expect(try await !arrive("c", at: "/y").isReplacement)
    }
}
