import Dispatch
import GRDB
import PluginKit
import Synchronization
import Testing

@testable import SQLiteStorage

@Suite("SQLite storage: the write-ahead log")
struct LogCareTests {
    private let folder = Folder()

    /// Another program that has begun to read and does not end it.
    private func reader(of path: String) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.allowsUnsafeTransactions = true
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        try queue.inDatabase { database in
            try database.execute(sql: "BEGIN")
            _ = try Int.fetchOne(database, sql: "SELECT count(*) FROM filler")
        }
        return queue
    }

    @Test("a log that a reader holds is told about once, and emptied when that has ended, though writing goes on")
    func heldLog() async throws {
        let connection = Connection(path: folder.file("messages.db"), busyTimeout: 5, opened: {})
        let care = Upkeep.LogCare(quiet: .milliseconds(5), long: 64 << 10, endless: 1 << 20)
        let warnings = Warnings()
        let upkeep = Upkeep(connection, care: care) { warnings.add($0) }
        try await connection.check { try $0.execute(sql: "CREATE TABLE filler (text BLOB)") }

        /// Writes until `isEnough`, and never longer than half a minute.
        func write(until isEnough: () -> Bool) async throws -> Bool {
            let end = ContinuousClock.now + .seconds(30)
            while !isEnough() {
                if ContinuousClock.now > end { return false }
                try await connection.write { try $0.execute(sql: "INSERT INTO filler VALUES (zeroblob(20000))") }
                upkeep.wrote()
            }
            return true
        }

        for round in 1...2 {
            let reader = try reader(of: connection.path)
            #expect(try await write { warnings.all.count == round })
            #expect(connection.logBytes > care.endless)
            // It has been looked at again and again meanwhile.
            let before = connection.logBytes
            #expect(try await write { connection.logBytes > before + care.endless })
            try reader.close()
            #expect(try await write { connection.logBytes < care.long })
            #expect(warnings.all.count == round)
        }
        let sentence = try #require(warnings.all.first)
        #expect(sentence.contains("\(connection.path)-wal has grown to ") && sentence.contains("`fuser "))
        upkeep.end()
        await connection.close()
    }

    private final class Warnings: Sendable {
        private let sentences = Mutex<[String]>([])
        var all: [String] { sentences.withLock { $0 } }
        func add(_ sentence: String) { sentences.withLock { $0.append(sentence) } }
    }
}
