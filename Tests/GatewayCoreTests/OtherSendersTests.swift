import PluginHost
import PluginKit
import Testing

@testable import GatewayCore

/// Decision 7: another program sends what waits in the table.
@Suite(.timeLimit(.minutes(2))) struct OtherSendersTests {
    private static let kind = "storage.other-sender"

    /// A shop that serves a table and watches who else does; what happens in it, the test says.
    private final class Watched: Sendable {
        let shop: Workshop
        let table: PaperTable
        let others: OtherSenders
        let queue: QueueFeed
        let storages: StorageRoster
        private let tasks: Task<Void, Never>

        init() async throws {
            shop = try Workshop()
            table = PaperTable(clock: shop.clock)
            let serving = ServingStorage(handle: table.handle, serial: 1)
            storages = StorageRoster(
                journal: shop.journal, events: shop.events, alarms: shop.alarms, clock: shop.clock
            ) { serving }
            others = OtherSenders(journal: shop.journal, storages: storages, alarms: shop.alarms, clock: shop.clock)
            queue = QueueFeed(
                journal: shop.journal, storages: storages,
                state: StorageState(events: shop.events, alarms: shop.alarms), policy: Workshop.policy,
                outbound: shop.outbound, owner: "g/j", events: shop.events, clock: shop.clock, others: others)
            let (others, queue) = (self.others, self.queue)
            tasks = Task {
                await withDiscardingTaskGroup { group in
                    group.addTask { await others.run() }
                    group.addTask { await queue.run() }
                }
            }
        }

        var isAlarmed: Bool { shop.alarms.stands(OtherSendersTests.kind) }

        /// Time goes by, a second at a time and each seen by everybody, until `condition` holds or `seconds` are over.
        func pass(_ seconds: Int, until condition: @Sendable () throws -> Bool = { false }) async throws -> Bool {
            for _ in 0..<seconds {
                if try condition() { return true }
                shop.clock.move(milliseconds: 1_000)
                await queue.storageChanged()
                _ = try await shop.eventually { shop.clock.isWaitedFor }
                for _ in 0..<50 { await Task.yield() }
            }
            return try condition()
        }

        func end() async {
            queue.stop()
            tasks.cancel()
            await tasks.value
            await shop.close()
        }
    }

    @Test("D7: a row that waited here and is sent by another program raises the alarm, which a quiet hour ends")
    func waiting() async throws {
        let watched = try await Watched()
        // No modem is there: it waits.
        let row = watched.table.queue("+16195550123", "hello")
        #expect(try await watched.pass(20) == false)
        #expect(!watched.isAlarmed)
        watched.table.sendOutside(row)
        #expect(try await watched.pass(120) { watched.isAlarmed })
        watched.shop.clock.move(milliseconds: OtherSenders.memoryMilliseconds)
        #expect(try await watched.pass(120) { !watched.isAlarmed })
        await watched.end()
    }

    @Test("D7: a row that our journal still has to send is another program's when storage has it as sent")
    func begun() async throws {
        let watched = try await Watched()
        let (shop, table) = (watched.shop, watched.table)
        let served = try await watched.storages.take()
        let storage = try #require(served?.id)
        let row = table.queue("+16195550123", "hello") {
            $0.uid = "u1"
            $0.deliveryStatus = .sending
        }
        let now = shop.clock.now
        try await shop.journal.writer.write { database in
            _ = try OutgoingText.insert(
                .init(
                    uid: "u1", storageID: row, origin: "table", purpose: .conversation, phone: "+16195550123",
                    content: "hello", storage: storage), now: now, database)
        }
        #expect(try await watched.pass(20) { watched.isAlarmed } == false)
        table.sendOutside(row)
        #expect(try await watched.pass(120) { watched.isAlarmed })
        await watched.end()
    }

    @Test("D7: a row that was ours to begin is looked at, though nobody ever saw it wait", arguments: [false, true])
    func lost(wasSent: Bool) async throws {
        let watched = try await Watched()
        let served = try await watched.storages.take()
        let storage = try #require(served?.id)
        #expect(try await watched.pass(6) { watched.isAlarmed } == false)
        let row = watched.table.queue("+16195550123", "hello") { $0.status = wasSent ? .sent : .failed }
        await watched.others.lost([row], in: storage)
        #expect(try await watched.pass(70) { watched.isAlarmed } == wasSent)
        await watched.end()
    }

    @Test("Rows that this gateway sends, and those that people take back, are nobody else's")
    func ours() async throws {
        let watched = try await Watched()
        let table = watched.table
        let rows = (1...20).map { table.queue("+161955501\($0 + 10)", "hello") }
        #expect(try await watched.pass(8) == false)
        try await watched.shop.startSending()
        #expect(try await watched.pass(60) { rows.allSatisfy { table[$0]?.status == .sent } })
        #expect(try await watched.pass(70) { watched.isAlarmed } == false)
        await watched.end()
    }
}
