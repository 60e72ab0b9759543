import GRDB
import SupabaseStandin
import Testing

@testable import GatewayCore

/// A gateway over Supabase tables that nobody has migrated: they have no place for consent.
@Suite(.enabled(if: Standin.isPossible), .timeLimit(.minutes(2)))
struct ConsentWithoutPlaceTests {
    @Test("B10: what storage has no place for stays in the journal, with an alarm; texts go on, and it follows later")
    func consent() async throws {
        try await SupabaseGateway.run(over: .oldTables) { gateway, _ in
            _ = try await gateway.addOptOut(.init(number: "+16195550101", reason: "asked", by: "test"))
            #expect(await reached { gateway.alarms.all.contains { $0.kind == "consent.local" } })
            #expect(try gateway.journal.read { try $0.first("SELECT stored FROM consent")?["stored"] } == Int64(0))
            // It is no outage.
            #expect(!gateway.alarms.all.contains { $0.kind == "storage.down" })
        }
    }

    private func reached(_ condition: () -> Bool) async -> Bool {
        let end = ContinuousClock.now + .seconds(20)
        while !condition() {
            if ContinuousClock.now > end { return false }
            await Task.yield()
        }
        return true
    }
}
