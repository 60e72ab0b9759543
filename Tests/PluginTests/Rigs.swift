import Foundation
import PluginKit
import PluginTestKit
import Synchronization

@testable import SQLiteStorage

/// Counts, and lets a test wait for a count.
final class Counter: Sendable {
    private let count = Mutex(0)
    var value: Int { count.withLock { $0 } }
    func add() { count.withLock { $0 += 1 } }

    /// False when `wanted` was not reached before the deadline.
    func reaches(_ wanted: Int, within limit: Duration = .seconds(5)) async -> Bool {
        let end = ContinuousClock.now + limit
        while value < wanted {
            if ContinuousClock.now > end { return false }
            await Task.yield()
        }
        return true
    }
}

/// A folder of the test's own, gone with it.
final class Folder: Sendable {
    let path: String
    init() {
        path = FileManager.default.temporaryDirectory.appending(path: "plugin-tests-\(UUID().uuidString)").path
        try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }
    deinit { try? FileManager.default.removeItem(atPath: path) }
    func file(_ name: String) -> String { path + "/" + name }
}

/// SQLite storage on a file of its own, with the sqlite3 program as the foreign one.
struct SQLiteRig: StorageRig {
    let folder = Folder()
    let clock = TestClock()
    let changes = Counter()
    let storage: SQLiteMessages

    var path: String { folder.file("messages.db") }

    init() async throws {
        storage = try Self.make(folder, clock, changes)
        try await storage.start()
    }

    static func make(_ folder: Folder, _ clock: TestClock, _ changes: Counter) throws -> SQLiteMessages {
        let host = Host(
            baseFolder: folder.path, now: { [weak clock] in clock?.now ?? HostFunctions.timeOfDay },
            storageChanged: { changes.add() })
        return try SQLiteMessages(host: host, settings: Settings())
    }

    func insertForeign(phone: String?, content: String?) throws {
        func literal(_ text: String?) -> String { text.map { "'\($0)'" } ?? "NULL" }
        try sqlite(
            """
            INSERT INTO messages (phone_number, content, status, direction)
            VALUES (\(literal(phone)), \(literal(content)), 'queued', 'outbound')
            """)
    }

    func runForeign(_ sql: String) throws -> Bool {
        try sqlite(sql)
        return true
    }

    func name(sim: String, in content: String) throws -> Bool {
        try sqlite("UPDATE messages SET sim = '\(sim)' WHERE content = '\(content)'")
        return true
    }

    @discardableResult
    func sqlite(_ sql: String) throws -> String { try runSQLite(path, sql) }
}

struct CommandFailed: Error {
    let message: String
}

/// Runs the sqlite3 program. Its status 17 is SQLITE_SCHEMA: the schema was made anew, as at a start, while the statement was
/// compiled; nothing was done, and it goes again, as every program must do it.
@discardableResult
func runSQLite(_ path: String, _ sql: String) throws -> String {
    for _ in 0..<50 {
        let (status, output, problem) = try runSQLiteOnce(path, sql)
        if status == 0 { return output.trimmingCharacters(in: .whitespacesAndNewlines) }
        guard status == 17 else { throw CommandFailed(message: problem) }
    }
    throw CommandFailed(message: "the schema changes without end")
}

private func runSQLiteOnce(_ path: String, _ sql: String) throws -> (status: Int32, output: String, problem: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["sqlite3", "-bail", "-cmd", ".timeout 5000", path, sql]
    let (output, errors) = (Pipe(), Pipe())
    (process.standardOutput, process.standardError) = (output, errors)
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    let problem = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return (process.terminationStatus, text, problem)
}
