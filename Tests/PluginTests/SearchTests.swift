import Foundation
import GRDB
import PluginKit
import PluginTestKit
import Testing

@testable import SQLiteStorage

@Suite("Full-text search in SQLite", .timeLimit(.minutes(5)))
struct SearchTests {
    private static let check = """
        INSERT INTO conductor_search_messages (conductor_search_messages, rank) VALUES ('integrity-check', 1);
        INSERT INTO conductor_search_customers (conductor_search_customers, rank) VALUES ('integrity-check', 1);
        """

    private static func found(_ words: String, _ storage: SQLiteMessages) async throws -> [String] {
        try await storage.messages(MessageQuery(limit: 1_000, search: words), context: .init()).map(\.content)
    }

    /// Waits until nothing is behind.
    private static func settled(_ path: String) async throws {
        let end = ContinuousClock.now + .seconds(120)
        while try runSQLite(path, "SELECT count(*) FROM conductor_search WHERE done IS NOT NULL OR stale OR purge")
            != "0"
        {
            try #require(ContinuousClock.now < end, "the index is never complete")
        }
    }

    @Test("what other programs insert, change, replace and delete is in the index as it is in the table")
    func foreign() async throws {
        let rig = try await SQLiteRig()
        try await Self.settled(rig.path)
        try rig.sqlite(
            """
            INSERT INTO messages (phone_number, content) VALUES ('+16195550101', 'first'), (NULL, 'second'), ('x', NULL);
            UPDATE messages SET content = 'third' WHERE content = 'second';
            UPDATE messages SET phone_number = '(619) 555-0177' WHERE content = 'third';
            UPDATE messages SET status = 'read';
            DELETE FROM messages WHERE content = 'first';
            INSERT OR IGNORE INTO messages (id, content) VALUES (2, 'ignored');
            PRAGMA recursive_triggers = ON;
            REPLACE INTO messages (id, content) VALUES (3, 'replaced');
            """ + Self.check)
        let counted = try rig.sqlite(
            "INSERT INTO messages (content) VALUES ('counted'); SELECT last_insert_rowid() = max(id), changes() FROM messages"
        )
        #expect(counted == "1|1", "a program sees its own row only")
        #expect(try await Self.found("first", rig.storage).isEmpty)
        #expect(try await Self.found("second", rig.storage).isEmpty)
        #expect(try await Self.found("third 0177", rig.storage) == ["third"])
        #expect(try await Self.found("replaced", rig.storage) == ["replaced"])
        // Without the delete trigger, which most programs have not switched on.
        try rig.sqlite("REPLACE INTO messages (id, content) VALUES (3, 'again')")
        try await Self.settled(rig.path)
        #expect(try await Self.found("replaced", rig.storage).isEmpty)
        #expect(try await Self.found("again", rig.storage) == ["again"])
        try rig.sqlite(Self.check)
        await rig.storage.stop()
    }

    @Test("a file of 100,001 texts gets its index beside the traffic, and a search in it is right and quick")
    func manyRows() async throws {
        let folder = Folder()
        let path = folder.file("messages.db")
        do {
            let before = try DatabaseQueue(path: path)
            try await before.write { db in try Migrator.run(Array(Migrator.all.prefix(6)), on: db) }
            try before.close()
        }
        try runSQLite(
            path,
            """
            WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
            INSERT INTO messages (phone_number, content, status, direction)
            SELECT '+1619555' || printf('%04d', i % 10000), 'word' || i || ' common ' || (i % 7), 'read', 'inbound' FROM n
            """)
        let storage = try SQLiteRig.make(folder, TestClock(), Counter())
        try await storage.start()
        // The columns that the file lacks are there; from now on, others have their turn.
        #expect(try await storage.messages(MessageQuery(limit: 1), context: .init()).count == 1)
        for round in 0..<20 {
            let began = ContinuousClock.now
            try await storage.put([.inbound("u\(round)", "meanwhile \(round)")], context: .init())
            #expect(ContinuousClock.now - began < .seconds(1))
        }
        try await Self.settled(path)
        #expect(try await Self.found("word77777", storage) == ["word77777 common 0"])
        #expect(try await Self.found("meanwhile", storage).count == 20)
        var query = MessageQuery(limit: 1_000, search: "common")
        var seen = 0
        while case let page = try await storage.messages(query, context: .init()), !page.isEmpty {
            seen += page.count
            query.cursor = page.last?.storageID
        }
        #expect(seen == 100_001)
        for words in ["common", "co", "word", "word7", "5550123"] {
            let began = ContinuousClock.now
            let page = try await storage.messages(MessageQuery(limit: 50, search: words), context: .init())
            #expect(page.count == (words == "5550123" ? 30 : 50))
            #expect(ContinuousClock.now - began < .milliseconds(500), "\(words)")
        }
        try runSQLite(path, Self.check)
        await storage.stop()
    }

