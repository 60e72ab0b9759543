import Foundation
import GRDB
import PluginKit
import PluginTestKit
import Testing

@testable import SQLiteStorage

@Suite("SQLite storage")
struct SQLiteStorageTests {
    @Test("keeps the contract", arguments: StorageContract.rules)
    func contract(_ rule: ContractRule<any StorageRig>) async throws {
        let rig = try await SQLiteRig()
        try await rule.check(rig)
        await rig.storage.stop()
    }

    @Test("B10: what another program appends to optouts is read, and only the word in lets a number in again")
    func foreignConsent() async throws {
        let rig = try await SQLiteRig()
        _ = try await rig.storage.health(context: .init())
        _ = try runSQLite(
            rig.path,
            """
            INSERT INTO optouts (phone_number) VALUES ('(619) 555-0101');
            INSERT INTO optouts (phone_number, action, timestamp, source)
                VALUES ('+16195550102', 'STOPPED', '2026-05-03 10:00:00', 'crm'), ('+16195550101', 'IN', '2026-05-04', NULL);
            """)
        let page = try #require(try await rig.consent())
        #expect(page.events.map(\.phone) == ["+16195550101", "+16195550102", "+16195550101"])
        #expect(page.events.map(\.action) == [.out, .out, .in])
        #expect(page.events.map(\.source) == ["table", "crm", "table"])
        #expect(
            page.events.dropFirst().map(\.at.description) == ["2026-05-03T10:00:00.000Z", "2026-05-04T00:00:00.000Z"])
        #expect(Set(page.events.map(\.uid)).count == 3)
        // A file with fewer rows was put in its place.
        #expect(try await rig.consent(after: 99)?.events.count == 3)
        await rig.storage.stop()
    }

    @Test(
        "A put that is done late, after a newer one, takes no outcome of the attempt back",
        arguments: [
            (Message.DeliveryStatus.unknown, Message.DeliveryStatus.accepted), (.accepted, .delivered),
            (.unknown, .undelivered),
        ])
    func lateOutcome(_ earlier: Message.DeliveryStatus, _ later: Message.DeliveryStatus) async throws {
        let rig = try await SQLiteRig()
        func stands(_ told: Message.DeliveryStatus, attempt: Int64) async throws -> Message.DeliveryStatus? {
            var text = Message.inbound("u1", "x")
            (text.direction, text.status) = (.outbound, told == .undelivered ? .failed : .sent)
            (text.deliveryStatus, text.lastRetryAt) = (told, Timestamp(milliseconds: attempt))
            try await rig.storage.put([text], context: .init())
            return try await rig.storage.all().first?.deliveryStatus
        }
        #expect(try await stands(earlier, attempt: 1_000) == earlier)
        #expect(try await stands(later, attempt: 1_000) == later)
        #expect(try await stands(earlier, attempt: 1_000) == later)
        #expect(try await stands(earlier, attempt: 2_000) == earlier)
        await rig.storage.stop()
    }

    @Test("What the tables take, with their indexes, and the quota of the drop-in")
    func sizes() async throws {
        let folder = Folder()
        let storage = try SQLiteMessages(
            host: PluginKit.Host(baseFolder: folder.path), settings: Settings(json: #"{"quota": "2 MiB"}"#))
        try await storage.put((0..<300).map { .inbound("u\($0)", "hello \($0)") }, context: .init())
        let health = try await storage.health(context: .init())
        #expect(health.quotaBytes == 2 << 20 && health.bytes > 0)
        let tables = try await storage.sizes(context: .init())
        #expect(tables.map(\.name) == tables.map(\.name).sorted())
        let messages = try #require(tables.first { $0.name == "messages" })
        #expect(messages.rows == 300)
        #expect(tables.contains { $0.name == "optouts" && $0.rows == 0 })
        // Only where this machine's SQLite can tell.
        if let bytes = messages.bytes {
            #expect(bytes > 300 * 20 && tables.compactMap(\.bytes).reduce(0, +) <= health.bytes)
            #expect(tables.first { $0.name == "conductor_search" }?.bytes ?? 0 > 0)
        }
        await storage.stop()
    }

    @Test("A row that was cancelled before its time keeps that when it is put back")
    func cancelledBeforeItsTime() async throws {
        let rig = try await SQLiteRig()
        try rig.insertForeign(phone: "+16195550123", content: "later")
        _ = try runSQLite(rig.path, "UPDATE messages SET not_before = '2999-01-01T00:00:00.000Z'")
        let id = try #require(try await rig.storage.all().first?.storageID)
        for kind in [MessageChange.Kind.cancel, .requeue] {
            #expect(try await rig.storage.change(.init(storageID: id, kind: kind), context: .init()))
        }
        let row = try #require(try await rig.storage.all().first)
        #expect(row.status == .queued && row.notBefore?.description == "2999-01-01T00:00:00.000Z")
        #expect(try await rig.claim(by: "a").isEmpty)
        await rig.storage.stop()
    }

    @Test("A file of before other programs could append to optouts keeps what it has")
    func olderConsent() throws {
        let database = try DatabaseQueue()
        try database.write { db in
            try Migrator.run(Array(Migrator.all.prefix(5)), on: db)
            try db.execute(
                sql: """
                    INSERT INTO optouts (id, uid, phone_number, action, timestamp, source)
                    VALUES (7, 'u', '+16195550101', 'out', '2026-05-03T10:00:00.000Z', 'sms')
                    """)
            try Migrator.run(Migrator.all, on: db)
            try db.execute(sql: "INSERT INTO optouts (phone_number) VALUES ('+16195550102')")
            #expect(try Int64.fetchAll(db, sql: "SELECT id FROM optouts ORDER BY id") == [7, 8])
            #expect(try String.fetchOne(db, sql: "SELECT uid || source FROM optouts WHERE id = 7") == "usms")
            #expect(try String.fetchOne(db, sql: "PRAGMA integrity_check") == "ok")
        }
    }

    @Test("rows that the sqlite3 program inserts are noticed; our own are not")
    func noticesForeignRows() async throws {
        let rig = try await SQLiteRig()
        #expect(rig.changes.value == 1, "opening is announced")
        for round in 0..<20 {
            try await rig.storage.put([.inbound("u\(round)", "own")], context: .init())
        }
        let before = rig.changes.value
        #expect(before == 1)
        let start = ContinuousClock.now
        try rig.insertForeign(phone: "+16195550101", content: "hi")
        #expect(await rig.changes.reaches(before + 1))
        #expect(ContinuousClock.now - start < .seconds(2))
        await rig.storage.stop()
    }

    @Test("rows of a second connection in this process are noticed")
    func noticesSecondConnection() async throws {
        let rig = try await SQLiteRig()
        let other = try DatabaseQueue(path: rig.path)
        for round in 2...4 {
            let sql =
                "INSERT INTO messages (phone_number, content, status, direction) VALUES ('1','x','queued','outbound')"
            try await other.write { try $0.execute(sql: sql) }
            #expect(await rig.changes.reaches(round))
        }
        await rig.storage.stop()
    }

    @Test("a file put in the place of ours is opened, and its rows are noticed; nothing goes to the old one")
    func replacedFile() async throws {
        let rig = try await SQLiteRig()
        try await rig.storage.put([.inbound("u1", "before")], context: .init())
        try FileManager.default.moveItem(atPath: rig.path, toPath: rig.folder.file("old.db"))
        try await rig.storage.put([.inbound("u2", "after")], context: .init())
        #expect(try await rig.storage.all().map(\.content) == ["after"])
        #expect(
            try runSQLite(rig.folder.file("old.db"), "SELECT content FROM messages; PRAGMA integrity_check")
                == "before\nok")
        let count = rig.changes.value
        try rig.insertForeign(phone: "+16195550101", content: "foreign")
        #expect(await rig.changes.reaches(count + 1))
        await rig.storage.stop()
    }

    @Test("what cannot be opened is unavailable in words, and comes back by itself")
    func comesBack() async throws {
        let (folder, clock, changes) = (Folder(), TestClock(), Counter())
        let path = folder.file("messages.db")
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        let storage = try SQLiteRig.make(folder, clock, changes)
        try await storage.start()
        let error = await #expect(throws: PluginError.self) {
            try await storage.put([.inbound("u1", "secret words")], context: .init())
        }
        #expect(error?.code == .unavailable && error?.message.contains(path) == true)
        #expect(error?.message.contains("secret") == false)
        try FileManager.default.removeItem(atPath: path)
        try await storage.put([.inbound("u1", "secret words")], context: .init())
        #expect(changes.value == 1)
        await storage.stop()
    }

    @Test("a damaged file is said to be damaged, and a good one in its place serves")
    func damaged() async throws {
        let (folder, clock, changes) = (Folder(), TestClock(), Counter())
        try Data(repeating: 0x41, count: 8192).write(to: URL(fileURLWithPath: folder.file("messages.db")))
        let storage = try SQLiteRig.make(folder, clock, changes)
        try await storage.start()
        let error = await #expect(throws: PluginError.self) { try await storage.health(context: .init()) }
        #expect(error?.code == .internal && error?.message.contains("damaged") == true)
        try FileManager.default.removeItem(atPath: folder.file("messages.db"))
        #expect(try await storage.health(context: .init()).rows == 0)
        await storage.stop()
    }

    @Test("a file another program has locked is unavailable for now")
    func locked() async throws {
        let rig = try await SQLiteRig()
        let hasty = try SQLiteMessages(
            host: Host(baseFolder: rig.folder.path), settings: Settings(json: #"{"busy_timeout_ms": 20}"#))
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        let other = try DatabaseQueue(path: rig.path, configuration: configuration)
        try await other.writeWithoutTransaction { try $0.execute(sql: "BEGIN IMMEDIATE") }
        let error = await #expect(throws: PluginError.self) {
            try await hasty.put([.inbound("u1", "x")], context: .init())
        }
        #expect(error?.code == .unavailable && error?.message.contains("locked") == true)
        try await other.writeWithoutTransaction { try $0.execute(sql: "ROLLBACK") }
        try await hasty.put([.inbound("u1", "x")], context: .init())
        await hasty.stop()
        await rig.storage.stop()
    }

    @Test("a file of the old system is taken over as it is")
    func oldSystem() async throws {
        let folder = Folder()
        let path = folder.file("messages.db")
        try runSQLite(
            path,
            """
            CREATE TABLE messages (id INTEGER PRIMARY KEY AUTOINCREMENT, phone_number TEXT NOT NULL, content TEXT,
                timestamp TEXT, modem_timestamp TEXT, status TEXT, direction TEXT, modem_index TEXT,
                message_hash TEXT UNIQUE, retry_count INTEGER DEFAULT 0, updated_at TEXT);
            INSERT INTO messages (phone_number, content, timestamp, status, direction, modem_index, message_hash) VALUES
                ('+16195550101', 'old in', '2024-05-01 10:00:00', 'read', 'inbound', '12', 'h1'),
                ('619-555-0102', 'old out', '2024-05-01T03:00:00.123456-07:00', 'queued', 'outbound', NULL, NULL);
            """)
        let (clock, changes) = (TestClock(), Counter())
        for _ in 0..<2 {
            let storage = try SQLiteRig.make(folder, clock, changes)
            try await storage.start()
            let rows = try await storage.all()
            #expect(rows.map(\.content) == ["old in", "old out"])
            #expect(rows[0].modemIndex == 12)
            #expect(rows.map(\.timestamp.description) == ["2024-05-01T10:00:00.000Z", "2024-05-01T10:00:00.123Z"])
            #expect(rows.map(\.phone) == ["+16195550101", "+16195550102"])
            await storage.stop()
        }
        let storage = try SQLiteRig.make(folder, clock, changes)
        try await storage.start()
        // A3, though the old table says UNIQUE.
        try await storage.put([.inbound("u1", "Yes"), .inbound("u2", "Yes")], context: .init())
        try runSQLite(
            path,
            "INSERT INTO messages (phone_number, content, status, direction) VALUES ('+16195550103','n','queued','outbound')"
        )
        let reply = try await storage.exchange(
            .init(gateway: "a", want: 8, leaseMilliseconds: 1000, maxAgeMilliseconds: 3_600_000), context: .init())
        #expect(reply.claimed.map(\.content) == ["n"], "decision 7: the old queued row is held, not sent")
        let filled = try runSQLite(
            path, "SELECT created_at IS NOT NULL, timestamp IS NOT NULL FROM messages WHERE content = 'n'")
        #expect(filled == "1|1")
        await storage.stop()
    }

    @Test(
        "a table that is not ours is refused in words; a newer file too",
        arguments: [
            ("CREATE TABLE messages (id INTEGER PRIMARY KEY, body TEXT)", "phone_number"),
            (
                "CREATE TABLE conductor_migrations (version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at TEXT);"
                    + "INSERT INTO conductor_migrations VALUES (999, 'x', '')", "newer"
            ),
        ])
    func refused(sql: String, word: String) async throws {
        let folder = Folder()
        try runSQLite(folder.file("messages.db"), sql)
        let storage = try SQLiteRig.make(folder, TestClock(), Counter())
        let error = await #expect(throws: PluginError.self) { try await storage.health(context: .init()) }
        #expect(error?.code == .internal && error?.message.contains(word) == true)
        await storage.stop()
    }

    @Test(
        "D3: numbers are normalised by SQL alone",
        arguments: [
            ("+16195550123", "+16195550123"), ("(619) 555-0123", "+16195550123"), ("1-619-555-0123", "+16195550123"),
            ("619.555.0123", "+16195550123"), ("+52 55 1234 5678", "+525512345678"),
            ("+1 (619)\u{a0}555\u{2011}0123", "+16195550123"),
            ("22000", nil), ("N/A", nil), ("", nil), ("+", nil), ("0000000000", nil), ("6.19E+09", nil),
            ("+0123456789", nil),
            ("AMAZON", nil), ("+1234567", nil), ("+1234567890123456", nil),
        ] as [(String, String?)])
    func phones(raw: String, normalised: String?) async throws {
        let queue = try DatabaseQueue()
        let value = try await queue.read {
            try String.fetchOne($0, sql: "SELECT \(PhoneSQL.e164("?1"))", arguments: [raw])
        }
        #expect(value == normalised)
    }

    @Test(
        "decision 12: foreign forms of time become the one form",
        arguments: [
            ("2026-11-23T12:00:00.123Z", "2026-11-23T12:00:00.123Z"),
            ("2026-11-23 12:00:00", "2026-11-23T12:00:00.000Z"),
            ("2026-11-23T12:00:00+02:00", "2026-11-23T10:00:00.000Z"), ("1700000000", "2023-11-14T22:13:20.000Z"),
            ("1700000000123", "2023-11-14T22:13:20.123Z"), ("yesterday", nil), ("", nil),
        ] as [(String, String?)])
    func times(raw: String, canonical: String?) async throws {
        let queue = try DatabaseQueue()
        let value = try await queue.read { db in
            try String.fetchOne(db, sql: "SELECT \(TimeSQL.canonical("x")) FROM (SELECT ? AS x)", arguments: [raw])
        }
        #expect(value == canonical)
    }

    @Test("two gateways that claim at the same time get each row once")
    func twoGateways() async throws {
        let rig = try await SQLiteRig()
        let second = try SQLiteRig.make(rig.folder, rig.clock, Counter())
        try rig.sqlite(
            """
            WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 499)
            INSERT INTO messages (phone_number, content, status, direction)
            SELECT '+1619555' || printf('%04d', i), i, 'queued', 'outbound' FROM n
            """)
        let claimed = try await withThrowingTaskGroup(of: [Message].self) { group in
            for (gateway, storage) in [("a", rig.storage), ("b", second)] {
                group.addTask {
                    var mine: [Message] = []
                    while true {
                        let reply = try await storage.exchange(
                            .init(gateway: gateway, want: 16, leaseMilliseconds: 60_000, maxAgeMilliseconds: 0),
                            context: .init())
                        if reply.claimed.isEmpty { return mine }
                        mine += reply.claimed
                    }
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(claimed.count == 500 && Set(claimed.map(\.storageID)).count == 500)
        await second.stop()
        await rig.storage.stop()
    }

    @Test("a long head of rows for other SIMs keeps no gateway from its own")
    func otherSIMs() async throws {
        let rig = try await SQLiteRig()
        try rig.sqlite(
            """
            WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 999)
            INSERT INTO messages (phone_number, content, status, direction, sim)
            SELECT '+1619556' || printf('%04d', i), 'theirs', 'queued', 'outbound', '8902' FROM n;
            INSERT INTO messages (phone_number, content, status, direction, sim)
            VALUES ('+16195550002', 'ours', 'queued', 'outbound', '8901')
            """)
        for (gateway, sim) in [("a/1", "8901"), ("b/2", "8902")] {
            _ = try await rig.storage.heartbeat(
                GatewayPresence(gateway: gateway, version: "1", sims: [sim], modems: 1), context: .init())
        }
        #expect(try await rig.claim(by: "a/1").map(\.content) == ["ours"])
        #expect(try await rig.claim(by: "b/2").allSatisfy { $0.content == "theirs" })
        await rig.storage.stop()
    }

    @Test("D4: 100,001 rows are paged whole, and one number's long queue keeps nobody waiting")
    func manyRows() async throws {
        let rig = try await SQLiteRig()
        try rig.sqlite(
            """
            WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 99999)
            INSERT INTO messages (phone_number, content, status, direction)
            SELECT '+16195550001', i, 'queued', 'outbound' FROM n;
            INSERT INTO messages (phone_number, content, status, direction)
            VALUES ('+16195550002', 'other', 'queued', 'outbound')
            """)
        #expect(try await rig.claim(by: "a").map(\.content) == ["0", "other"])
        var query = MessageQuery(limit: 1000)
        var seen = 0
        while case let page = try await rig.storage.messages(query, context: .init()), !page.isEmpty {
            seen += page.count
            query.cursor = page.last?.storageID
        }
        #expect(seen == 100_001)
        await rig.storage.stop()
    }
}

@Suite("SQLite storage on a full disk", .enabled(if: FullDisk.isPossible, "needs root and mount"))
struct FullDiskTests {
    @Test("a full disk is unavailable in words, loses nothing, and is used again when there is room")
    func fullDisk() async throws {
        let folder = Folder()
        try FullDisk.run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder.path)
        defer { try? FullDisk.run("umount", "-l", folder.path) }
        let storage = try SQLiteRig.make(folder, TestClock(), Counter())
        try await storage.start()
        try await storage.put([.inbound("u1", "kept")], context: .init())
        let big = String(repeating: "x", count: 700_000)
        let error = await #expect(throws: PluginError.self) {
            for index in 0..<4 { try await storage.put([.inbound("b\(index)", big)], context: .init()) }
        }
        #expect(error?.code == .unavailable && error?.message.contains("full") == true, "\(error?.message ?? "")")
        try FullDisk.run("mount", "-o", "remount,size=16m", folder.path)
        try await storage.put([.inbound("u2", "after")], context: .init())
        let rows = try await storage.all()
        #expect(rows.first?.content == "kept" && rows.last?.content == "after")
        await storage.stop()
    }
}

/// A small tmpfs. Root may write everywhere, so that file modes prove nothing.
enum FullDisk {
    static let isPossible: Bool = {
        let folder = Folder()
        guard getuid() == 0, (try? run("mount", "-t", "tmpfs", "tmpfs", folder.path)) != nil else { return false }
        return (try? run("umount", folder.path)) != nil
    }()

    static func run(_ arguments: String...) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw CommandFailed(message: arguments.joined(separator: " ")) }
    }
}
