import Foundation
import GRDB
import PluginKit
import PluginTestKit
import Testing

@testable import SQLiteStorage

@Suite("Customers in SQLite")
struct CustomerTests {
    @Test("rows of programs that know a few columns get the rest, an id that is a UUID included")
    func defaults() async throws {
        let rig = try await SQLiteRig()
        try rig.sqlite(
            """
            INSERT INTO customers (name) VALUES ('A'); INSERT INTO customers (id, created_at) VALUES (NULL, NULL);
            INSERT INTO transactions (total) VALUES (1); INSERT INTO transaction_items (quantity) VALUES (1);
            INSERT INTO products (sku) VALUES ('s'); INSERT INTO staff (name, active) VALUES ('L', TRUE)
            """)
        for table in ["customers", "transactions", "transaction_items", "products", "staff"] {
            let ids = try rig.sqlite("SELECT id, created_at FROM \(table)").split(separator: "\n")
            #expect(!ids.isEmpty)
            for row in ids {
                let parts = row.split(separator: "|", omittingEmptySubsequences: false)
                #expect(UUID(uuidString: String(parts[0])) != nil && Timestamp(String(parts[1])) != nil, "\(row)")
                #expect(
                    parts[0].wholeMatch(of: #/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/#)
                        != nil)
            }
        }
        #expect(try rig.sqlite("SELECT count(DISTINCT id) FROM customers") == "2")
        await rig.storage.stop()
    }

