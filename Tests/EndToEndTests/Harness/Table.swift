import Foundation
import GRDB

/// The table `messages` as another program on this machine sees and uses it.
final class Table {
    struct Row {
        var id: Int64
        var uid: String?
        var phone: String
        var content: String
        var isInbound: Bool
        var status: String
        var delivery: String?
        var answers: String?
        var possibleDuplicate: Bool
        var incomplete: Bool
    }

    private let queue: DatabaseQueue

    init(path: String) throws {
        var configuration = Configuration()
        configuration.busyMode = .timeout(10)
        queue = try DatabaseQueue(path: path, configuration: configuration)
    }

    /// Queues texts as the old programs do: four columns, one transaction.
    func queue(_ texts: [(phone: String, content: String)]) throws {
        try queue.write { database in
            for text in texts {
                try database.execute(
                    sql: """
                        INSERT INTO messages (phone_number, content, direction, status)
                        VALUES (?, ?, 'outbound', 'queued')
                        """, arguments: [text.phone, text.content])
            }
        }
    }

    /// Queues a text that may not leave before so many seconds from now.
    func plan(_ phone: String, _ content: String, seconds: Int) throws {
        try queue.write { database in
            try database.execute(
                sql: """
                    INSERT INTO messages (phone_number, content, direction, status, not_before)
                    VALUES (?, ?, 'outbound', 'queued', strftime('%Y-%m-%dT%H:%M:%fZ', 'now', ?))
                    """, arguments: [phone, content, "+\(seconds) seconds"])
        }
    }

    /// Adds a row as another program left it.
    func add(_ direction: String, _ status: String, _ phone: String, _ content: String) throws {
        try queue.write { database in
            try database.execute(
                sql: "INSERT INTO messages (phone_number, content, direction, status) VALUES (?, ?, ?, ?)",
                arguments: [phone, content, direction, status])
        }
    }

    func rows(where condition: String = "1") throws -> [Row] {
        try queue.read { database in
            try GRDB.Row.fetchAll(
                database,
                sql: """
                    SELECT id, uid, phone_number, content, direction, status, delivery_status, answers,
                        possible_duplicate, incomplete FROM messages WHERE \(condition) ORDER BY id
                    """
            ).map { row in
                Row(
                    id: row[0], uid: row[1], phone: row[2] ?? "", content: row[3] ?? "", isInbound: row[4] == "inbound",
                    status: row[5] ?? "", delivery: row[6], answers: row[7], possibleDuplicate: row[8] ?? false,
                    incomplete: row[9] ?? false)
            }
        }
    }

    func count(_ condition: String) throws -> Int {
        try queue.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM messages WHERE \(condition)") ?? 0 }
    }

    func close() throws {
        try queue.close()
    }
}
