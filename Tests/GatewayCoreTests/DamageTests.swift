import Foundation
import GRDB
import Glibc
import PluginKit
import Testing

@testable import GatewayCore

/// What becomes of damaged files: texts first, and never a text twice.
@Suite struct DamageTests {
    static let rows = 400

    /// The folder of a journal with `rows` settled texts and one that waits, closed; its file has many pages.
    private static func journal() async throws -> String {
        let folder = NSTemporaryDirectory() + "conductor-damage-" + UUID().uuidString
        let workshop = try Workshop(folder: folder)
        try await workshop.journal.writer.write { database in
            for index in 0..<rows {
                let text = try OutgoingText.insert(
                    .init(
                        uid: UID.make(at: Timestamp(milliseconds: Int64(index))), origin: "test",
                        purpose: .conversation,
                        phone: "+16195550100", content: String(repeating: "words ", count: 20)),
                    now: Timestamp(milliseconds: Int64(index)), database)
                try database.run("UPDATE outbound SET state = 'accepted' WHERE uid = ?", [text.uid])
            }
        }
        try await workshop.send("waiting", to: "+16195550101")
        await workshop.close()
        // The workshop's end takes its folder away.
        let kept = folder + "-kept"
        try FileManager.default.copyItem(atPath: folder, toPath: kept)
        return kept
    }

    private static func change(_ path: String, _ body: (inout Data) -> Void) throws {
        var data = try Data(contentsOf: URL(fileURLWithPath: path))
        body(&data)
        try data.write(to: URL(fileURLWithPath: path))
    }

