import Foundation
import GRDB
import PluginKit
import Testing

@testable import GatewayCore

/// The former system's file, row by row.
@Suite struct OldTextTests {
    private static let schema = """
        CREATE TABLE messages (id INTEGER PRIMARY KEY AUTOINCREMENT, phone_number TEXT, content TEXT, timestamp TEXT,
            modem_timestamp TEXT, status TEXT, direction TEXT, modem_index TEXT, message_hash TEXT UNIQUE,
            retry_count INTEGER DEFAULT 0, updated_at TEXT);
        """

    private static func file(_ sql: String, _ body: (String) throws -> Void) throws {
        let path = FileManager.default.temporaryDirectory.path + "/olive-\(UUID().uuidString).db"
        let queue = try DatabaseQueue(path: path)
        try queue.write { try $0.execute(sql: sql) }
        try queue.close()
        defer { try? FileManager.default.removeItem(atPath: path) }
        try body(path)
    }

    private static func text(
        _ direction: String?, _ status: String?, number: String? = "(619) 555-0123", _ content: String? = "hello"
    ) -> OldText {
        OldText(
            row: 7, direction: direction, number: number, content: content, status: status,
            at: "2025-01-03T10:22:33.000Z")
    }

    @Test(
        "decision 7: nothing of the former system is queued; what waited is held, what nobody read is unread",
        arguments: [
            ("outbound", "queued", Message.Status.failed, Message.DeliveryStatus.held),
            ("outbound", nil, .failed, .held), ("outbound", "sending", .failed, .held),
            ("outbound", "sent", .sent, nil), ("OUTBOUND ", "Sent", .sent, nil), ("outbound", "failed", .failed, nil),
            ("inbound", "unread", .unread, nil), ("inbound", nil, .unread, nil), ("inbound", "read", .read, nil),
            ("inbound", "processed", .read, nil),
        ] as [(String, String?, Message.Status, Message.DeliveryStatus?)])
    func states(_ direction: String, _ status: String?, _ becomes: Message.Status, _ delivery: Message.DeliveryStatus?)
        throws
    {
        let message = try Self.text(direction, status).message(Policy())
        #expect(message.status == becomes && message.deliveryStatus == delivery)
        #expect(message.phone == "+16195550123" && message.timestamp.description == "2025-01-03T10:22:33.000Z")
        #expect((message.origin == "import") == (message.direction == .outbound))
    }

    @Test("what is no text is refused with its reason, and what has an odd sender is one")
    func flaws() throws {
        for (text, words) in [
            (Self.text("sideways", "read"), "neither inbound nor outbound"),
            (Self.text(nil, "read"), "neither inbound"),
            (Self.text("inbound", "read", number: " "), "no number"), (Self.text("inbound", "read", nil), "no text"),
        ] {
            let flaw = #expect(throws: OldText.Flaw.self) { try text.message(Policy()) }
            #expect(flaw?.reason.contains(words) == true)
        }
        var timeless = Self.text("inbound", "read")
        timeless.at = nil
        #expect(throws: OldText.Flaw.self) { try timeless.message(Policy()) }
        #expect(try Self.text("inbound", "read", number: "AMAZON").message(Policy()).phone == "AMAZON")
    }

    @Test("D1, A3: a row has the same id whatever becomes of it; two equal texts are two")
    func identity() {
        let text = Self.text("inbound", "unread")
        var later = text
        later.status = "read"
        later.attempts = 3
        #expect(later.uid == text.uid && text.uid?.count == 36)
        var other = text
        other.row = 8
        #expect(other.uid != text.uid)
        var moved = text
        (moved.number, moved.content) = ("(619) 555-0123h", "ello")
        #expect(moved.uid != text.uid)
    }

    @Test("a file is read in parts, with times however they were written")
    func reading() throws {
        let rows = """
            INSERT INTO messages (phone_number, content, timestamp, status, direction, modem_timestamp) VALUES
                ('+16195550101', 'a', '2025-01-03 10:22:33', 'read', 'inbound', '2025-01-03T02:22:30-08:00'),
                ('+16195550101', 'b', '2025-01-03T10:22:34.123456', 'read', 'inbound', NULL),
                ('+16195550101', 'c', '1735900000', 'read', 'inbound', NULL),
                ('+16195550101', 'd', 'yesterday', 'read', 'inbound', NULL),
                (6195550101, 12, '2025-01-03T10:22:34Z', 'read', 'inbound', NULL);
            UPDATE messages SET updated_at = '2025-02-01 00:00:00' WHERE content = 'd';
            """
        try Self.file(Self.schema + rows) { path in
            let file = try OldTextFile(path: path)
            #expect(file.count == 5)
            var read: [OldText] = []
            while let part = try? file.next(2), !part.isEmpty { read += part }
            #expect(
                read.map(\.at) == [
                    "2025-01-03T10:22:33.000Z", "2025-01-03T10:22:34.123Z", "2025-01-03T10:26:40.000Z",
                    "2025-02-01T00:00:00.000Z", "2025-01-03T10:22:34.000Z",
                ])
            #expect(read[0].modemAt == "2025-01-03T10:22:30.000Z")
            #expect(read[4].number == "6195550101" && read[4].content == "12")
            #expect(read.map(\.row) == [1, 2, 3, 4, 5])
            #expect(!FileManager.default.fileExists(atPath: path + "-wal"), "something was written beside it")
        }
    }

    @Test("another file is refused in a sentence that says which one is meant")
    func otherFiles() throws {
        func refusal(_ path: String) -> String {
            do throws(GatewayError) {
                _ = try OldTextFile(path: path)
                return ""
            } catch {
                return error.message
            }
        }
        #expect(refusal("/nowhere/olive_sms.db") == "/nowhere/olive_sms.db is not there")
        #expect(refusal("/bin/sh").contains("is no SQLite file"))
        try Self.file("CREATE TABLE other (id)") { #expect(refusal($0).contains("has no table messages")) }
        try Self.file("CREATE TABLE messages (id, content)") {
            #expect(refusal($0).contains("it lacks phone_number, direction, status, timestamp"))
        }
        try Self.file(Self.schema + "CREATE TABLE conductor_migrations (id)") {
            #expect(refusal($0).contains("conductor storage switch"))
        }
    }
}
