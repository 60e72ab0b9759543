import GRDB
import ModemKit
import PluginKit
import Testing

@testable import GatewayCore

@Suite struct DeliveredShareTests {
    /// Parts of the SIM, one a minute, the oldest first; the last one is an hour old.
    private func journal(_ statuses: [Int?], in shop: Workshop, minutes last: Int64 = 60) async throws {
        let now = shop.clock.now.milliseconds
        try await shop.journal.writer.write { database in
            for (index, status) in statuses.enumerated() {
                let at = now - (last + Int64(statuses.count - 1 - index)) * 60_000
                try database.run(
                    """
                    INSERT INTO part (uid, number, pdu, phone, modem, sim, state, intent_at, report_status)
                    VALUES (?, 1, x'01', '+16195550123', 'm', ?, 'accepted', ?, ?)
                    """, ["u\(at)-\(index)", Workshop.sim.rawValue, at, status])
            }
        }
    }

    private func finding(in shop: Workshop) throws -> String? {
        try shop.journal.read {
            try SIMPause.finding(for: Workshop.sim.rawValue, share: DeliveredShare(), now: shop.clock.now, $0)
        }
    }

    private static func row(_ delivered: Int, _ failed: Int, _ silent: Int) -> [Int?] {
        Array(repeating: 0, count: delivered) + Array(repeating: 70, count: failed)
            + Array(repeating: nil, count: silent)
    }

    @Test(
        "B5: a SIM is named when fewer than half of its last 20 parts were delivered, and only then",
        arguments: [
            (row(20, 0, 0), false), (row(10, 10, 0), false), (row(9, 11, 0), true), (row(9, 0, 11), true),
            (row(9, 10, 0), false), (row(0, 20, 0), true), (row(1, 0, 20), true), (row(50, 0, 11), true),
        ])
    func found(statuses: [Int?], isFound: Bool) async throws {
        let shop = try Workshop()
        try await journal(statuses, in: shop)
        #expect(try (finding(in: shop) != nil) == isFound)
        await shop.close()
    }

    @Test("B5: a network that sends no reports at all says nothing; nor do parts that are too young for one")
    func silence() async throws {
        let shop = try Workshop()
        try await journal(Self.row(0, 0, 40), in: shop)
        #expect(try finding(in: shop) == nil)
        let other = try Workshop()
        try await journal(Self.row(5, 0, 18), in: other, minutes: 5)
        #expect(try finding(in: other) == nil)
        await shop.close()
        await other.close()
    }

    @Test("B5: a SIM whose texts no longer arrive is paused with an alarm, over a restart, until a person resumes it")
    func paused() async throws {
        let shop = try Workshop()
        try await journal(Self.row(2, 20, 0), in: shop)
        try await shop.startSending()
        #expect(try await shop.eventually { shop.alarms.all.map(\.kind) == ["sim.paused"] })
        let text = try await shop.send("Hello", to: "+16195550199")
        await shop.close()

        let next = try Workshop(folder: shop.folder)
        try await next.startSending()
        next.clock.move(milliseconds: 5_000)
        #expect(next.alarms.all.map(\.kind) == ["sim.paused"])
        #expect(await next.outbound.obstacle(to: text)?.contains("is paused") == true)
        #expect(next.radio.written.isEmpty)
        #expect(try await next.outbound.resume(Workshop.sim.rawValue))
        #expect(try await next.eventually { try next.state(of: text.uid) == "accepted" })
        next.clock.move(milliseconds: 600_000)
        #expect(next.alarms.all.isEmpty, "what left before is not held against it again")
        #expect(try await !next.outbound.resume(Workshop.sim.rawValue))
        await next.close()
    }

    @Test("Neither limits nor share read a whole table")
    func plans() async throws {
        let shop = try Workshop()
        for (sql, count) in [(PastParts.sql, 1), (SIMPause.latestSQL, 5)] {
            let values = Array(repeating: 1 as (any DatabaseValueConvertible)?, count: count)
            let plan = try shop.journal.read {
                try Row.fetchAll($0, sql: "EXPLAIN QUERY PLAN " + sql, arguments: StatementArguments(values))
                    .map { $0["detail"] as String }
            }
            #expect(!plan.contains { $0.hasPrefix("SCAN") && !$0.contains("CONSTANT") }, "\(plan)")
        }
        await shop.close()
    }
}
