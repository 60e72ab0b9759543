import Dispatch
import GRDB
import Synchronization
import Testing

@testable import GatewayCore

@Suite("The journal's writer")
struct JournalWriterTests {
    private struct Refusal: Error {}

    private func insert(_ key: String, _ database: Database) throws {
        try database.execute(sql: "INSERT INTO meta VALUES (?, 'x')", arguments: [key])
    }

    @Test("a job that throws takes nothing with it of those it shares a commit with")
    func savepoints() async throws {
        let shop = try Workshop()
        let writer = shop.journal.writer
        let gate = DispatchSemaphore(value: 0)
        // While this one is under way, the others gather for one commit.
        let runs = Mutex(0)
        writer.record { _ in
            let isFirst = runs.withLock { runs in
                runs += 1
                return runs == 1
            }
            if isFirst { gate.wait() }
        }
        writer.record { try insert("before", $0) }
        writer.record { database in
            try insert("refused", database)
            throw Refusal()
        }
        writer.record { try insert("after", $0) }
        gate.signal()
        try await writer.write { _ in }
        let kept = try shop.journal.read {
            try String.fetchAll($0, sql: "SELECT key FROM meta WHERE value = 'x' ORDER BY key DESC")
        }
        #expect(kept == ["before", "after"])
    }

    @Test("a record is committed though nobody waits and nothing follows")
    func aloneInTime() async throws {
        let shop = try Workshop()
        shop.journal.writer.record { try insert("alone", $0) }
        #expect(try await shop.eventually { try shop.count("SELECT count(*) FROM meta WHERE key = 'alone'") == 1 })
    }
}