    @Test("a start that was cut off in the middle of filling goes on where it was")
    func resumed() async throws {
        let rig = try await SQLiteRig()
        try await Self.settled(rig.path)
        await rig.storage.stop()
        try rig.sqlite(
            """
            UPDATE conductor_search SET done = 0 WHERE name = 'messages';
            WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 2999)
            INSERT INTO messages (content) SELECT 'text ' || i FROM n;
            """)
        let queue = try DatabaseQueue(path: rig.path)
        let isMore = try await queue.write { db in try SearchIndex.fill(limit: 1_000, on: db) }
        #expect(isMore)
        try rig.sqlite(
            "UPDATE messages SET content = 'known' WHERE id = 5; UPDATE messages SET content = 'unknown' WHERE id = 2500;"
                + "DELETE FROM messages WHERE id IN (6, 2501)")
        let storage = try SQLiteRig.make(rig.folder, rig.clock, Counter())
        try await storage.start()
        try await Self.settled(rig.path)
        #expect(try await Self.found("known", storage) == ["known"])
        #expect(try await Self.found("unknown", storage) == ["unknown"])
        #expect(try await Self.found("2500", storage).isEmpty)
        #expect(try await Self.found("2502", storage) == ["text 2502"])
        try rig.sqlite(Self.check)
        await storage.stop()
    }

    @Test("texts that are put in bulk are found at once, and the index is whole afterwards")
    func bulk() async throws {
        let rig = try await SQLiteRig()
        for round in 0..<3 {
            try await rig.storage.put(
                (0..<1_000).map { .inbound("u\(round)-\($0)", "bulk\(round) \($0)") }, context: .init())
            #expect(try await Self.found("bulk\(round) 999", rig.storage) == ["bulk\(round) 999"])
        }
        try await Self.settled(rig.path)
        #expect(try await Self.found("bulk1", rig.storage).count == 1_000)
        try rig.sqlite(Self.check)
        await rig.storage.stop()
    }

