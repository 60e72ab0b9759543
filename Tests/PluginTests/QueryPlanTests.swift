import GRDB
import PluginKit
import Testing

@testable import SQLiteStorage

@Suite("Query plans")
struct QueryPlanTests {
    @Test("a claim reads indexes, not the table", arguments: [Claim.nearSQL, Claim.byNumberSQL])
    func plans(sql: String) async throws {
        let queue = try DatabaseQueue()
        let plan = try await queue.write { db in
            try Migrator.run(Migrator.all, on: db)
            let names = [":now", ":window", ":stale", ":copy", ":want", ":sims"].filter(sql.contains)
            let values = Dictionary(uniqueKeysWithValues: names.map { (String($0.dropFirst()), "1") })
            return try Row.fetchAll(db, sql: "EXPLAIN QUERY PLAN " + sql, arguments: StatementArguments(values))
                .map { $0["detail"] as String }
        }
        let scans = plan.filter {
            $0.contains("conductor_messages_status") || ($0.hasPrefix("SCAN messages") && !$0.contains("INDEX"))
        }
        #expect(scans.isEmpty, "\(plan)")
        #expect(plan.contains { $0.contains("conductor_messages_busy (<expr>=?)") }, "\(plan)")
        #expect(plan.contains { $0.contains("conductor_messages_queue (<expr>=? AND id<?)") }, "\(plan)")
    }

    @Test(
        "a page of a list reads the table in its order or an index that has it, and sorts nothing",
        arguments: [
            MessageQuery(direction: .outbound, cursor: 9, limit: 1), MessageQuery(direction: .inbound, limit: 50),
            MessageQuery(direction: .outbound, status: .queued, oldestFirst: true, limit: 50),
            MessageQuery(deliveryStatus: .unknown, limit: 50), MessageQuery(phone: "+16195550123", limit: 50),
            MessageQuery(direction: .inbound, phone: "+16195550123", cursor: 9, limit: 50), MessageQuery(limit: 50),
        ])
    func pages(_ query: MessageQuery) async throws {
        let queue = try DatabaseQueue()
        let (conditions, values) = Lookup.filter(query)
        let sql = Lookup.listSQL(conditions, oldestFirst: query.oldestFirst)
        let plan = try await queue.write { [arguments = StatementArguments(values)] db in
            try Migrator.run(Migrator.all, on: db)
            return try Row.fetchAll(db, sql: "EXPLAIN QUERY PLAN " + sql, arguments: arguments)
                .map { $0["detail"] as String }
        }
        #expect(!plan.contains { $0.contains("ORDER BY") }, "\(plan)")
        let isFound = query.status != nil || query.deliveryStatus != nil || query.phone != nil
        #expect(plan.contains { $0.contains("SEARCH messages USING INDEX") } == isFound, "\(plan)")
    }
}
