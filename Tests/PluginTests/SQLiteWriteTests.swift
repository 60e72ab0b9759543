import Dispatch
import Foundation
import GRDB
import PluginKit
import PluginTestKit
import Synchronization
import Testing

@testable import SQLiteStorage

@Suite("SQLite storage: many writes, many rows")
struct SQLiteWriteTests {
    private let folder = Folder()

    /// A file with a table, whose writes stand still until all of them wait.
    private final class Held: Sendable {
        let connection: Connection
        /// How often any of the writes was run.
        let runs = Mutex(0)
        private let gate = DispatchSemaphore(value: 0)
        private let stands = Mutex(false)

        init(_ folder: Folder) async throws {
            connection = Connection(path: folder.file("messages.db"), busyTimeout: 5, opened: {})
            try await connection.check { try $0.execute(sql: "CREATE TABLE numbers (number INTEGER)") }
        }

        /// The results of writes that all waited before the first was run.
        func write(_ numbers: [Int]) async throws -> [Result<Int, PluginError>] {
            // The one queue of all writes stands still meanwhile.
            async let standstill: Void = connection.check { [self] _ in
                stands.withLock { $0 = true }
                gate.wait()
            }
            // A write that came before it would be done already, and never wait.
            while !stands.withLock({ $0 }) { await Task.yield() }
            var writes: [Task<Result<Int, PluginError>, Never>] = []
            for number in numbers {
                writes.append(Task { await self.insert(number) })
                // In this order.
                while connection.turns.count < writes.count { await Task.yield() }
            }
            gate.signal()
            try await standstill
            stands.withLock { $0 = false }
            var results: [Result<Int, PluginError>] = []
            for write in writes { results.append(await write.value) }
            return results
        }

        private func insert(_ number: Int) async -> Result<Int, PluginError> {
            do throws(PluginError) {
                return .success(
                    try await connection.write { [self] db in
                        runs.withLock { $0 += 1 }
                        if number < 0 { throw PluginError(.invalid, "less than nothing") }
                        try db.execute(sql: "INSERT INTO numbers VALUES (?)", arguments: [number])
                        return number
                    })
            } catch {
                return .failure(error)
            }
        }

        /// Transactions in the write-ahead log: frames that say how large the file is then.
        func commits() throws -> Int {
            let log = try Data(contentsOf: URL(fileURLWithPath: connection.path + "-wal"))
            let frame = 24 + 4_096
            return stride(from: 32, to: log.count - 23, by: frame).count { log[$0 + 4..<$0 + 8].contains { $0 != 0 } }
        }

        func stored() async throws -> [Int] {
            try await connection.read { try Int.fetchAll($0, sql: "SELECT number FROM numbers ORDER BY rowid") }
        }
    }

    @Test("writes that wait together become durable in one transaction, in their order")
    func together() async throws {
        let held = try await Held(folder)
        let before = try held.commits()
        let results = try await held.write(Array(1...10))
        #expect(try results.map { try $0.get() } == Array(1...10))
        #expect(try held.commits() == before + 1)
        #expect(held.runs.withLock { $0 } == 10)
        #expect(try await held.stored() == Array(1...10))
        await held.connection.close()
    }

    @Test("one that is refused is told so, and spoils no other")
    func refused() async throws {
        let held = try await Held(folder)
        let results = try await held.write([1, 2, -3, 4])
        #expect(results.map { (try? $0.get()) ?? 0 } == [1, 2, 0, 4])
        guard case .failure(let error) = results[2] else { return }
        #expect(error.code == .invalid && error.message == "less than nothing")
        // Three together, then each alone.
        #expect(held.runs.withLock { $0 } == 3 + 4)
        #expect(try await held.stored() == [1, 2, 4])
        await held.connection.close()
    }

    @Test("more than one transaction takes is written all the same")
    func many() async throws {
        let held = try await Held(folder)
        let before = try held.commits()
        _ = try await held.write(Array(1...40))
        #expect(try await held.stored() == Array(1...40))
        #expect(try held.commits() == before + 3)
        await held.connection.close()
    }

    @Test("a batch of any size is stored as it is", arguments: [1, 7, 8, 9, 31, 32, 33, 73, 1_000])
    func sizes(_ count: Int) async throws {
        let rig = try await SQLiteRig()
        let texts = (0..<count).map { number in
            var text = Message.inbound(
                "u\(number)", ["", "ü€😀", "a\"'; --", "line\nline", "x"][number % 5] + "\(number)")
            if number % 5 == 0 { text.content = "" }
            if number % 3 == 0 {
                text.modemIndex = Int32(number)
                text.sim = "sim"
                text.incomplete = true
                text.modemUTCOffset = -480
            }
            return text
        }
        try await rig.storage.put(texts, context: .init())
        let stored = try await rig.storage.all()
        #expect(stored.count == count)
        for (text, row) in zip(texts, stored.sorted { ($0.storageID ?? 0) < ($1.storageID ?? 0) }) {
            #expect(row.uid == text.uid && row.content == text.content && row.modemIndex == text.modemIndex)
            #expect(row.sim == text.sim && row.incomplete == text.incomplete)
            #expect(row.modemUTCOffset == text.modemUTCOffset && row.answers == nil && row.deliveryStatus == nil)
        }
        await rig.storage.stop()
    }

    @Test("of a text that is twice in one batch the last counts; one without uid spoils its batch, and nothing else")
    func batch() async throws {
        let rig = try await SQLiteRig()
        try await rig.storage.put(
            (0..<40).map { Message.inbound("u\($0 % 39)", "word \($0)") }, context: .init())
        #expect(try await rig.storage.all().count == 39)
        #expect(try await rig.storage.all().first { $0.uid == "u0" }?.content == "word 39")
        var texts = (0..<40).map { Message.inbound("v\($0)", "x") }
        texts[37].uid = nil
        let error = await #expect(throws: PluginError.self) { try await rig.storage.put(texts, context: .init()) }
        #expect(error?.code == .invalid)
        #expect(try await rig.storage.all().count == 39)
        try await rig.storage.put([.inbound("w", "x")], context: .init())
        #expect(try await rig.storage.all().count == 40)
        await rig.storage.stop()
    }
}
