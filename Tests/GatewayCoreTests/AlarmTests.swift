import Foundation
import GRDB
import Logging
import ModemKit
import PluginHost
import PluginKit
import Synchronization
import Testing

@testable import GatewayCore

/// Alarms that only a damaged file, an empty table or a nearly used budget raises; and how they end.
@Suite(.timeLimit(.minutes(2))) struct AlarmTests {
    private func inspection(
        _ shop: Workshop, _ health: @escaping @Sendable () -> StorageHealth?
    ) -> Task<Void, Never> {
        let inspection = Inspection(
            journal: shop.journal, journalFile: shop.folder + "/journal.db", alarms: shop.alarms, clock: shop.clock,
            storage: { health() }, heldRows: { 0 })
        return Task { await inspection.run() }
    }

    private func kinds(_ shop: Workshop) -> [String] { shop.alarms.all.map(\.kind) }

    @Test("storage.damaged: a table whose file is damaged is told with its cure, also when it was away at first")
    func storageDamaged() async throws {
        let shop = try Workshop()
        let path = shop.folder + "/messages.db"
        let queue = try DatabaseQueue(path: path)
        try await queue.write { database in
            try database.execute(sql: "CREATE TABLE messages (id INTEGER PRIMARY KEY, content TEXT)")
            for _ in 0..<300 {
                try database.execute(
                    sql: "INSERT INTO messages (content) VALUES (?)", arguments: [String(repeating: "w ", count: 100)])
            }
        }
        try queue.close()
        let isThere = Mutex(false)
        let task = inspection(shop) {
            isThere.withLock { $0 } ? StorageHealth(location: "here", rows: 300, bytes: 1, databaseFile: path) : nil
        }
        #expect(try await shop.eventually { shop.clock.isWaitedFor })
        #expect(kinds(shop).isEmpty)
        var data = try Data(contentsOf: URL(fileURLWithPath: path))
        data.replaceSubrange(3 * 4_096..<4 * 4_096, with: Data(repeating: 0xA5, count: 4_096))
        try data.write(to: URL(fileURLWithPath: path))
        isThere.withLock { $0 = true }
        shop.clock.move(milliseconds: 5_000)
        #expect(try await shop.eventually { kinds(shop) == ["storage.damaged"] })
        let message = shop.alarms.all.first?.message ?? ""
        #expect(message.contains(path) && message.contains("stop the gateway and run `conductor storage repair`"))
        // The journal is another file, which is whole.
        #expect(!Suspicion.stands(in: shop.folder))
        task.cancel()
        await task.value
        await shop.close()
    }

    @Test("storage.lost: an empty table where texts were put, until the right one is back")
    func storageLost() async throws {
        let shop = try Workshop()
        _ = try await shop.inbound.receive([Workshop.reading(try Workshop.deliver("Hi")[0])])
        try await shop.journal.writer.write { try $0.run("UPDATE inbound SET stored = revision") }
        let rows = Mutex<Int64>(0)
        let path = shop.folder + "/journal.db"
        let task = inspection(shop) {
            StorageHealth(location: "the table", rows: rows.withLock { $0 }, bytes: 1, databaseFile: path)
        }
        #expect(try await shop.eventually { kinds(shop) == ["storage.lost"] })
        #expect(shop.alarms.all.first?.message.contains("the table is empty, and 1 texts were put there") == true)
        rows.withLock { $0 = 1 }
        #expect(try await shop.eventually { shop.clock.isWaitedFor })
        shop.clock.move(milliseconds: Inspection.everyMilliseconds)
        #expect(try await shop.eventually { kinds(shop).isEmpty })
        task.cancel()
        await task.value
        await shop.close()
    }

    @Test("storage.quota: from 80 % of a set quota on, until there is room; one that is away changes nothing")
    func storageQuota() async throws {
        let shop = try Workshop()
        let health = Mutex<StorageHealth?>(
            StorageHealth(location: "the project", rows: 1, bytes: 399, quotaBytes: 500))
        let watch = QuotaWatch(alarms: shop.alarms, clock: shop.clock) { health.withLock { $0 } }
        let task = Task { await watch.run() }
        #expect(try await shop.eventually { shop.clock.isWaitedFor })
        #expect(kinds(shop).isEmpty)
        health.withLock { $0?.bytes = 400 }
        shop.clock.move(milliseconds: QuotaWatch.everyMilliseconds)
        #expect(try await shop.eventually { kinds(shop) == ["storage.quota"] })
        #expect(shop.alarms.all.first?.message.hasPrefix("the project holds 80 % of its quota: make room") == true)
        health.withLock { $0 = nil }
        #expect(try await shop.eventually { shop.clock.isWaitedFor })
        shop.clock.move(milliseconds: QuotaWatch.everyMilliseconds)
        #expect(try await shop.eventually { shop.clock.isWaitedFor })
        #expect(kinds(shop) == ["storage.quota"])
        // Another storage serves, and has no quota.
        health.withLock { $0 = StorageHealth(location: "here", rows: 1, bytes: 400) }
        shop.clock.move(milliseconds: QuotaWatch.soonMilliseconds)
        #expect(try await shop.eventually { kinds(shop).isEmpty })
        task.cancel()
        await task.value
        await shop.close()
    }

    @Test("console.damaged: the gateway starts, and says what was saved")
    func consoleDamaged() async throws {
        let folder = NSTemporaryDirectory() + "conductor-alarm-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder + "/plugins.d", withIntermediateDirectories: true)
        try Files.write(Array(repeating: 0x41, count: 20_000), to: folder + "/console.db")
        let gateway = try Gateway(
            GatewayOptions(
                gateway: "g", stateFolder: folder, version: "0", policy: Policy(),
                plugins: .init(
                    pluginsFolder: folder + "/plugins.d", copiesFolder: folder + "/plugins", searchPath: [],
                    baseFolder: folder), fleet: FleetConfiguration(useUdev: false),
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }), clock: HandClock())
        let alarm = gateway.alarms.all.first { $0.kind == "console.damaged" }
        #expect(alarm?.message.contains("console.db was damaged") == true)
        await gateway.stop()
        try FileManager.default.removeItem(atPath: folder)
    }

    @Test("budget.low, then budget: told when most of a day's parts are used; both end with the shop's day")
    func budgetLow() async throws {
        var policy = Workshop.policy
        policy.timeZone = "UTC"
        policy.budget.perDay = 5
        let shop = try Workshop(policy: policy)
        try await shop.startSending()
        func send(_ count: Int, expecting alarms: [String]) async throws {
            for number in 0..<count { try await shop.send("\(number)", to: "+1619555010\(number)") }
            #expect(try await shop.eventually { await shop.outbound.budgetUse?.spent == self.spent(alarms) })
            await shop.outbound.lookAtLimits(now: shop.clock.now)
            #expect(Set(kinds(shop)) == Set(alarms))
        }
        try await send(3, expecting: [])
        try await send(1, expecting: ["budget.low"])
        #expect(shop.alarms.all.first?.message == "4 of the budget of 5 parts a day are used")
        try await send(1, expecting: ["budget.low", "budget"])
        // From 16:06 to the next midnight.
        shop.clock.move(milliseconds: 8 * 3_600_000)
        await shop.outbound.lookAtLimits(now: shop.clock.now)
        #expect(kinds(shop).isEmpty)
        #expect(await shop.outbound.budgetUse?.spent == 0)
        await shop.close()
    }

    private func spent(_ alarms: [String]) -> Int { 3 + alarms.count }

    @Test("limit.plugin: what one plugin sends too much waits, is told with its name, and ends with the minute")
    func limitPlugin() async throws {
        var policy = Workshop.policy
        policy.limits.plugin.perMinute = 2
        let shop = try Workshop(policy: policy)
        try await shop.startSending()
        let now = shop.clock.now
        var texts: [OutgoingText] = []
        for number in 0..<3 {
            texts.append(
                try await shop.journal.writer.write { database in
                    try OutgoingText.insert(
                        .init(
                            uid: UID.make(at: now), origin: "plugin:20-bot", purpose: .notice,
                            phone: "+1619555010\(number)", content: "text \(number)"), now: now, database)
                })
        }
        await shop.outbound.add(texts)
        #expect(try await shop.eventually { kinds(shop) == ["limit.plugin"] })
        #expect(shop.alarms.all.first?.message.contains("20-bot") == true)
        #expect(try await shop.eventually { shop.radio.texts.count == 2 })
        // Another one's goes.
        let other = try await shop.send("other", to: "+16195550199")
        #expect(try await shop.eventually { try shop.state(of: other.uid) == "accepted" })
        shop.clock.move(milliseconds: 61_000)
        #expect(try await shop.eventually { shop.radio.texts.count == 4 })
        await shop.outbound.lookAtLimits(now: shop.clock.now)
        #expect(kinds(shop).isEmpty)
        await shop.close()
    }
}