    @Test(
        "B1: a journal with a destroyed page is salvaged at the start, and what may be older than the world is held",
        arguments: [1, 2, 3, 10, 20, -1])
    func page(_ page: Int) async throws {
        let folder = try await Self.journal()
        var pages = 0
        try Self.change(folder + "/journal.db") { data in
            pages = data.count / 4_096
            let at = (page < 0 ? pages + page : page - 1) * 4_096
            data.replaceSubrange(at..<at + 4_096, with: Data(repeating: 0xA5, count: 4_096))
        }
        #expect(pages > 30)
        let workshop = try Workshop(folder: folder)
        let finding = workshop.journal.finding
        // A page that nothing uses, or an index's, may be lost without a row.
        if let finding {
            #expect(finding.alarm == "journal.damaged")
            #expect(Files.names(in: folder).contains { $0.hasPrefix("journal.db.damaged-") })
        }
        #expect(finding != nil || DatabaseFile(path: folder + "/journal.db").damage(fully: false) == nil)
        #expect(
            try workshop.count("SELECT count(*) FROM outbound WHERE state IN ('waiting', 'sending')")
                == (finding == nil ? 1 : 0))
        if page > 3 {
            // One page of texts holds some twenty of them.
            #expect(try workshop.count("SELECT count(*) FROM outbound") > Self.rows - 60)
        }
        // It works.
        _ = try await workshop.inbound.receive([Workshop.reading(try Workshop.deliver("after")[0])])
        #expect(try workshop.count("SELECT count(*) FROM inbound WHERE content = 'after'") == 1)
        await workshop.close()
    }

    @Test("A journal whose first hundred octets are destroyed loses no row")
    func header() async throws {
        let folder = try await Self.journal()
        try Self.change(folder + "/journal.db") { $0.replaceSubrange(0..<100, with: Data(repeating: 0, count: 100)) }
        let workshop = try Workshop(folder: folder)
        #expect(workshop.journal.finding?.alarm == "journal.damaged")
        #expect(try workshop.count("SELECT count(*) FROM outbound") == Self.rows + 1)
        await workshop.close()
    }

    @Test("Any octet of the journal may be flipped: the gateway starts, or says why in words", arguments: 0..<24)
    func flipped(_ seed: Int) async throws {
        let folder = try await Self.journal()
        var random = SplitMix(state: UInt64(seed) &* 7_919)
        try Self.change(folder + "/journal.db") { data in
            for _ in 0..<8 {
                let at = Int(random.next() % UInt64(data.count))
                data[at] ^= UInt8(truncatingIfNeeded: random.next() | 1)
            }
        }
        do {
            let workshop = try Workshop(folder: folder)
            if workshop.journal.finding != nil {
                #expect(try workshop.count("SELECT count(*) FROM outbound WHERE state = 'waiting'") == 0)
            }
            await workshop.close()
        } catch let error as JournalError {
            #expect(error.description.contains("journal"))
        }
    }

    enum Loss: String, CaseIterable { case cut, empty, gone, other }

    @Test(
        "B1: a journal that is cut off, empty, gone or another file is never taken for a new one",
        arguments: Loss.allCases)
    func lost(_ loss: Loss) async throws {
        let folder = try await Self.journal()
        let old = try #require(Files.text(folder + "/journal.id")?.split(separator: "\n").first.map(String.init))
        let path = folder + "/journal.db"
        switch loss {
        case .cut: try Self.change(path) { $0 = $0.prefix($0.count / 2 / 4_096 * 4_096 + 100) }
        case .empty: try Files.write([], to: path)
        case .gone: Files.remove(path)
        case .other: try Files.write(Array(repeating: 0x20, count: 50_000), to: path)
        }
        let workshop = try Workshop(folder: folder)
        #expect(
            workshop.journal.finding?.alarm == (loss == .empty || loss == .gone ? "journal.lost" : "journal.damaged"))
        // Rows that the old one began in storage are asked for by its name.
        #expect(workshop.journal.formerIDs.contains(old))
        #expect(workshop.journal.id != old)
        #expect(try workshop.count("SELECT count(*) FROM outbound WHERE state = 'waiting'") == 0)
        await workshop.close()
    }

    @Test("B1: a journal that lost its log is older than what was sent: nothing of it is sent by itself")
    func logGone() async throws {
        let folder = try await Self.journal()
        let workshop = try Workshop(folder: folder)
        #expect(workshop.journal.finding == nil)
        let crashed = folder + "-crashed"
        // As a crash leaves it, without the log.
        try FileManager.default.createDirectory(atPath: crashed, withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: folder + "/journal.db", toPath: crashed + "/journal.db")
        let later = try Workshop(folder: crashed)
        #expect(later.journal.finding?.alarm == "journal.lost")
        #expect(try later.count("SELECT count(*) FROM outbound WHERE state = 'waiting'") == 0)
        #expect(try later.count("SELECT count(*) FROM outbound WHERE error_code = 'restored'") == 1)
        await later.close()
        await workshop.close()
    }

    @Test("A journal that was closed, or left by a crash with its log, is as it was: nothing is held")
    func whole() async throws {
        let folder = try await Self.journal()
        let workshop = try Workshop(folder: folder)
        let crashed = folder + "-crashed"
        try FileManager.default.createDirectory(atPath: crashed, withIntermediateDirectories: true)
        for name in ["journal.db", "journal.db-wal", "journal.id"] {
            try FileManager.default.copyItem(atPath: "\(folder)/\(name)", toPath: "\(crashed)/\(name)")
        }
        let later = try Workshop(folder: crashed)
        #expect(later.journal.finding == nil)
        #expect(later.journal.id == workshop.journal.id)
        #expect(try later.count("SELECT count(*) FROM outbound WHERE state = 'waiting'") == 1)
        await later.close()
        await workshop.close()
    }

    @Test(
        "A damaged console.db does not stop texts: what can be read is kept, and where nothing can, there is a sentence"
    )
    func console() async throws {
        let folder = NSTemporaryDirectory() + "conductor-damage-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let store = try ConsoleStore(folder: folder)
        for index in 0..<300 {
            try await store.set(
                KeyValueEntry(key: "key \(index)", value: Array(repeating: 65, count: 300), expiresAt: nil),
                plugin: "bot",
                now: Timestamp(milliseconds: 0))
        }
        store.close()
        try Self.change(folder + "/console.db") { data in
            let at = 12 * 4_096
            data.replaceSubrange(at..<at + 4_096, with: Data(repeating: 0xA5, count: 4_096))
        }
        let mended = try ConsoleStore(folder: folder, now: Timestamp(milliseconds: 1))
        #expect(mended.problem?.contains("console.db was damaged") == true)
        let keys = try await mended.keys(
            KeyValueQuery(prefix: "", after: nil, limit: 1_000), plugin: "bot", now: Timestamp(milliseconds: 0))
        #expect(keys.count > 200 && keys.count < 300)
        mended.close()
        // A folder is no file: what is noted is kept in memory.
        for name in Files.names(in: folder) { Files.remove("\(folder)/\(name)") }
        try FileManager.default.createDirectory(atPath: folder + "/console.db", withIntermediateDirectories: true)
        let inMemory = try ConsoleStore(folder: folder, now: Timestamp(milliseconds: 1))
        #expect(inMemory.problem?.contains("texts go on") == true)
        _ = try await inMemory.contact("+16195550100")
        inMemory.close()
    }

    @Test("storage repair says how many rows of each table were saved, holds what is queued and keeps the damaged file")
    func repair() async throws {
        let folder = try await Self.journal()
        let path = folder + "/messages.db"
        let queue = try DatabaseQueue(path: path)
        try await queue.write { database in
            try database.execute(
                sql: """
                    CREATE TABLE messages (id INTEGER PRIMARY KEY AUTOINCREMENT, uid TEXT, content TEXT, status TEXT,
                        direction TEXT, delivery_status TEXT, owner TEXT, claimed_by TEXT, claim_until TEXT,
                        error_code TEXT, error_message TEXT, updated_at TEXT,
                        shout TEXT GENERATED ALWAYS AS (upper(content)) VIRTUAL);
                    CREATE UNIQUE INDEX messages_uid ON messages(uid) WHERE uid IS NOT NULL;
                    """)
            for index in 0..<1_000 {
                try database.execute(
                    sql: "INSERT INTO messages (uid, content, status, direction) VALUES (?, ?, ?, 'outbound')",
                    arguments: ["u\(index)", String(repeating: "abc ", count: 30), index < 990 ? "sent" : "queued"])
            }
        }
        try queue.close()
        try Self.change(path) { data in
            for page in [9, 15] {
                data.replaceSubrange(page * 4_096..<(page + 1) * 4_096, with: Data(repeating: 0x5A, count: 4_096))
            }
        }
        let state = OfflineState(folder: folder, messagesFile: path)
        let now = Timestamp(milliseconds: 1_795_000_000_000)
        let looked = try state.repair(isRehearsal: true, now: now)
        #expect(looked.map(\.name) == ["journal.db", "messages.db"])
        #expect(looked.map { $0.damage != nil } == [false, true])
        let report = try #require(try state.repair(isRehearsal: false, now: now).last)
        let saved = try #require(report.saved["messages"])
        #expect(saved > 900 && saved < 1_000)
        #expect(report.incomplete == ["messages"])
        #expect(report.held == 10)
        #expect(Files.exists(try #require(report.kept)))
        #expect(DatabaseFile(path: path).damage(fully: true) == nil)
        let mended = try DatabaseQueue(path: path)
        #expect(
            try await mended.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM messages WHERE shout LIKE 'ABC%'") }
                == Int(saved))
        #expect(try await mended.read { try Int.fetchOne($0, sql: "SELECT seq FROM sqlite_sequence") } == 1_000)
        #expect(try state.repair(isRehearsal: false, now: now).allSatisfy { $0.damage == nil })
    }

    @Test(
        "A state folder that cannot be written is named in words",
        .enabled(if: geteuid() != 0, "root may write everywhere"))
    func readOnly() async throws {
        let folder = try await Self.journal()
        chmod(folder, 0o500)
        chmod(folder + "/journal.db", 0o400)
        let error = #expect(throws: JournalError.self) { try Workshop(folder: folder) }
        #expect(error?.description.contains("journal") == true)
        chmod(folder, 0o700)
    }
}

/// Repeatable chance (SplitMix64).
private struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
