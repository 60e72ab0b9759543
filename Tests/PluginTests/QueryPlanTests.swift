import GRDB
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
}
