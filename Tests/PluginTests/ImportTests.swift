import GRDB
import PluginKit
import Testing

@testable import SQLiteStorage

/// What SQLite alone does with imports; what every storage does is in `StorageContract`.
@Suite("Imports into SQLite")
struct ImportTests {
    private static func members(_ rows: (String, String, String)...) -> ImportSection {
        ImportSection(
            table: .customers, columns: ["member_id", "phone", "name"],
            values: rows.flatMap { [.text($0.0), .text($0.1), .text($0.2)] })
    }

    private static func receipts(_ rows: (Int64, String, Int64)...) -> ImportSection {
        ImportSection(
            table: .transactions, columns: ["transaction_id", "customers.member_id", "total", "date"],
            values: rows.flatMap { [.count($0.0), .text($0.1), .money(micros: $0.2 * 1_000_000), .day("2026-05-01")] })
    }

    @discardableResult
    private static func put(_ rig: SQLiteRig, _ id: String, _ section: ImportSection) async throws -> [String] {
        let batch = ImportBatch(importID: id, sequence: 1, today: "2026-06-01", sections: [section])
        return try await rig.storage.importRows(batch, context: .init()).outcomes.map { "\($0.kind)" }
    }

    private static func undo(_ rig: SQLiteRig, _ id: String) async throws -> [String] {
        let end = ImportEnd(importID: id, what: .foresee)
        let foreseen = try await rig.storage.endImport(end, context: .init())
        let done = try await rig.storage.endImport(ImportEnd(importID: id, what: .undo), context: .init())
        #expect(foreseen == done, "what was foreseen is not what was done")
        return done.map { "\($0.table.rawValue) \($0.removed) \($0.restored) \($0.left)" }
    }

