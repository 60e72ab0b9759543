import ModemKit
import ModemSimulator
import SMSCodec
import Testing

@Suite("The trace of a whole session", .timeLimit(.minutes(2)))
struct TraceSessionTests {
    static let numbers = ["+16195550123", "+442079460018", "+4915550123456", "6195550142"]
    static let texts = [
        "Meet me at nine tonight", "Приве́т, как дела сегодня", "{braces} and euro € signs",
        "A long one: " + String(repeating: "the quick brown dog jumps over it. ", count: 9),
    ]

    @Test("No number, text, code or identity that was put in is in it, in any form that modems write them")
    func nothingPersonal() async throws {
        let session = try TraceSession(pin: "47118093")
        #expect(await session.ready())
        var expected = 0
        for number in Self.numbers {
            for text in Self.texts {
                session.simulator.text(from: number, text)
                let parts = try Segmentation.split(text, reference: 1).parts.count
                try await session.send(text, to: number)
                // Each part that came, and a report for each that went.
                expected += 2 * parts
            }
        }
        #expect(await session.taken(expected))
        let reply = try await session.fleet.ussd("*123*4567#", on: ModemID(session.profile.imei), timeout: .seconds(5))
        #expect(reply.text == "Your balance is 10.00")
        let trace = try await session.text()
        await session.fleet.stop()

        #expect(trace.contains(session.profile.imei))
        // The forms that are looked for are those that were on the line.
        let line = session.simulator.events.compactMap(\.tpdu).map { Hex.encode($0) }.joined(separator: " ")
        for number in Self.numbers {
            #expect(!Disclosure(number: number).found(in: line).isEmpty)
            #expect(Disclosure(number: number).found(in: trace) == [])
        }
        for text in Self.texts {
            // Of a long text each piece is looked for: parts are cut anywhere.
            for piece in Self.pieces(of: text) { #expect(Disclosure(text: piece).found(in: trace) == []) }
            #expect(Self.pieces(of: text).contains { !Disclosure(text: $0).found(in: line).isEmpty })
        }
        for personal in [
            "47118093", "*123", "balance", "Your", String(session.profile.imsi.dropFirst(6)),
            String(session.profile.iccid.dropFirst(6)),
        ] {
            #expect(!trace.contains(personal), "\(personal)")
        }
        #expect(Disclosure(number: session.profile.number).found(in: trace) == [])
        #expect(Disclosure(number: session.profile.serviceCentre).found(in: trace) == [])
    }

    private static func pieces(of text: String) -> [String] {
        let characters = Array(text)
        return stride(from: 0, to: max(1, characters.count - 8), by: 4).map { String(characters[$0...].prefix(12)) }
    }

    @Test("A session that was recorded is replayed: the same modem is ready, and its texts come again, masked")
    func roundTrip() async throws {
        let session = try TraceSession()
        #expect(await session.ready())
        let texts = ["Meet me at nine", "Приве́т"]
        for text in texts { session.simulator.text(from: "+16195550123", text) }
        #expect(await session.taken(2))
        let before = try #require(session.fleet.modems.first)
        let source = try await session.text()
        await session.fleet.stop()
        #expect(source.hasPrefix("# conductor trace 1: modem \(session.profile.imei); masked: "))

        let trace = try RecordedTrace(source, name: "trace")
        let notes = Board<[String]>([])
        let replay = try TraceSession { configuration in
            // Nothing of the one that replays is left to be taken for the recorded one.
            configuration.profiles[0] = ModemProfile(index: 77)
            configuration.replay = trace
            configuration.note = { note in notes.update { $0.append(note) } }
        }
        #expect(await replay.ready())
        #expect(await replay.taken(2))
        let after = try #require(replay.fleet.modems.first)
        await replay.fleet.stop()

        #expect(after.id == before.id)
        #expect(after.manufacturer == before.manufacturer)
        #expect(after.model == before.model)
        #expect(after.revision == before.revision)
        #expect(after.operator == before.operator)
        #expect(after.signalDBm == before.signalDBm)
        #expect(after.imsi == "310269000000010")
        #expect(after.sim == SIMID("8901260000000000087"))
        #expect(after.number?.utf8.count == before.number?.utf8.count)
        #expect(after.number != before.number)
        let came = try replay.recorder.board.value.readings.map { reading -> Deliver in
            guard case .deliver(let text) = try TPDU.decode(reading.pdu) else { throw Recorder.Refused() }
            return text
        }
        #expect(Set(came.map(\.userData.text)) == Set(texts.map { String(repeating: "x", count: $0.utf16.count) }))
        #expect(Set(came.map(\.sender.value)).count == 1)
        #expect(came.first?.sender.display.utf8.count == "+16195550123".utf8.count)
        // Only the simulated modem's own words would be told.
        #expect(notes.value.filter { !$0.contains("AT+CMG") } == [])
    }

    @Test("What went wrong goes wrong again when it is replayed, for another text, too")
    func fault() async throws {
        let session = try TraceSession()
        #expect(await session.ready())
        session.simulator.fault(0, Fault(.cms(500)))
        #expect(try await session.outcome(of: "Meet me at nine", to: "+16195550123") == .refused(code: .cms(500)))
        let source = try await session.text()
        await session.fleet.stop()

        let trace = try RecordedTrace(source, name: "trace")
        let replay = try TraceSession { $0.replay = trace }
        #expect(await replay.ready())
        #expect(try await replay.outcome(of: "hi", to: "+16195550199") == .refused(code: .cms(500)))
        await replay.fleet.stop()
        #expect(!replay.simulator.events.contains { $0.kind == .submitted || $0.kind == .rejected })
    }

    @Test("A port that leads to no modem has the last try with it")
    func silentPort() async throws {
        let session = try TraceSession { configuration in configuration.settings.append(.silent(true)) }
        let port = session.simulator.links[0]
        #expect(await session.recorder.board.wait(30) { $0.problems[port] != nil })
        let trace = try #require(await session.fleet.trace(ofPort: port))
        #expect(trace.modem == nil)
        #expect(trace.entries.contains { $0.kind == .sent && $0.data == "AT\r" })
        #expect(trace.entries.contains { $0.kind == .note && $0.data == "open: \(port)" })
        #expect(await session.fleet.trace(ModemID(session.profile.imei)) == nil)
        await session.fleet.stop()
    }

    @Test("A modem that is lost and comes back has both in its trace, and the last bring-up")
    func replugged() async throws {
        let session = try TraceSession()
        #expect(await session.ready())
        session.simulator.perform(.unplug(.one(0)))
        #expect(await session.recorder.board.wait(30) { $0.state == .gone })
        let lost = try #require(await session.fleet.trace(ModemID(session.profile.imei)))
        #expect(lost.entries.contains { $0.kind == .note && $0.data.hasPrefix("closed: ") })
        let seen = session.recorder.board.value.snapshots.count
        session.simulator.perform(.replug(.one(0), after: .zero))
        #expect(
            await session.recorder.board.wait(30) { $0.snapshots.dropFirst(seen).contains { $0.state == .ready } })
        let id = ModemID(session.profile.imei)
        let trace = try #require(await session.fleet.trace(id, after: lost.newest))
        #expect(trace.run == lost.run)
        #expect(trace.entries.first?.number == lost.newest + 1)
        #expect(trace.entries.contains { $0.data == "the modem is ready" })
        #expect(trace.entries.contains { $0.kind == .sent && $0.data == "AT+CGSN\r" })
        await session.fleet.stop()
    }
}
