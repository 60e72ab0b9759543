import Glibc
import Logging
import ModemKit
import Testing

@Suite("A fleet on configured ports", .timeLimit(.minutes(1)))
struct FleetTests {
    @Test("A port that is not there is told, and used as soon as it appears")
    func missing() async throws {
        let modem = ScriptedModem()
        let rig = try Rig(modem, plugged: false)
        let path = modem.path
        #expect(await rig.recorder.board.wait { $0.problems[path]?.contains("not there") == true })
        modem.plug()
        #expect(await rig.ready())
        #expect(rig.recorder.board.value.problems[path] == nil)
        await rig.fleet.stop()
        modem.unplug()
    }

    @Test("E4: a modem that was pulled is gone, and the same one when it is back on another tty")
    func replug() async throws {
        let modem = ScriptedModem()
        let rig = try Rig(modem)
        #expect(await rig.ready())
        modem.unplug()
        #expect(await rig.recorder.board.wait { $0.state == .gone })
        guard case .notSent = await rig.send() else {
            Issue.record("sent without a modem")
            return
        }
        modem.deliver("07913366003051F5040B913366304381F900005180719120348004D4F29C0E", announce: false)
        modem.plug()
        #expect(await rig.recorder.board.wait { $0.deleted.count == 1 })
        #expect(await rig.send() == .accepted(reference: 1))
        #expect(rig.fleet.modems.map(\.id) == [rig.id])
        await rig.fleet.stop()
        modem.unplug()
    }

    @Test("Traffic in flight ends at once when the port vanishes, and goes on when it is back")
    func replugUnderTraffic() async throws {
        let modem = ScriptedModem()
        let rig = try Rig(modem)
        #expect(await rig.ready())
        for round in 0..<3 {
            let outcomes = await withTaskGroup { group in
                for _ in 0..<20 { group.addTask { await rig.send() } }
                group.addTask {
                    _ = await modem.board.wait { $0.pdus.count > 3 }
                    modem.unplug()
                    return .notSent(reason: "")
                }
                return await group.reduce(into: [SubmissionOutcome]()) { $0.append($1) }
            }
            #expect(outcomes.count == 21, "round \(round)")
            modem.board.update { state in
                state.pdus = []
                state.openPrompt = false
            }
            let seen = rig.recorder.board.value.snapshots.count
            modem.plug()
            #expect(await rig.recorder.board.wait { $0.snapshots.dropFirst(seen - 1).contains { $0.state == .ready } })
            #expect(await rig.recorder.board.wait { $0.state == .ready })
        }
        await rig.fleet.stop()
        modem.unplug()
    }

    @Test("A modem that falls silent is recovering, and ready again when it answers")
    func silent() async throws {
        let modem = ScriptedModem()
        let rig = try Rig(modem)
        #expect(await rig.ready())
        modem.answer("AT", with: nil)
        await #expect(throws: ModemError.self) {
            try await rig.fleet.command("AT+CSQ", on: rig.id, timeout: .milliseconds(50))
        }
        await #expect(throws: ModemError.self) {
            try await rig.fleet.command("AT+CSQ", on: rig.id, timeout: .milliseconds(50))
        }
        #expect(await rig.recorder.board.wait { $0.state == .recovering })
        modem.board.update { $0.rules = [] }
        #expect(await rig.ready())
        await rig.fleet.stop()
    }

    @Test("A silent port is told in words")
    func silentPort() async throws {
        let modem = ScriptedModem()
        modem.answer("AT", with: nil)
        let rig = try Rig(modem)
        let path = modem.path
        #expect(await rig.recorder.board.wait { $0.problems[path]?.contains("nothing answers") == true })
        await rig.fleet.stop()
    }

    @Test("Two entries for one port, or one IMEI on two ports, are told in words")
    func doubled() async throws {
        let one = ScriptedModem()
        one.plug()
        let two = ScriptedModem()
        two.plug()
        let alias = one.path + "-alias"
        unlink(alias)
        symlink(one.path, alias)
        defer { unlink(alias) }
        let recorder = Recorder()
        let fleet = Fleet(
            configuration: FleetConfiguration(
                useUdev: false,
                modems: [
                    ModemMatch(port: one.path), ModemMatch(port: one.path), ModemMatch(port: alias),
                    ModemMatch(port: two.path),
                ], timings: Rig.timings), delegate: recorder,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        try fleet.start()
        #expect(await recorder.board.wait { $0.problems.values.contains { $0.contains("named twice") } })
        #expect(
            await recorder.board.wait { $0.problems.values.contains { $0.contains("used by this gateway already") } })
        #expect(await recorder.board.wait { $0.problems.values.contains { $0.contains("same modem (IMEI)") } })
        await fleet.stop()
    }

    @Test("E5: a wrong PIN is tried once, and never again")
    func wrongPIN() async throws {
        let modem = ScriptedModem()
        modem.board.update { $0.pin = "SIM PIN" }
        let rig = try Rig(modem, pin: "9999")
        #expect(await rig.recorder.board.wait { $0.state == .blocked })
        #expect(rig.recorder.board.value.snapshots.last?.problem?.contains("refused its PIN") == true)
        // Each command of a person makes the bring-up look again.
        for _ in 0..<3 { _ = try? await rig.fleet.command("AT", on: rig.id, timeout: .seconds(1)) }
        modem.say("\r\n+CPIN: READY\r\n")
        #expect(await modem.board.wait { $0.commands.filter { $0 == "AT+CPIN?" }.count >= 3 })
        #expect(modem.board.value.commands.filter { $0.hasPrefix("AT+CPIN=") }.count == 1)
        #expect(modem.board.value.tries == 2)
        await rig.fleet.stop()
    }

    @Test("E5: the last try is never spent")
    func lastTry() async throws {
        let modem = ScriptedModem()
        modem.board.update { state in
            state.pin = "SIM PIN"
            state.tries = 1
        }
        let rig = try Rig(modem, pin: "1234")
        #expect(await rig.recorder.board.wait { $0.state == .blocked })
        #expect(!modem.board.value.commands.contains { $0.hasPrefix("AT+CPIN=") })
        await rig.fleet.stop()
    }

    @Test("The right PIN opens the SIM")
    func rightPIN() async throws {
        let modem = ScriptedModem()
        modem.board.update { $0.pin = "SIM PIN" }
        let rig = try Rig(modem, pin: "1234")
        #expect(await rig.ready())
        await rig.fleet.stop()
    }

    @Test(
        "A modem without a SIM is blocked, and says so",
        arguments: ["\r\n+CME ERROR: 10\r\n", "\r\n+CPIN: SIM PUK\r\n\r\nOK\r\n"])
    func blocked(answer: String) async throws {
        let modem = ScriptedModem()
        modem.answer("AT+CPIN?", with: answer)
        let rig = try Rig(modem)
        #expect(await rig.recorder.board.wait { $0.state == .blocked })
        #expect(rig.recorder.board.value.snapshots.last?.problem != nil)
        guard case .notSent = await rig.send() else {
            Issue.record("sent by a blocked modem")
            return
        }
        await rig.fleet.stop()
    }

    @Test("An idle modem is asked nothing")
    func idle() async throws {
        let rig = try Rig()
        #expect(await rig.ready())
        #expect(await rig.modem.board.wait { $0.commands.filter { $0 == "AT+CMGL=4" }.count == 2 })
        let before = rig.modem.board.value.commands.count
        #expect(await !rig.modem.board.wait(1) { $0.commands.count > before })
        await rig.fleet.stop()
    }
}