    @Test("an import that is taken back leaves what was there before it")
    func undo() async throws {
        let rig = try await SQLiteRig()
        try await Self.put(rig, "a", Self.members(("M1", "+16195550101", "Ana"), ("M2", "+16195550102", "Bo")))
        let before = try rig.sqlite("SELECT member_id, phone, name FROM customers ORDER BY 1")
        #expect(
            try await Self.put(
                rig, "b", Self.members(("M1", "+16195550109", "Anna"), ("M2", "+16195550102", "Bo"), ("M3", "", "Cy")))
                == ["updated", "unchanged", "inserted"])
        #expect(try await Self.undo(rig, "b") == ["customers 1 1 0"])
        #expect(try rig.sqlite("SELECT member_id, phone, name FROM customers ORDER BY 1") == before)
        #expect(try await Self.undo(rig, "b").isEmpty, "taken back twice, it did something")
        await rig.storage.stop()
    }

    @Test("what was changed since stays, and so does what others refer to")
    func left() async throws {
        let rig = try await SQLiteRig()
        try await Self.put(rig, "a", Self.members(("M1", "+16195550101", "Ana"), ("M2", "+16195550102", "Bo")))
        try await Self.put(rig, "b", Self.members(("M1", "+16195550101", "Anna"), ("M3", "+16195550103", "Cy")))
        try await Self.put(rig, "c", Self.receipts((1, "M3", 10)))
        try rig.sqlite("UPDATE customers SET name = 'Annabel' WHERE member_id = 'M1'")
        #expect(try await Self.undo(rig, "b") == ["customers 0 0 2"])
        #expect(try rig.sqlite("SELECT name FROM customers ORDER BY member_id") == "Annabel\nBo\nCy")
        // Once the receipt is gone, its customer can go.
        #expect(try await Self.undo(rig, "c") == ["transactions 1 0 0"])
        await rig.storage.stop()
    }

    @Test("an opening balance is taken back with its import")
    func opening() async throws {
        let rig = try await SQLiteRig()
        try await Self.put(rig, "a", Self.members(("M1", "+16195550101", "Ana")))
        func stated(_ visits: Int64, _ day: String) -> ImportSection {
            ImportSection(
                table: .customers, columns: ["member_id", "visit_count", "last_visit_date"],
                values: [.text("M1"), .count(visits), .day(day)])
        }
        func visits() async throws -> Int32? {
            try await rig.storage.customers(CustomerQuery(phone: "+16195550101"), context: .init()).first?.visitCount
        }
        #expect(try await Self.put(rig, "b", stated(10, "2026-01-01")) == ["updated"])
        #expect(try await visits() == 10)
        #expect(try await Self.put(rig, "c", stated(12, "2026-02-01")) == ["updated"])
        #expect(try await visits() == 12)
        _ = try await rig.storage.endImport(ImportEnd(importID: "c", what: .undo), context: .init())
        #expect(try await visits() == 10)
        await rig.storage.stop()
    }

    @Test("whoever is erased is erased from what an import has written down")
    func erased() async throws {
        let rig = try await SQLiteRig()
        try await Self.put(rig, "a", Self.members(("M1", "+16195550101", "Ana")))
        try await Self.put(rig, "b", Self.members(("M1", "+16195550101", "Anna")))
        #expect(try rig.sqlite("SELECT count(*) FROM conductor_import_changes WHERE before = 'Ana'") == "1")
        let request = ErasureRequest(phone: "+16195550101", before: Timestamp(milliseconds: 4_000_000_000_000))
        _ = try await rig.storage.erase(request, context: .init())
        #expect(try rig.sqlite("SELECT count(*) FROM conductor_import_changes") == "0")
        #expect(try rig.sqlite("SELECT count(*) FROM conductor_crm_opening") == "0")
        await rig.storage.stop()
    }

    @Test("D2: the stored columns are right for readers of the table, soon after a change and every day")
    func stored() throws {
        let queue = try DatabaseQueue()
        let noon: Int64 = 1_780_315_200  // 2026-06-01T12:00:00Z
        try queue.write { db in
            try Migrator.run(Migrator.all, on: db)
            try Derived.bringUpToDate(on: db)
            try db.execute(sql: "UPDATE conductor_crm_rules SET zone = 'UTC'")
            try db.execute(sql: "INSERT INTO conductor_zone VALUES ('UTC', 0, 0)")
            try db.execute(
                sql: """
                    INSERT INTO customers (id, name) VALUES ('c', 'Ana');
                    INSERT INTO staff (id, name) VALUES ('s', 'Lee'), ('t', 'Mo');
                    INSERT INTO transactions (transaction_id, customer_id, date, total, location, staff_id) VALUES
                        (1, 'c', '2026-05-01', 10, 'Uptown', 's'), (2, 'c', '2026-05-03', 5.5, 'Downtown', 't'),
                        (3, 'c', '2026-05-03', 1, 'Downtown', 't')
                    """)
        }
        func refresh(_ now: Int64) throws {
            try queue.write { db in
                var place: Int64?
                while try CustomerRefresh.step(now: now, after: &place, on: db) {}
                #expect(try !CustomerRefresh.isBehind(now: now, on: db))
            }
        }
        func row() throws -> String? {
            try queue.read { db in
                try String.fetchOne(
                    db,
                    sql: """
                        SELECT visit_count || '|' || lifetime_value || '|' || first_visit_date || '|' || last_visit_date || '|'
                            || vip_status || '|' || churn_risk || '|' || avg_transaction_value || '|'
                            || days_since_last_visit || '|' || preferred_location || '|' || preferred_budtender
                        FROM customers
                        """)
            }
        }
        try refresh(noon)
        #expect(try row() == "3|16.5|2026-05-01|2026-05-03|Casual|Low|5.5|29|Downtown|Mo")
        try refresh(noon + 86_400)
        #expect(try row() == "3|16.5|2026-05-01|2026-05-03|Casual|Medium|5.5|30|Downtown|Mo")
        try queue.write { try $0.execute(sql: "DELETE FROM transactions WHERE transaction_id > 1") }
        try refresh(noon + 86_400)
        #expect(try row() == "1|10|2026-05-01|2026-05-01|New|Medium|10|32|Uptown|Lee")
        // Nothing of that was taken for something that another program says.
        #expect(try queue.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM conductor_crm_opening") } == 0)
    }

    @Test("a look-up of somebody whose receipts have changed reads indexes, not tables")
    func plan() throws {
        let queue = try DatabaseQueue()
        let plan = try queue.write { db in
            try Migrator.run(Migrator.all, on: db)
            try Derived.bringUpToDate(on: db)
            return try Row.fetchAll(db, sql: "EXPLAIN QUERY PLAN SELECT * FROM conductor_customers WHERE id = 'c'")
                .map { $0["detail"] as String }
        }
        #expect(plan.allSatisfy { !$0.hasPrefix("SCAN") || $0 == "SCAN r" }, "\(plan)")
    }

    @Test(
        "receipts of an import are counted though they wake no trigger; one of somebody's own is woken",
        arguments: [false, true])
    func triggers(isWatched: Bool) async throws {
        let rig = try await SQLiteRig()
        try await Self.put(rig, "a", Self.members(("M1", "+16195550101", "Ana"), ("M2", "+16195550102", "Bo")))
        if isWatched {
            try rig.sqlite(
                """
                CREATE TABLE seen (number INTEGER);
                CREATE TRIGGER mine AFTER INSERT ON transactions BEGIN INSERT INTO seen VALUES (new.transaction_id); END
                """)
        }
        try await Self.put(rig, "b", Self.receipts((1, "M1", 10), (2, "M1", 20), (3, "M9", 5)))
        let found = try await rig.storage.customers(CustomerQuery(phone: "+16195550101"), context: .init())
        #expect(found.first?.visitCount == 2 && found.first?.lifetimeValueMicros == 30_000_000)
        let lacking = "SELECT count(*) FROM transactions WHERE id IS NULL OR created_at IS NULL"
        #expect(try rig.sqlite(lacking) == "0")
        if isWatched { #expect(try rig.sqlite("SELECT group_concat(number) FROM seen") == "1,2,3") }
        // Other programs wake them as ever.
        try rig.sqlite(
            "INSERT INTO transactions (transaction_id, customer_id, total) SELECT 4, id, 1 FROM customers WHERE name = 'Ana'"
        )
        let later = try await rig.storage.customers(CustomerQuery(phone: "+16195550101"), context: .init())
        #expect(later.first?.visitCount == 3)
        await rig.storage.stop()
    }

    @Test("pages of the large lists, and customers by number, are found by an index")
    func indexes() throws {
        let queue = try DatabaseQueue()
        try queue.write { db in
            try Migrator.run(Migrator.all, on: db)
            try Derived.bringUpToDate(on: db)
            for (list, order) in [
                (CustomerList.customers, "name"), (.transactions, "date"), (.items, "id"), (.products, "name"),
            ] {
                let shape = ListShape.of(list)
                let key = try #require(shape.orders[order])
                let cursor = ListCursor(key: "a".databaseValue, id: "b".databaseValue)
                for stretch in ListStretch.all(key, shape, cursor, true, from: 1) {
                    let plan = try Row.fetchAll(
                        db,
                        sql: """
                            EXPLAIN QUERY PLAN SELECT \(shape.id) FROM \(shape.source) WHERE \(stretch.condition)
                            ORDER BY \(stretch.order) LIMIT 50
                            """, arguments: StatementArguments(stretch.values)
                    ).map { $0["detail"] as String }
                    #expect(
                        plan.allSatisfy { !$0.hasPrefix("SCAN") || $0 == "SCAN r" }
                            && !plan.contains { $0.contains("TEMP") },
                        "\(list.rawValue): \(plan)")
                }
            }
            let plan = try Row.fetchAll(
                db, sql: "EXPLAIN QUERY PLAN \(CustomerLookup.customersSQL)", arguments: ["now": 0, "phone": "+1"]
            ).map { $0["detail"] as String }
            #expect(
                plan.contains { $0.contains("MULTI-INDEX OR") } && !plan.contains { $0.hasPrefix("SCAN c") }, "\(plan)")
        }
    }
}
