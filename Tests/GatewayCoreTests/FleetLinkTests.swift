import Foundation
import ModemKit
import PluginKit
import Testing

@testable import GatewayCore

@Suite("What the gateway makes of its modems' words")
struct FleetLinkTests {
    private let shop: Workshop
    private let link: FleetLink

    init() throws {
        shop = try Workshop()
        link = Self.link(shop)
    }

    private static func link(_ shop: Workshop) -> FleetLink {
        FleetLink(
            inbound: shop.inbound, sims: SIMWatch(journal: shop.journal, alarms: shop.alarms, clock: shop.clock),
            alarms: shop.alarms, events: shop.events
        ) { _ in }
    }

    private func snapshot(
        _ state: ModemSnapshot.State, sim: String? = Workshop.sim.rawValue, problem: String? = nil
    ) -> ModemSnapshot {
        var modem = ModemSnapshot(id: Workshop.modem, port: "/dev/ttyUSB2", state: state)
        modem.sim = sim.map { SIMID($0) }
        modem.problem = problem
        return modem
    }

    private var kinds: [String] { shop.alarms.all.map(\.kind) }

    @Test("E4: another SIM in a modem is told, once, also when it was changed while the gateway was away")
    func simChanged() async throws {
        link.changed(snapshot(.ready))
        link.changed(snapshot(.gone))
        link.changed(snapshot(.ready))
        _ = try await shop.journal.writer.write { _ in 0 }
        #expect(kinds.isEmpty)
        // As after a new start.
        let later = Self.link(shop)
        later.changed(snapshot(.ready))
        _ = try await shop.journal.writer.write { _ in 0 }
        #expect(kinds.isEmpty)
        later.changed(snapshot(.ready, sim: "310260000000001"))
        _ = try await shop.journal.writer.write { _ in 0 }
        #expect(kinds.isEmpty, "an IMSI is not said to be another SIM than an ICCID")
        later.changed(snapshot(.ready, sim: "310260000000002"))
        _ = try await shop.journal.writer.write { _ in 0 }
        #expect(kinds == ["modem.sim"])
        #expect(shop.alarms.all.first?.message.contains("310260000000002") == true)
        #expect(try shop.count("SELECT count(*) FROM modem_seen") == 1)
    }

    @Test("A modem that is being helped raises an alarm, which ends when it works again, or is gone")
    func recovering() {
        link.changed(snapshot(.recovering, problem: "The modem has no network. Now its radio is switched off and on."))
        #expect(kinds == ["modem.recovering"])
        #expect(shop.alarms.all.first?.message.contains("its radio is switched off and on") == true)
        link.changed(snapshot(.ready))
        #expect(kinds.isEmpty)
        link.changed(snapshot(.recovering, problem: "x"))
        link.changed(snapshot(.gone))
        #expect(kinds.isEmpty)
    }

    @Test(
        "A6: a memory that fills up is told of in words",
        arguments: [
            (ModemSnapshot.MemoryUse(name: "SM", used: 10, total: 10), ["modem.full"]),
            (.init(name: "SM", used: 8, total: 10, others: 8), ["modem.nearly_full"]),
            (.init(name: "SM", used: 9, total: 10, others: 7), []),
            (.init(name: "SM", used: 3, total: 10, undeletable: 3), ["modem.undeletable"]),
            (
                .init(name: "SM", used: 8, total: 10, others: 5, undeletable: 3),
                ["modem.nearly_full", "modem.undeletable"]
            ),
            (.init(name: "SR", used: 0, total: 0), []),
        ])
    func memory(_ use: ModemSnapshot.MemoryUse, _ expected: [String]) {
        var modem = snapshot(.ready)
        modem.memories = [use]
        link.changed(modem)
        #expect(kinds.sorted() == expected)
        modem.memories = [.init(name: use.name, used: 0, total: use.total)]
        link.changed(modem)
        #expect(kinds.isEmpty)
    }

    @Test("E6: a missed call is an event with its number, where that is not withheld")
    func call() async throws {
        let events = shop.events.listen(backlog: 100)
        link.called(Workshop.modem, sim: Workshop.sim, number: "+16195550100")
        link.called(Workshop.modem, sim: Workshop.sim, number: nil)
        var seen: [Event] = []
        for await event in events where event.kind == "call.missed" {
            seen.append(event)
            if seen.count == 2 { break }
        }
        #expect(seen[0].json.contains("\"number\":\"+16195550100\""))
        #expect(!seen[1].json.contains("number"))
    }
}
