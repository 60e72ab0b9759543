import GRDB
import ModemKit
import PluginHost
import PluginKit
import Testing

@testable import GatewayCore

/// Rows of a table on their way into the journal and back.
@Suite(.timeLimit(.minutes(2))) struct QueueFeedTests {
    private static let phone = "+16195550123"

    /// A shop that serves a table.
    private final class Served: Sendable {
        let shop: Workshop
        let table: PaperTable
        let feed: QueueFeed
        private let running: Task<Void, Never>

        init(_ change: (inout Policy) -> Void = { _ in }) async throws {
            var policy = Workshop.policy
            change(&policy)
            shop = try Workshop(policy: policy)
            table = PaperTable(clock: shop.clock)
            let serving = ServingStorage(handle: table.handle, serial: 1)
            let storages = StorageRoster(
                journal: shop.journal, events: shop.events, alarms: shop.alarms, clock: shop.clock
            ) { serving }
            feed = QueueFeed(
                journal: shop.journal, storages: storages,
                state: StorageState(events: shop.events, alarms: shop.alarms), policy: policy, outbound: shop.outbound,
                owner: "g/j", events: shop.events, clock: shop.clock)
            let feed = self.feed
            running = Task { await feed.run() }
            try await shop.startSending()
        }

        func eventually(_ condition: @Sendable () throws -> Bool) async throws -> Bool {
            try await shop.eventually {
                await feed.storageChanged()
                // In small steps: no claim's lease shall end because nobody else got to run.
                shop.clock.move(milliseconds: 1)
                return try condition()
            }
        }

        func end() async {
            feed.stop()
            // It may be waiting for the clock.
            running.cancel()
            await running.value
            await shop.close()
        }
    }

    private static func kinds(_ events: AsyncStream<Event>, until kind: String) async -> Bool {
        for await event in events where event.kind == kind { return true }
        return false
    }

    @Test(
        "A row that is queued again after its text has left is not sent, gets its end back and holds up nobody",
        arguments: [false, true])
    func putBack(answerIsLost: Bool) async throws {
        let served = try await Served()
        let (shop, table) = (served.shop, served.table)
        let row = table.queue(Self.phone, "first")
        #expect(try await served.eventually { table[row]?.deliveryStatus == .accepted })
        let events = shop.events.listen(backlog: 100)
        if answerIsLost { table.loseBegin() }
        table.queueAgain(row)
        #expect(try await served.eventually { table[row]?.status == .sent && table[row]?.deliveryStatus == .accepted })
        #expect(await Self.kinds(events, until: "message.repeated"))
        let next = table.queue(Self.phone, "second")
        #expect(try await served.eventually { table[next]?.deliveryStatus == .accepted })
        #expect(shop.radio.texts == ["first", "second"])
        #expect(try shop.count("SELECT count(*) FROM outbound WHERE note LIKE '%queued its row again%'") == 1)
        await served.end()
    }

    @Test("A failed row that is queued again is sent, though its begin had no answer", arguments: [false, true])
    func again(answerIsLost: Bool) async throws {
        let served = try await Served()
        let table = served.table
        served.shop.radio.answer(.refused(code: .cms(28)))
        let row = table.queue(Self.phone, "first")
        #expect(try await served.eventually { table[row]?.status == .failed })
        if answerIsLost { table.loseBegin() }
        table.queueAgain(row)
        #expect(try await served.eventually { table[row]?.deliveryStatus == .accepted })
        #expect(served.shop.radio.texts == ["first", "first"])
        await served.end()
    }

    @Test("A row whose begin had no answer is taken up once: cancelled after that, it is not sent")
    func cancelled() async throws {
        let served = try await Served()
        let (shop, table) = (served.shop, served.table)
        shop.radio.answer(.refused(code: .cms(42)))
        let taken = Counter()
        table.loseBegin {
            do {
                _ = try await shop.eventually {
                    try shop.count("SELECT count(*) FROM outbound WHERE state = 'waiting' AND attempts = 1") == 1
                }
                let now = shop.clock.now
                let cancellation = try await shop.journal.writer.write { database in
                    let uid: String = try #require(try database.first("SELECT uid FROM outbound"))["uid"]
                    return try OutgoingText.cancel(uid, now: now, database)
                }
                guard case .cancelled(let text) = cancellation else {
                    Issue.record("\(cancellation)")
                    return
                }
                await shop.outbound.cancelled(text)
                taken.add()
            } catch { Issue.record(error) }
        }
        let row = table.queue(Self.phone, "never")
        #expect(try await served.eventually { try shop.count("SELECT count(*) FROM outbound") == 1 })
        // No time goes by: its next attempt must not come first.
        #expect(try await shop.eventually { taken.count == 1 })
        #expect(try await served.eventually { table[row]?.errorCode == OutgoingText.cancelledCode })
        let next = table.queue(Self.phone, "next")
        #expect(try await served.eventually { table[next]?.deliveryStatus == .accepted })
        #expect(shop.radio.texts == ["never", "next"], "one attempt was made before it was cancelled")
        #expect(table[row]?.status == .failed)
        await served.end()
    }

    @Test("A row whose claim had no answer does not wait for the end of its lease")
    func lostClaim() async throws {
        let served = try await Served()
        let table = served.table
        table.loseClaim()
        let row = table.queue(Self.phone, "first")
        #expect(try await served.eventually { table[row]?.deliveryStatus == .accepted })
        #expect(served.shop.clock.monotonicMilliseconds < Workshop.policy.leaseMilliseconds)
        #expect(served.shop.radio.texts == ["first"])
        await served.end()
    }

    @Test("Where other gateways choose, too, a modem has few rows before it, and gets more as they leave")
    func shared() async throws {
        let served = try await Served()
        let (shop, table) = (served.shop, served.table)
        await shop.outbound.share(withOthers: true)
        let (gate, opener) = AsyncStream.makeStream(of: Void.self)
        shop.radio.beforePermit { for await _ in gate {} }
        let rows = (10..<34).map { table.queue("+161955601\($0)", "hi") }
        #expect(try await served.eventually { try shop.count("SELECT count(*) FROM outbound") == 17 })
        #expect(try await shop.eventually { await shop.outbound.appetite == 0 })
        opener.finish()
        #expect(try await served.eventually { rows.allSatisfy { table[$0]?.deliveryStatus == .accepted } })
        await served.end()
    }

    @Test("B1, B11: while its report may come, an unknown row holds back the later ones of its number in the table")
    func unknown() async throws {
        let served = try await Served()
        let (shop, table) = (served.shop, served.table)
        shop.radio.answer(.unknown(reason: "no final result"))
        let row = table.queue(Self.phone, "first")
        #expect(try await served.eventually { table[row]?.deliveryStatus == .unknown })
        #expect(table[row]?.status == .queued)
        let askAt = try #require(table[row]?.notBefore)
        #expect(askAt.milliseconds - shop.clock.now.milliseconds <= Workshop.policy.reportMilliseconds)
        #expect(askAt > shop.clock.now)
        let later = table.queue(Self.phone, "later")
        let other = table.queue("+16195550124", "other")
        #expect(try await served.eventually { table[other]?.deliveryStatus == .accepted })
        #expect(table[later]?.deliveryStatus == nil)
        shop.clock.move(milliseconds: Workshop.policy.reportMilliseconds)
        #expect(try await served.eventually { table[later]?.deliveryStatus == .accepted })
        #expect(table[row]?.status == .sent && table[row]?.deliveryStatus == .unknown)
        #expect(table[row]?.notBefore == nil)
        #expect(shop.radio.texts == ["first", "other", "later"])
        await served.end()
    }

    @Test("What carriers may filter is told of, also when another program's row has it")
    func warned() async throws {
        let served = try await Served()
        let (shop, table) = (served.shop, served.table)
        let events = shop.events.listen(backlog: 100)
        let row = table.queue(Self.phone, "SEE bit.ly/x NOW!!!")
        #expect(try await served.eventually { table[row]?.deliveryStatus == .accepted })
        for await event in events where event.kind == "message.warned" {
            #expect(event.json.contains(#""warnings":"url-shortener,punctuation""#), "\(event.json)")
            break
        }
        let story = try shop.journal.read { database in
            let uid: String = try #require(try database.first("SELECT uid FROM outbound"))["uid"]
            return try JournalMessages.outbound(uid, warns: true, database)?.story ?? []
        }
        #expect(story.contains { $0.hasPrefix("url-shortener: ") })
        await served.end()
    }

    @Test("A row that policy keeps back is told of, and fails when it has waited for longer than max_wait allows")
    func kept() async throws {
        let served = try await Served {
            $0.budget.perDay = 1
            $0.maxWaitMilliseconds = 30 * 3_600_000
        }
        let table = served.table
        let first = table.queue(Self.phone, "first")
        #expect(try await served.eventually { table[first]?.deliveryStatus == .accepted })
        let events = served.shop.events.listen(backlog: 100)
        let fresh = table.queue("+16195550124", "fresh")
        #expect(try await served.eventually { table[fresh]?.errorCode == "budget" })
        #expect(await Self.kinds(events, until: "message.delayed"))
        #expect(table[fresh]?.status == .queued && table[fresh]?.notBefore != nil)
        // Kept back in an earlier run, and due again.
        let old = served.shop.clock.now.milliseconds - 48 * 3_600_000
        let stale = table.queue("+16195550125", "stale") {
            $0.timestamp = Timestamp(milliseconds: old)
            $0.errorCode = "budget"
        }
        #expect(try await served.eventually { table[stale]?.status == .failed })
        #expect(table[stale]?.errorCode == "expired")
        // As old, but a person has just put it back.
        let released = table.queue("+16195550126", "released") {
            $0.timestamp = Timestamp(milliseconds: old)
            $0.notBefore = served.shop.clock.now
        }
        #expect(try await served.eventually { table[released]?.errorCode == "budget" })
        await served.end()
    }
}
