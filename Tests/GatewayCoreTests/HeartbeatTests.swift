import ModemKit
import PluginKit
import Synchronization
import Testing

@testable import GatewayCore
@testable import PluginHost

/// What a gateway says of itself at storage, and what it makes of what it hears of the others.
@Suite(.timeLimit(.minutes(2))) struct HeartbeatTests {
    /// A storage that only knows of gateways.
    private final class FleetBook: PluginRuntime {
        struct State {
            var heard: [GatewayPresence] = []
            var others: [GatewayPresence] = []
            var failure: PluginError?
        }

        let name = "book"
        let capabilities = ["storage"]
        let counters = CallCounters()
        let flaw: String? = nil
        let state = Mutex(State())
        private let clock: HandClock

        init(clock: HandClock) { self.clock = clock }

        func start() async throws(PluginError) {}
        func stop() async -> String? { nil }
        func discard() -> String? { nil }

        @concurrent
        func call(_ call: PluginCall) async throws(PluginError) -> PluginReply {
            guard case .heartbeat(var presence) = call else { throw PluginError(.unsupported, "book") }
            presence.seen = clock.now
            let (all, failure) = state.withLock { state in
                state.heard.append(presence)
                return ((state.others + [presence]).sorted { $0.gateway < $1.gateway }, state.failure)
            }
            if let failure { throw failure }
            return .fleet(all)
        }

        var heard: [GatewayPresence] { state.withLock { $0.heard } }
    }

    /// A gateway's heart over a storage of its own.
    private struct Rig {
        let shop: Workshop
        let book: FleetBook
        let modems = Box()
        let looks = Counter()
        let shared = Answers()
        let heart: Heartbeat

        final class Answers: Sendable { let all = Mutex<[Bool]>([]) }
        final class Box: Sendable { let all = Mutex<[ModemSnapshot]>([]) }

        init() throws {
            let shop = try Workshop()
            let book = FleetBook(clock: shop.clock)
            self.shop = shop
            self.book = book
            heart = Heartbeat(
                owner: "shop/j1", version: "1.0", alarms: shop.alarms, clock: shop.clock,
                storage: { StorageHandle(name: "book", way: CallWay(book)) },
                modems: { [modems] in modems.all.withLock { $0 } }, onRows: { [looks] in looks.add() },
                onOthers: { [shared] isShared in shared.all.withLock { $0.append(isShared) } })
        }

        func plug(_ sim: String?, _ state: ModemSnapshot.State = .ready) {
            var modem = ModemSnapshot(id: ModemID("356938035643809"), port: "/dev/test", state: state)
            modem.sim = sim.map { SIMID($0) }
            modems.all.withLock { [modem] in $0 = [modem] }
        }

        var alarms: [GatewayStatus.Alarm] { shop.alarms.all.filter { $0.kind == "fleet.silent" } }
    }

    @Test("it speaks every 12 s, and at once when its SIMs are others; then rows are looked for again")
    func speaks() async throws {
        let rig = try Rig()
        let (heart, book, clock) = (rig.heart, rig.book, rig.shop.clock)
        let task = Task { await heart.run() }
        #expect(try await rig.shop.eventually { book.heard.count == 1 && clock.isWaitedFor })
        #expect(book.heard[0].gateway == "shop/j1" && book.heard[0].version == "1.0")
        #expect(book.heard[0].sims.isEmpty && book.heard[0].modems == 0)
        clock.move(milliseconds: 12_000)
        #expect(try await rig.shop.eventually { book.heard.count == 2 && clock.isWaitedFor })

        rig.plug("8901")
        await heart.modemsChanged()
        #expect(try await rig.shop.eventually { book.heard.count == 3 })
        #expect(book.heard[2].sims == ["8901"] && book.heard[2].modems == 1)
        let looks = rig.looks
        #expect(try await rig.shop.eventually { looks.count == 2 })
        // Its signal is another one, and storage does not care.
        await heart.modemsChanged()
        rig.plug("8901", .gone)
        await heart.modemsChanged()
        #expect(try await rig.shop.eventually { book.heard.count == 4 })
        #expect(book.heard[3].sims.isEmpty && book.heard[3].modems == 0)
        task.cancel()
        await task.value
        await rig.shop.close()
    }

    @Test("fleet.silent: one that was not heard of for 60 s and has rows that only it can settle, until it speaks")
    func silent() async throws {
        let rig = try Rig()
        let clock = rig.shop.clock
        var other = GatewayPresence(
            gateway: "depot/j2", version: "0.9", sims: ["8902"], modems: 1, seen: clock.now, claimed: 1, sending: 2)
        var idle = other
        (idle.gateway, idle.sending) = ("attic/j3", 0)
        rig.book.state.withLock { [other, idle] in $0.others = [idle, other] }
        var report = await rig.heart.fleet()
        #expect(report.gateways.map(\.gateway) == ["attic", "depot", "shop"])
        #expect(report.gateways.map(\.journal) == ["j3", "j2", "j1"])
        #expect(report.gateways.map(\.isThis) == [false, false, true])
        #expect(report.gateways.allSatisfy { $0.silentSince == nil } && rig.alarms.isEmpty)
        #expect(rig.shared.all.withLock { $0 } == [true])

        clock.move(milliseconds: 60_000)
        report = await rig.heart.fleet()
        #expect(report.gateways.map { $0.silentSince == nil } == [false, false, true])
        #expect(rig.shared.all.withLock { $0 } == [true, false])
        #expect(rig.alarms.count == 1)
        #expect(rig.alarms.first?.message.contains("depot/j2") == true)
        #expect(rig.alarms.first?.message.contains("2 texts are being sent by it") == true)

        // Storage is away: nobody knows better.
        rig.book.state.withLock { $0.failure = PluginError(.unavailable, "the project is paused") }
        report = await rig.heart.fleet()
        #expect(report.problem == "the project is paused" && report.gateways.count == 3 && rig.alarms.count == 1)

        other.seen = clock.now
        rig.book.state.withLock { [other] in
            $0.failure = nil
            $0.others = [other]
        }
        report = await rig.heart.fleet()
        #expect(report.problem == nil && rig.alarms.isEmpty)
        #expect(rig.shared.all.withLock { $0 } == [true, false, true])
        await rig.shop.close()
    }

    @Test("what storage did not hear is said again after 2 s")
    func repeated() async throws {
        let rig = try Rig()
        let (heart, book, clock) = (rig.heart, rig.book, rig.shop.clock)
        book.state.withLock { $0.failure = PluginError(.unavailable, "the project is paused") }
        let task = Task { await heart.run() }
        for count in 1...3 {
            #expect(try await rig.shop.eventually { book.heard.count == count && clock.isWaitedFor })
            if count == 2 { book.state.withLock { $0.failure = nil } }
            clock.move(milliseconds: 2_000)
        }
        // The third one was heard.
        clock.move(milliseconds: 8_000)
        #expect(try await rig.shop.eventually { clock.isWaitedFor })
        #expect(book.heard.count == 3)
        task.cancel()
        await task.value
        await rig.shop.close()
    }

    @Test("on a storage that knows of no gateways there is no fleet, and it says why")
    func unsupported() async throws {
        let rig = try Rig()
        rig.book.state.withLock { $0.failure = PluginError(.unsupported, "one gateway works on it") }
        let report = await rig.heart.fleet()
        #expect(report.gateways.isEmpty && report.problem == "one gateway works on it" && rig.alarms.isEmpty)
        await rig.shop.close()
    }
}