    @Test("tables that a file has already keep their columns, types and rows, and get what they lack")
    func presentTables() async throws {
        let folder = Folder()
        let path = folder.file("messages.db")
        try runSQLite(
            path,
            """
            CREATE TABLE customers (id TEXT PRIMARY KEY, name TEXT NOT NULL, phone TEXT, visit_count TEXT, points INT);
            INSERT INTO customers VALUES ('c1', 'Old', '(619) 555-0101', '6', 9);
            CREATE TABLE products (sku TEXT, name TEXT);
            INSERT INTO products VALUES ('x', 'twice'), ('x', 'twice');
            CREATE TABLE Staff (name TEXT); INSERT INTO Staff VALUES ('Lee');
            """)
        let storage = try SQLiteRig.make(folder, TestClock(), Counter())
        try await storage.start()
        let found = try await storage.customers(CustomerQuery(phone: "+16195550101"), context: .init())
        #expect(found.map(\.name) == ["Old"] && found[0].visitCount == 6 && found[0].churnRisk == nil)
        await storage.stop()
        #expect(try runSQLite(path, "SELECT points, typeof(visit_count), email FROM customers") == "9|text|")
        #expect(try runSQLite(path, "SELECT count(*), count(DISTINCT id), min(length(id)) FROM products") == "2|2|36")
        #expect(try runSQLite(path, "SELECT name, length(id) FROM staff") == "Lee|36")
        #expect(
            try runSQLite(
                path,
                "INSERT INTO customers (id, name) VALUES ('c2', 'New'); SELECT created_at IS NOT NULL "
                    + "FROM customers WHERE id = 'c2'") == "1")
    }

    @Test("a view of the name of a table is refused in words")
    func view() async throws {
        let folder = Folder()
        try runSQLite(folder.file("messages.db"), "CREATE VIEW customers AS SELECT 1 AS id")
        let storage = try SQLiteRig.make(folder, TestClock(), Counter())
        let error = await #expect(throws: PluginError.self) { try await storage.health(context: .init()) }
        #expect(error?.code == .internal && error?.message.contains("customers is a view") == true)
        await storage.stop()
    }

    @Test(
        "amounts are exact to the millionth, however a program writes them",
        arguments: [
            ("12.34", 12_340_000), ("'12.34'", 12_340_000), ("0.1 + 0.2", 300_000), ("-19.99", -19_990_000),
            ("7", 7_000_000),
            ("2160000.01", 2_160_000_010_000), ("'$5'", nil), ("NULL", nil), ("''", nil),
            ("1234567.89", 1_234_567_890_000),
        ] as [(String, Int64?)])
    func money(written: String, micros: Int64?) async throws {
        let rig = try await SQLiteRig()
        try rig.sqlite("INSERT INTO customers (phone, lifetime_value) VALUES ('+16195550101', \(written))")
        let customers = try await rig.storage.customers(CustomerQuery(phone: "+16195550101"), context: .init())
        #expect(customers.map(\.lifetimeValueMicros) == [micros])
        await rig.storage.stop()
    }

    @Test(
        "days are the shop's: over midnight there, and over both changes of its clocks",
        arguments: [
            // Last visit, now, days.
            ("2026-05-03", "2026-05-04T06:59:59.000Z", 0), ("2026-05-03", "2026-05-04T07:00:00.000Z", 1),
            ("2026-01-03", "2026-01-04T07:59:59.000Z", 0), ("2026-01-03", "2026-01-04T08:00:00.000Z", 1),
            ("2026-03-07", "2026-03-09T06:59:59.000Z", 1), ("2026-03-07", "2026-03-09T07:00:00.000Z", 2),
            ("2026-10-31", "2026-11-02T07:59:59.000Z", 1), ("2026-10-31", "2026-11-02T08:00:00.000Z", 2),
            ("2026-10-02", "2026-11-01T06:59:59.000Z", 29), ("2026-10-02", "2026-11-01T07:00:00.000Z", 30),
        ])
    func zone(last: String, now: String, days: Int32) async throws {
        let rig = try await SQLiteRig()
        try rig.sqlite(
            """
            UPDATE conductor_crm_rules SET zone = 'America/Los_Angeles';
            INSERT INTO customers (phone, last_visit_date) VALUES ('+16195550101', '\(last)')
            """)
        rig.clock.set(try #require(Timestamp(now)))
        let customers = try await rig.storage.customers(CustomerQuery(phone: "+16195550101"), context: .init())
        #expect(customers.map(\.daysSinceLastVisit) == [days])
        #expect(customers.map(\.churnRisk) == [days < 30 ? "Low" : "Medium"])
        await rig.storage.stop()
    }

    @Test("thresholds and zone are one row of a table, and the view reads them like the look-up")
    func rules() async throws {
        let rig = try await SQLiteRig()
        let zone = try rig.sqlite("SELECT zone FROM conductor_crm_rules")
        #expect(zone == TimeZone.current.identifier)
        try rig.sqlite(
            """
            UPDATE conductor_crm_rules SET vip_visits = 3, high_risk_days = 1, zone = 'Nowhere/At_All';
            INSERT INTO customers (phone, visit_count, last_visit_date, vip_status, days_since_last_visit)
            VALUES ('+16195550101', 3, date('now', '-5 days'), 'New', 0)
            """)
        for _ in 0..<2 {
            let customers = try await rig.storage.customers(CustomerQuery(phone: "+16195550101"), context: .init())
            #expect(customers.map(\.vipStatus) == ["VIP"] && customers.map(\.churnRisk) == ["High"])
        }
        #expect(
            try rig.sqlite("SELECT vip_status, churn_risk, days_since_last_visit FROM conductor_customers")
                == "VIP|High|5")
        await rig.storage.stop()
    }

    @Test(
        "a look-up reads indexes, not tables",
        arguments: [
            CustomerLookup.customersSQL, CustomerLookup.purchasesSQL, CustomerLookup.itemsSQL,
        ])
    func plans(sql: String) async throws {
        let queue = try DatabaseQueue()
        let plan = try await queue.write { db in
            try Migrator.run(Migrator.all, on: db)
            let names = [":now", ":phone", ":customer", ":count", ":number"].filter(sql.contains)
            let values = Dictionary(uniqueKeysWithValues: names.map { (String($0.dropFirst()), "1") })
            return try Row.fetchAll(db, sql: "EXPLAIN QUERY PLAN " + sql, arguments: StatementArguments(values))
                .map { $0["detail"] as String }
        }
        // The rules have one row; so has the number that is looked for, as it is written and without what stands around it.
        let single = ["SCAN r", "SCAN CONSTANT ROW", "SCAN w"]
        #expect(plan.allSatisfy { !$0.hasPrefix("SCAN") || single.contains($0) }, "\(plan)")
    }

    @Test("where numbers are written otherwise at home, customers are found by theirs, and the view stays")
    func elsewhere() async throws {
        let folder = Folder()
        let host = Host(baseFolder: folder.path)
        for settings in ["{}", #"{"national": {"code": "44", "trunk": "0"}}"#] {
            let storage = try SQLiteMessages(host: host, settings: Settings(json: settings))
            try await storage.start()
            try runSQLite(
                folder.file("messages.db"), "INSERT INTO customers (name, phone) VALUES ('Kim', '020 7946 0018')")
            let found = try await storage.customers(CustomerQuery(phone: "+442079460018"), context: .init())
            #expect(found.count == (settings == "{}" ? 0 : 2))
            #expect(try runSQLite(folder.file("messages.db"), "SELECT count(*) > 0 FROM conductor_customers") == "1")
            await storage.stop()
        }
    }
}
