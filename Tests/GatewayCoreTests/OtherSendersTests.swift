import PluginHost
import PluginKit
import Testing

@testable import GatewayCore

/// Decision 7: another program sends what waits in the table.
@Suite(.timeLimit(.minutes(2))) struct OtherSendersTests {
    /// A shop with a table; when it is looked who else serves that, the test says.
    private struct Watched {
        let shop: Workshop
        let table: PaperTable
        let others: OtherSenders
        let storages: StorageRoster
        /// The table's id in the journal.
        let storage: Int64

        init() async throws {
            let shop = try Workshop()
            table = PaperTable(clock: shop.clock)
            let serving = ServingStorage(handle: table.handle, serial: 1)
            storages = StorageRoster(
                journal: shop.journal, events: shop.events, alarms: shop.alarms, clock: shop.clock
            ) { serving }
            others = OtherSenders(journal: shop.journal, storages: storages, alarms: shop.alarms, clock: shop.clock)
            storage = try #require(try await storages.take()).id
            self.shop = shop
        }

        /// Whether the alarm stands after a look.
        func isAlarmed() async -> Bool {
            await others.look()
            return shop.alarms.stands("storage.other-sender")
        }

        func queueFeed() -> QueueFeed {
            QueueFeed(
                journal: shop.journal, storages: storages,
                state: StorageState(events: shop.events, alarms: shop.alarms), policy: Workshop.policy,
                outbound: shop.outbound, owner: "g/j", events: shop.events, clock: shop.clock, others: others)
        }
    }

    @Test("D7: a row that waited here and is sent by another program raises the alarm, which a quiet hour ends")
    func waiting() async throws {
        let watched = try await Watched()
        let row = watched.table.queue("+16195550123", "hello")
        #expect(await watched.isAlarmed() == false)
        #expect(await watched.isAlarmed() == false)
        watched.table.settleOutside(row)
        #expect(await watched.isAlarmed())
        watched.shop.clock.move(milliseconds: OtherSenders.memoryMilliseconds)
        #expect(await watched.isAlarmed())
        watched.shop.clock.move(milliseconds: 1)
        #expect(await watched.isAlarmed() == false)
        await watched.shop.close()
    }

    @Test("D7: a row that our journal still has to send is another program's when storage has it as sent")
    func begun() async throws {
        let watched = try await Watched()
        let (shop, table) = (watched.shop, watched.table)
        let row = table.queue("+16195550123", "hello") {
            $0.uid = "u1"
            $0.deliveryStatus = .sending
        }
        let (now, storage) = (shop.clock.now, watched.storage)
        try await shop.journal.writer.write { database in
            _ = try OutgoingText.insert(
                .init(
                    uid: "u1", storageID: row, origin: "table", purpose: .conversation, phone: "+16195550123",
                    content: "hello", storage: storage), now: now, database)
        }
        #expect(await watched.isAlarmed() == false)
        table.settleOutside(row)
        #expect(await watched.isAlarmed())
        await shop.close()
    }

    @Test("D7: a row that was ours to begin is looked at, though nobody ever saw it wait", arguments: [false, true])
    func lost(wasSent: Bool) async throws {
        let watched = try await Watched()
        #expect(await watched.isAlarmed() == false)
        let row = watched.table.queue("+16195550123", "hello") { $0.status = wasSent ? .sent : .failed }
        await watched.others.lost([row], in: watched.storage)
        #expect(await watched.isAlarmed() == wasSent)
        await watched.shop.close()
    }

    @Test("Rows that this gateway sends, and those that people take back, are nobody else's")
    func ours() async throws {
        let watched = try await Watched()
        let (shop, table) = (watched.shop, watched.table)
        let queue = watched.queueFeed()
        let rows = (1...20).map { table.queue("+161955501\($0 + 10)", "hello") }
        let later = shop.clock.now
        let taken = table.queue("+16195550199", "hello") { ($0.notBefore, $0.errorCode) = (later, "budget") }
        #expect(await watched.isAlarmed() == false)
        try await shop.startSending()
        let running = Task { await queue.run() }
        #expect(
            try await shop.eventually {
                shop.clock.move(milliseconds: 1)
                return rows.allSatisfy { table[$0]?.status == .sent }
            })
        table.settleOutside(taken, .failed)
        #expect(await watched.isAlarmed() == false)
        #expect(await watched.isAlarmed() == false)
        queue.stop()
        running.cancel()
        await running.value
        await shop.close()
    }
}
