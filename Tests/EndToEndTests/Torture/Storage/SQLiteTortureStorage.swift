import Foundation
import GRDB
import Glibc

/// A file of this machine, behind a plugin that can be told to behave like a database far away.
final class SQLiteTortureStorage: TortureStorage {
    /// As `FaultyStorage` knows them; and another program of this machine that holds the table's lock.
    static let faults = ["down", "error", "lost", "slow 80", "late 1600", "stale 1300", "lock"]

    private let path: String
    private var states: [String] = []
    private var queue: DatabaseQueue?
    private var lock: DatabaseQueue?

    init(folder: String) throws {
        path = folder + "/messages.db"
    }

    var dropIn: String {
        """
        plugin: \(TortureBuild.programs ?? "")/libconductor-faulty-storage.so
        isolation: inproc
        deadline_ms: 800
        settings: {path: \(path)}

        """
    }

    var policy: String { "" }
    /// The file is opened beside the rest of a start: it may be there, and its tables not yet.
    var isThere: Bool {
        guard access(path, F_OK) == 0 else { return false }
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(5)
        let tables = try? DatabaseQueue(path: path, configuration: configuration).read { database in
            try Int.fetchOne(
                database, sql: "SELECT count(*) FROM sqlite_master WHERE name IN ('messages', 'optouts')")
        }
        return tables == 2
    }

    var isOpen: Bool { queue != nil && lock == nil }
    var hits: [String: Int] { [:] }

    func open(states: [String]) throws {
        self.states = states
        var configuration = Configuration()
        configuration.busyMode = .timeout(10)
        queue = try DatabaseQueue(path: path, configuration: configuration)
    }

    func queue(_ texts: [(phone: String, content: String)]) throws {
        try queue?.write { database in
            for text in texts {
                try database.execute(
                    sql: """
                        INSERT INTO messages (phone_number, content, direction, status)
                        VALUES (?, ?, 'outbound', 'queued')
                        """, arguments: [text.phone, text.content])
            }
        }
    }

    func select(_ sql: String) throws -> [[String: String]] {
        try queue?.read { database in
            try Row.fetchAll(database, sql: sql).map { row in
                Dictionary(
                    row.compactMap { name, value in Self.text(of: value).map { (name, $0) } },
                    uniquingKeysWith: { $1 })
            }
        } ?? []
    }

    private static func text(of value: DatabaseValue) -> String? {
        switch value.storage {
        case .int64(let number): String(number)
        default: String.fromDatabaseValue(value)
        }
    }

    func suffer(_ fault: String) async throws {
        try hold(fault == "lock")
        for state in states {
            let file = state + "/storage-fault"
            // Not an empty one: Foundation never gives back the 4 KiB that it takes to read that, and the gateway would seem
            // to grow.
            if fault.isEmpty || fault == "lock" {
                unlink(file)
            } else {
                try fault.write(toFile: file, atomically: true, encoding: .utf8)
            }
        }
    }

    /// Another process on this machine writes, and takes its time.
    private func hold(_ isHeld: Bool) throws {
        if isHeld, lock == nil {
            var configuration = Configuration()
            configuration.allowsUnsafeTransactions = true
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA busy_timeout = 2000; BEGIN IMMEDIATE") }
            lock = queue
        } else if !isHeld {
            try lock?.writeWithoutTransaction { try $0.execute(sql: "COMMIT") }
            try lock?.close()
            lock = nil
        }
    }

    func end() {}
}
