import Testing

@testable import ModemKit

@Suite("USSD")
struct USSDReplyTests {
    @Test(
        "What the network says is read in each form that modems give it",
        arguments: [
            ("0,\"Your balance is 10.00\",15", .done, "Your balance is 10.00"),
            ("1,\"Menu\n1 Balance\n2 Recharge\",15", .asks, "Menu\n1 Balance\n2 Recharge"),
            ("2", .ended, ""), ("4", .unsupported, ""), ("5", .timedOut, ""),
            ("0,\"AA180C3602\",15", .done, "*100#"), ("0, AA180C3602", .done, "*100#"),
            ("2,\"00530061006C0064006F003A00200035002020AC\",72", .ended, "Saldo: 5 €"),
            ("0,\"commas, and 3, numbers\"", .done, "commas, and 3, numbers"),
            ("0,\"ends in a number, 15\",15", .done, "ends in a number, 15"),
            ("0,\"1234\",15", .done, "1234"), ("0,\"a \"quoted\" word\",15", .done, "a \"quoted\" word"),
        ] as [(String, USSDReply.State, String)])
    func forms(rest: String, state: USSDReply.State, text: String) {
        let reply = USSDReply(Array(rest.utf8))
        #expect(reply.state == state)
        #expect(reply.text == text)
    }

    @Test("A code goes out as text, or packed where the modem's maker wants that")
    func codes() {
        #expect(ModemFamily.USSDForm.text.command("*100#") == "AT+CUSD=1,\"*100#\",15")
        #expect(ModemFamily.USSDForm.packedHex.command("*100#") == "AT+CUSD=1,\"AA180C3602\",15")
        #expect(ModemFamily.USSDForm.text.command("a\"b") == nil)
        #expect(ModemFamily.USSDForm.text.command("a\rAT+CFUN=0") == nil)
        #expect(ModemFamily.USSDForm.packedHex.command("漢") == nil)
    }

    private func events(_ text: String, command: String? = nil) -> [ATSession.Event] {
        var session = ATSession()
        if let command { session.begin(Array(command.utf8), .lines) }
        var events: [ATSession.Event] = []
        session.receive(Array(text.utf8)) { events.append($0) }
        return events
    }

    @Test("A menu goes over several lines until its quote is closed")
    func lines() {
        let events = events("\r\n+CUSD: 1,\"Menu\r\n1 Balance\r\nOK then\",15\r\n\r\n+CMTI: \"ME\",3\r\n")
        #expect(events.count == 2)
        guard case .unsolicited(.ussd(let reply)) = events.first else {
            Issue.record("no USSD")
            return
        }
        #expect(reply.text == "Menu\n1 Balance\nOK then")
        #expect(events.last == .unsolicited(.stored(memory: "ME", index: 3)))
    }

    @Test("A quote that is never closed does not swallow the answer to a command, nor everything after it")
    func open() {
        let events = events("\r\n+CUSD: 1,\"Menu\r\n1 Balance\r\n\r\nOK\r\n", command: "AT+CSQ")
        #expect(events.count == 2)
        guard case .finished(let reply) = events.last else {
            Issue.record("no final result")
            return
        }
        #expect(reply.isOK)
        let many = (0..<40).map { "line \($0)\r\n" }.joined()
        let long = self.events("\r\n+CUSD: 1,\"Menu\r\n\(many)\r\n+CMTI: \"ME\",3\r\n")
        #expect(long.contains(.unsolicited(.stored(memory: "ME", index: 3))))
    }
}

@Suite("USSD codes and calls on a modem", .timeLimit(.minutes(1)))
struct USSDTests {
    @Test("A code is sent, what the network asks is answered, and texts go on meanwhile")
    func session() async throws {
        let modem = ScriptedModem()
        modem.answer("AT+CUSD=1,\"*100#\",15", with: "\r\nOK\r\n")
        modem.answer("AT+CUSD=1,\"1\",15", with: "\r\nOK\r\n\r\n+CUSD: 0,\"10.00 left\",15\r\n")
        let rig = try Rig(modem)
        #expect(await rig.ready())
        async let menu = rig.fleet.ussd("*100#", on: rig.id, timeout: .seconds(5))
        #expect(await modem.board.wait { $0.commands.contains { $0.hasPrefix("AT+CUSD=1") } })
        #expect(await rig.send() == .accepted(reference: 1))
        modem.say("\r\n+CUSD: 1,\"Menu\r\n1 Balance\",15\r\n")
        let asked = try await menu
        #expect(asked.state == .asks && asked.text == "Menu\n1 Balance")
        let answer = try await rig.fleet.ussd("1", on: rig.id, timeout: .seconds(5))
        #expect(answer.state == .done && answer.text == "10.00 left")
        await rig.fleet.stop()
        modem.unplug()
    }

    @Test("A modem that refuses the one form is asked in the other; a network that is silent is said to be")
    func forms() async throws {
        let modem = ScriptedModem()
        modem.answer("AT+CUSD=1,\"*100#\",15", with: "\r\n+CME ERROR: 100\r\n")
        modem.answer("AT+CUSD=1,\"AA180C3602\",15", with: "\r\nOK\r\n")
        modem.answer("AT+CUSD=2", with: "\r\nOK\r\n")
        let rig = try Rig(modem)
        #expect(await rig.ready())
        await #expect(throws: ModemError.self) {
            _ = try await rig.fleet.ussd("*100#", on: rig.id, timeout: .milliseconds(100))
        }
        #expect(modem.board.value.commands.contains("AT+CUSD=1,\"AA180C3602\",15"))
        #expect(await modem.board.wait { $0.commands.contains("AT+CUSD=2") })
        await #expect(throws: ModemError.self) { _ = try await rig.fleet.ussd("", on: rig.id, timeout: .seconds(1)) }
        await rig.fleet.stop()
        modem.unplug()
    }

    @Test("E6: a call is hung up and told once, with its number, and texts go on")
    func call() async throws {
        var timings = Rig.timings
        timings.callerFollows = .milliseconds(100)
        let modem = ScriptedModem()
        modem.answer("AT+CLIP=1", with: "\r\nOK\r\n")
        modem.answer("AT+CHUP", with: "\r\nOK\r\n")
        let rig = try Rig(modem, timings: timings)
        #expect(await rig.ready())
        modem.say("\r\nRING\r\n\r\n+CLIP: \"+16195550100\",145,,,,0\r\n")
        #expect(await rig.recorder.board.wait { $0.calls == ["+16195550100"] })
        #expect(await modem.board.wait { $0.commands.contains("AT+CHUP") })
        modem.say("\r\nRING\r\n\r\nNO CARRIER\r\n")
        #expect(await rig.send() == .accepted(reference: 1))
        #expect(rig.recorder.board.value.calls.count == 1)
        await rig.fleet.stop()
        modem.unplug()
    }

    @Test("E6: a caller who withholds the number is hung up, too; a modem without AT+CHUP is told ATH")
    func withheld() async throws {
        var timings = Rig.timings
        timings.callerFollows = .milliseconds(50)
        let modem = ScriptedModem()
        modem.answer("ATH", with: "\r\nOK\r\n")
        let rig = try Rig(modem, timings: timings)
        #expect(await rig.ready())
        modem.say("\r\nRING\r\n")
        #expect(await rig.recorder.board.wait { $0.calls == [nil] })
        #expect(await modem.board.wait { $0.commands.contains("ATH") })
        await rig.fleet.stop()
        modem.unplug()
    }
}
