import Logging
import ModemKit
import PluginKit
import SMSCodec
import Synchronization
import Testing

@testable import GatewayCore

/// Texts between our own SIMs.
@Suite struct CanaryTests {
    private static let every: Int64 = 6 * 3_600_000
    private static let within: Int64 = 600_000

    private let shop: Workshop
    private let canary: Canary

    init() throws {
        let shop = try Workshop()
        self.shop = shop
        var modem = ModemSnapshot(id: Workshop.modem, port: "/dev/test", state: .ready)
        modem.sim = Workshop.sim
        modem.number = "(619) 555-0100"
        canary = Canary(
            settings: CanarySettings(everyMilliseconds: Self.every, withinMilliseconds: Self.within),
            policy: Workshop.policy, journal: shop.journal, alarms: shop.alarms, events: shop.events, clock: shop.clock,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, modems: { [modem] in [modem] },
            send: { await shop.outbound.add([$0]) })
    }

    /// Looks as the running canary does, which remembers between two looks.
    private func look() async throws {
        var told: [String: String] = [:]
        var alarmed: Set<String> = []
        try await canary.look(&told, &alarmed)
    }

    private func sent(_ count: Int) async throws -> String {
        #expect(try await shop.eventually { shop.radio.texts.count == count })
        return try #require(shop.radio.texts.last)
    }

    private func comesIn(_ content: String, slot: Int) async throws -> InboundPath.Intake {
        let pdu = try #require(Workshop.deliver(content, from: "+16195550100").first)
        return try await shop.inbound.receive([Workshop.reading(pdu, slot: slot)])
    }

    @Test func aTextThatArrivesIsSeenByNobodyAndTheNextOneGoesWhenItIsTime() async throws {
        try await shop.startSending()
        try await look()
        let content = try await sent(1)
        let intake = try await comesIn(content, slot: 1)
        #expect(intake.texts.isEmpty && intake.outgoing.isEmpty && intake.maybeStop.isEmpty)
        #expect(try shop.count("SELECT count(*) FROM inbound") == 0)
        #expect(try shop.count("SELECT count(*) FROM canary WHERE arrived_at IS NOT NULL") == 1)
        // The network delivers it again.
        #expect(try await comesIn(content, slot: 2).texts.isEmpty)
        shop.clock.move(milliseconds: Self.every - 1)
        try await look()
        #expect(shop.alarms.all.isEmpty)
        #expect(try shop.count("SELECT count(*) FROM canary") == 1)
        shop.clock.move(milliseconds: 1)
        try await look()
        #expect(try await sent(2) != content)
        await shop.close()
    }

    @Test("A4: a text that does not arrive raises an alarm, which says how far it came and ends with the next one")
    func deaf() async throws {
        try await shop.startSending()
        try await look()
        _ = try await sent(1)
        #expect(
            try await shop.eventually { try shop.count("SELECT count(*) FROM outbound WHERE state = 'accepted'") == 1 })
        shop.clock.move(milliseconds: Self.within)
        try await look()
        #expect(shop.alarms.all.isEmpty)
        shop.clock.move(milliseconds: 1)
        try await look()
        let alarm = try #require(shop.alarms.all.first)
        #expect(alarm.kind == "canary")
        #expect(alarm.message.contains("has not arrived after 10 min: the network took it, and did not deliver it yet"))
        shop.clock.move(milliseconds: Self.every)
        try await look()
        let second = try await sent(2)
        _ = try await comesIn(second, slot: 1)
        try await look()
        #expect(shop.alarms.all.isEmpty)
        await shop.close()
    }

    @Test func whatPeopleWriteIsATextLikeAnyOtherThoughItLooksLikeACheck() async throws {
        let intake = try await comesIn("Conductor check 0123456789ab", slot: 1)
        #expect(intake.texts.map(\.content) == ["Conductor check 0123456789ab"])
        await shop.close()
    }

    @Test func eachSIMThatIsReadyAndKnowsItsNumberWritesToTheNextOne() {
        func modem(_ name: String, _ number: String?, _ state: ModemSnapshot.State = .ready) -> ModemSnapshot {
            var modem = ModemSnapshot(id: ModemID(name), port: "/dev/\(name)", state: state)
            modem.sim = SIMID(name)
            modem.number = number
            return modem
        }
        let modems = [
            modem("a", "+16195550101"), modem("b", nil), modem("c", "+16195550103"),
            modem("d", "+16195550104", .recovering),
            modem("e", "+16195550105"),
        ]
        #expect(
            Canary.ways(modems, policy: Policy()) == [
                .init(sender: "a", receiver: "c", phone: "+16195550103"),
                .init(sender: "c", receiver: "e", phone: "+16195550105"),
                .init(sender: "e", receiver: "a", phone: "+16195550101"),
            ])
        #expect(
            Canary.ways([modems[0]], policy: Policy()) == [.init(sender: "a", receiver: "a", phone: "+16195550101")])
        #expect(Canary.ways([modems[1]], policy: Policy()).isEmpty)
    }

    @Test func aFlashTextIsSentAsClassZeroAlsoAfterARestart() async throws {
        let text = try await shop.journal.writer.write { [shop] database in
            try OutgoingText.insert(
                .init(
                    uid: "0190a000000000000000000000000001", origin: "test", purpose: .notice, phone: "+16195550123",
                    content: "Now", isFlash: true), now: shop.clock.now, database)
        }
        #expect(text.isFlash)
        try await shop.startSending()
        _ = try await sent(1)
        let decoded = try TPDU.decode(shop.radio.written[0], direction: .mobileOriginated, hasServiceCentre: false)
        guard case .submit(let submit) = decoded else { throw Unexpected() }
        #expect(DataCoding(rawValue: submit.dataCoding).messageClass == 0)
        await shop.close()
    }

    private struct Unexpected: Error {}
}