    @Test("of an erased person not one word is left in the file, nor in its log")
    func erased() async throws {
        let rig = try await SQLiteRig()
        var other = Message.inbound("o", "xylophone players quartzite")
        other.phone = "+16195550199"
        try await rig.storage.put([other], context: .init())
        for round in 0..<40 {
            try await rig.storage.put([.inbound("u\(round)", "secretword\(round) zanzibarian")], context: .init())
        }
        try rig.sqlite(
            "INSERT INTO customers (name, email, phone) VALUES ('Wolframite', 'kv@example.com', '(619) 555-0123')")
        #expect(try await rig.storage.search(CustomerSearch(words: "wolf"), context: .init()).count == 1)
        let far = Timestamp(milliseconds: 4_000_000_000_000)
        let request = ErasureRequest(phone: "+16195550123", before: far, scrubs: true)
        let reply = try await rig.storage.erase(request, context: .init())
        #expect(reply.texts == 40 && reply.others == 1)
        // The tokenizer writes small letters, and a term without what it shares with the one before.
        for file in [rig.path, rig.path + "-wal"] {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: file))
            for word in ["ecretword", "anzibarian", "Wolframite", "olframite", "195550123", "kv@example", "555-0123"] {
                #expect(bytes.range(of: Data(word.utf8)) == nil, "\(word) in \(file)")
            }
        }
        #expect(try Data(contentsOf: URL(fileURLWithPath: rig.path)).range(of: Data("uartzite".utf8)) != nil)
        #expect(try await Self.found("xylo", rig.storage) == [other.content])
        try rig.sqlite(Self.check)
        await rig.storage.stop()
    }

    @Test("old texts that are deleted leave the index, too, some pages at a time")
    func retained() async throws {
        let rig = try await SQLiteRig()
        for round in 0..<300 {
            try await rig.storage.put([.inbound("u\(round)", "oldword\(round) zanzibarian")], context: .init())
        }
        let far = Timestamp(milliseconds: 4_000_000_000_000)
        while try await rig.storage.erase(ErasureRequest(before: far, limit: 100), context: .init()).hasMore {}
        try await Self.settled(rig.path)
        #expect(
            try rig.sqlite(
                "SELECT count(*) FROM conductor_search_messages_data WHERE instr(block, CAST('anzibarian' AS BLOB))")
                == "0")
        try rig.sqlite(Self.check)
        await rig.storage.stop()
    }

    @Test("`search: false` takes the index away, for programs whose SQLite has none, and `true` makes it again")
    func switchedOff() async throws {
        let folder = Folder()
        let host = Host(baseFolder: folder.path)
        for isOn in [true, false, true] {
            let storage = try SQLiteMessages(host: host, settings: Settings(json: #"{"search": \#(isOn)}"#))
            try await storage.start()
            try await storage.put([.inbound("u\(isOn)", "a word")], context: .init())
            let names = "SELECT count(*) FROM sqlite_master WHERE name GLOB 'conductor_search_*'"
            if isOn {
                try await Self.settled(folder.file("messages.db"))
                #expect(try await !Self.found("word", storage).isEmpty)
                try runSQLite(folder.file("messages.db"), Self.check)
            } else {
                #expect(try runSQLite(folder.file("messages.db"), names) == "0")
                let error = await #expect(throws: PluginError.self) { try await Self.found("word", storage) }
                #expect(error?.code == .unsupported)
            }
            await storage.stop()
        }
    }

    @Test("an index that a repair or a change of the numbers' form left behind is made anew")
    func madeAnew() async throws {
        let rig = try await SQLiteRig()
        try await rig.storage.put([.inbound("u1", "a word", phone: "020 7946 0018")], context: .init())
        try await Self.settled(rig.path)
        await rig.storage.stop()
        // What is left when virtual tables are not taken over.
        try rig.sqlite(
            """
            DROP TABLE conductor_search_messages;
            CREATE TABLE conductor_search_messages_data (id INTEGER PRIMARY KEY, block BLOB);
            """)
        let settings = #"{"national": {"code": "44", "trunk": "0"}}"#
        let host = Host(baseFolder: rig.folder.path)
        for json in ["{}", settings] {
            let storage = try SQLiteMessages(host: host, settings: Settings(json: json))
            try await storage.start()
            try await Self.settled(rig.path)
            #expect(try await Self.found("word", storage) == ["a word"])
            #expect(try await Self.found("442079460018", storage).count == (json == "{}" ? 0 : 1))
            try rig.sqlite(Self.check)
            await storage.stop()
        }
    }

    @Test("whichever trigger comes first, the index has each row as the table has it", arguments: [false, true])
    func order(isOther: Bool) throws {
        let queue = try DatabaseQueue()
        try queue.write { db in
            try Migrator.run(Migrator.all, on: db)
            try PhoneColumn.bringUpToDate(home: .northAmerica, on: db)
            try SearchIndex.bringUpToDate(isWanted: true, on: db)
            let ours = "FROM sqlite_master WHERE type = 'trigger' AND name GLOB 'conductor_*_phone_*'"
            if isOther {
                // SQLite runs those first that were made last.
                let made = try Row.fetchAll(db, sql: "SELECT name, sql \(ours)")
                for row in made { try db.execute(sql: "DROP TRIGGER \(row["name"] as String)") }
                for row in made { try db.execute(sql: row["sql"]) }
                #expect(made.count == 6)
            }
            for statement in [
                "INSERT INTO messages (phone_number, content) VALUES ('(619) 555-0101', 'a'), ('x', 'b'), (NULL, 'c')",
                "INSERT INTO customers (id, name, phone) VALUES ('1', 'Ana', '619.555.0102'), ('2', 'Bo', NULL)",
                "UPDATE messages SET phone_number = '619 555 0103' WHERE content <> 'c'",
                "UPDATE messages SET phone_number = 'y', content = 'd' WHERE content = 'b'",
                "UPDATE messages SET id = id + 10 WHERE content = 'a'",
                "UPDATE customers SET phone = '619 555 0104'", "UPDATE customers SET phone = 'z' WHERE id = '1'",
                "DELETE FROM messages WHERE content = 'c'",
            ] {
                try db.execute(sql: statement)
                try db.execute(sql: Self.check)
                let count = """
                    SELECT (SELECT count(*) FROM messages) = (SELECT count(*) FROM conductor_search_messages_docsize)
                        AND NOT EXISTS (SELECT 1 FROM conductor_search WHERE stale OR done IS NOT NULL)
                        AND NOT EXISTS (SELECT 1 FROM conductor_search_changing)
                    """
                #expect(try Bool.fetchOne(db, sql: count) == true, "\(statement)")
            }
            let found = "SELECT rowid FROM conductor_search_messages WHERE conductor_search_messages MATCH "
            #expect(try Int.fetchAll(db, sql: found + "'\"6195550103\"'") == [11])
            #expect(
                try String.fetchAll(db, sql: "SELECT id || phone FROM conductor_search_people ORDER BY id")
                    == ["1z", "216195550104 6195550104 5550104 0104"])
        }
    }

    @Test("a search walks through the index in the order of the page")
    func plan() async throws {
        let queue = try DatabaseQueue()
        let sql = Lookup.searchSQL(also: ["direction = 'inbound'"], oldestFirst: false, isPage: true)
        let plan = try await queue.write { db in
            try Migrator.run(Migrator.all, on: db)
            try SearchIndex.bringUpToDate(isWanted: true, on: db)
            return try Row.fetchAll(
                db, sql: "EXPLAIN QUERY PLAN " + sql, arguments: ["match": "\"a\" *", "cursor": 5, "limit": 3]
            ).map { $0["detail"] as String }
        }
        #expect(plan.contains { $0.contains("conductor_search_messages VIRTUAL TABLE") }, "\(plan)")
        #expect(plan.contains { $0.contains("messages USING INTEGER PRIMARY KEY (rowid=?)") }, "\(plan)")
        #expect(!plan.contains { $0.contains("TEMP B-TREE") }, "\(plan)")
    }

    @Test("the log is folded into the file once nothing is written, and its size is bounded")
    func log() async throws {
        let rig = try await SQLiteRig()
        #expect(try rig.sqlite("PRAGMA journal_mode") == "wal")
        try await rig.storage.put((0..<1_000).map { .inbound("u\($0)", "text \($0)") }, context: .init())
        let end = ContinuousClock.now + .seconds(60)
        func size() throws -> UInt64 {
            try FileManager.default.attributesOfItem(atPath: rig.path + "-wal")[.size] as? UInt64 ?? 0
        }
        while try size() > 0 { try #require(ContinuousClock.now < end, "the log stays as it is") }
        await rig.storage.stop()
    }
}
