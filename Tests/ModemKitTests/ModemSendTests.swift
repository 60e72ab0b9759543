import ModemKit
import Testing

private let report = "07914356060013F1065A098136395339F6219011700463802190117004638000"

@Suite("Sending through a modem on a pty", .timeLimit(.minutes(1)))
struct ModemSendTests {
    struct Denied: Error {}

    @Test("A part is accepted under the reference that the modem tells", arguments: ["\r\n> ", "\r\n>", ">", "> "])
    func accepted(prompt: String) async throws {
        let rig = try Rig()
        #expect(await rig.ready())
        rig.modem.board.update { state in
            state.promptText = prompt
            state.reference = 41
        }
        #expect(await rig.send([0x11, 0x00, 0xAB]) == .accepted(reference: 42))
        #expect(rig.modem.board.value.pdus == ["001100AB"])
        #expect(rig.modem.board.value.commands.contains("AT+CMGS=3"))
        await rig.fleet.stop()
    }

    @Test(
        "What the modem answers to the PDU decides",
        arguments: [
            ("\r\n+CMS ERROR: 500\r\n", SubmissionOutcome.refused(code: .cms(500))),
            ("\r\n+CMS ERROR: 38\r\n", .refused(code: .cms(38))),
            ("\r\n+CMS ERROR: 322\r\n", .refused(code: .cms(322))),
            ("\r\n+CMS ERROR: network timeout\r\n", .refused(code: .cms(332))),
            ("\r\n+CME ERROR: 30\r\n", .refused(code: .cme(30))),
            ("\r\nERROR\r\n", .refused(code: nil)),
            ("\r\n+CMTI: \"ME\",3\r\n\r\n+CMGS: 7\r\n\r\nOK\r\n", .accepted(reference: 7)),
            ("\r\nRING\r\n\r\nNO CARRIER\r\n\r\n+CMGS: 8\r\n\r\nOK\r\n", .accepted(reference: 8)),
            ("\r\n+CDS: 24\r\n\(report)\r\n\r\n+CMGS: 9\r\n\r\nOK\r\n", .accepted(reference: 9)),
            ("\r\n+CMGS: 10\r\n", .accepted(reference: 10)),
            ("\r\n+CMGS: 11\r\n\r\n+CMTI: \"ME\",3\r\n", .accepted(reference: 11)),
            ("+CMGS: 12\r\nOK\r\n", .accepted(reference: 12)),
        ])
    func results(answer: String, outcome: SubmissionOutcome) async throws {
        let rig = try Rig()
        #expect(await rig.ready())
        rig.modem.board.update { $0.submitAnswer = answer }
        #expect(await rig.send() == outcome)
        await rig.fleet.stop()
    }

    @Test(
        "B2: no final result is unknown, not failed, and the next part goes out as usual",
        arguments: [
            "",
            // Of a reference that was cut short nobody knows the rest, though another line's break follows it.
            "\r\n+CMGS: 1", "\r\n+CMGS: 1\r\n+CMTI: \"ME\",3\r\n", "\r\n+CMGS: 1\r\n+CDS: 24\r\n\(report)\r\n",
        ])
    func lostResult(answer: String) async throws {
        let rig = try Rig()
        #expect(await rig.ready())
        rig.modem.board.update { $0.submitAnswer = answer }
        guard case .unknown = await rig.send() else {
            Issue.record("not unknown")
            return
        }
        rig.modem.board.update { $0.submitAnswer = nil }
        #expect(await rig.send() == .accepted(reference: 2))
        #expect(rig.modem.board.value.pdus.count == 2)
        await rig.fleet.stop()
    }

    @Test("An error before the prompt refuses; no PDU is written")
    func errorBeforePrompt() async throws {
        let rig = try Rig()
        #expect(await rig.ready())
        rig.modem.answer("AT+CMGS", times: 1, with: "\r\nERROR\r\n")
        #expect(await rig.send() == .refused(code: nil))
        #expect(rig.modem.board.value.pdus.isEmpty)
        await rig.fleet.stop()
    }

    @Test("Without a prompt nothing is sent, and the dialogue recovers")
    func noPrompt() async throws {
        let rig = try Rig()
        #expect(await rig.ready())
        rig.modem.answer("AT+CMGS", times: 1, with: nil)
        guard case .notSent = await rig.send() else {
            Issue.record("sent without a prompt")
            return
        }
        #expect(await rig.send() == .accepted(reference: 1))
        await rig.fleet.stop()
    }

    @Test("A refused permit ends the prompt with ESC; no PDU is written")
    func refusedPermit() async throws {
        let rig = try Rig()
        #expect(await rig.ready())
        let before = rig.modem.board.value.escapes
        guard case .notSent = await rig.send(permit: { throw Denied() }) else {
            Issue.record("sent without a permit")
            return
        }
        #expect(await rig.modem.board.wait { $0.escapes > before && !$0.openPrompt })
        #expect(rig.modem.board.value.pdus.isEmpty)
        #expect(await rig.send() == .accepted(reference: 1))
        await rig.fleet.stop()
    }

    @Test("E6: a text announced while the prompt is open writes nothing into it")
    func announcedWhilePromptOpen() async throws {
        let rig = try Rig()
        #expect(await rig.ready())
        let modem = rig.modem
        let outcome = await rig.send(permit: {
            _ = await modem.board.wait { $0.openPrompt }
            modem.deliver("07913366003051F5040B913366304381F900005180719120348004D4F29C0E")
            modem.say("\r\n+CDS: 24\r\n\(report)\r\n")
        })
        #expect(outcome == .accepted(reference: 1))
        #expect(modem.board.value.swallowed.isEmpty)
        #expect(await rig.recorder.board.wait { $0.deleted.count == 1 && $0.readings.count == 2 })
        await rig.fleet.stop()
    }

    @Test("The answer of an earlier command does not count for a later one")
    func lateAnswer() async throws {
        let rig = try Rig()
        #expect(await rig.ready())
        rig.modem.answer("AT+CGMM", times: 1, with: nil)
        await #expect(throws: ModemError.self) {
            try await rig.fleet.command("AT+CGMM", on: rig.id, timeout: .milliseconds(100))
        }
        rig.modem.answer("AT+CMGF?", times: 1, with: "\r\nERROR\r\n\r\n+CMGF: 0\r\n\r\nOK\r\n")
        let answer = try await rig.fleet.command("AT+CSQ", on: rig.id, timeout: .seconds(1))
        #expect(answer == ["+CSQ: 20,99"])
        await rig.fleet.stop()
    }

    @Test("A4: a modem that started again in text mode while the prompt was open gets no PDU")
    func rebootWhilePromptOpen() async throws {
        let rig = try Rig()
        #expect(await rig.ready())
        let modem = rig.modem
        let recorder = rig.recorder
        let outcome = await rig.send(permit: {
            _ = await modem.board.wait { $0.openPrompt }
            let seen = recorder.board.value.snapshots.count
            modem.board.update { state in
                state.openPrompt = false
                state.format = 1
            }
            modem.say("\r\nRDY\r\n+CREG: 5\r\n")
            _ = await recorder.board.wait { $0.snapshots.count > seen }
        })
        guard case .notSent = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(modem.board.value.pdus.isEmpty)
        #expect(await modem.board.wait { $0.format == 0 })
        await rig.fleet.stop()
    }

    @Test("More parts to follow keep the link, once")
    func keepsLink() async throws {
        let rig = try Rig()
        #expect(await rig.ready())
        #expect(await rig.send(moreFollow: true) == .accepted(reference: 1))
        #expect(await rig.send(moreFollow: true) == .accepted(reference: 2))
        #expect(await rig.send() == .accepted(reference: 3))
        #expect(rig.modem.board.value.commands.filter { $0 == "AT+CMMS=1" }.count == 1)
        await rig.fleet.stop()
    }

    @Test("B2: an answer that comes between the prompt and the PDU is none to the PDU, which is not written")
    func answerBeforePDU() async throws {
        let rig = try Rig()
        #expect(await rig.ready())
        let (modem, recorder) = (rig.modem, rig.recorder)
        let outcome = await rig.send(permit: {
            _ = await modem.board.wait { $0.openPrompt }
            modem.say("\r\nERROR\r\n\r\n+CREG: 5\r\n")
            // What came behind it was taken in.
            _ = await recorder.board.wait { $0.snapshots.last?.registration == "roaming" }
        })
        guard case .notSent = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(modem.board.value.pdus.isEmpty)
        #expect(await rig.send() == .accepted(reference: 1))
        #expect(modem.board.value.pdus.count == 1)
        await rig.fleet.stop()
    }

    @Test("B2: a modem that is late with AT+CMMS=1 is brought into step before anything is sent")
    func lateAnswerToLink() async throws {
        let rig = try Rig()
        #expect(await rig.ready())
        rig.modem.answer("AT+CMMS=1", times: 1, with: nil)
        // Late, and before the answer that brings it into step.
        rig.modem.answer("AT+CMGF?", times: 1, with: "\r\nERROR\r\n\r\n+CMGF: 0\r\n\r\nOK\r\n")
        #expect(await rig.send(moreFollow: true) == .accepted(reference: 1))
        let commands = rig.modem.board.value.commands
        let link = try #require(commands.lastIndex(of: "AT+CMMS=1"))
        #expect(commands[(link + 1)...].prefix(2) == ["AT+CMGF?", "AT+CMGS=3"])
        #expect(await rig.send() == .accepted(reference: 2))
        #expect(rig.modem.board.value.pdus.count == 2)
        await rig.fleet.stop()
    }

    @Test("A port that vanishes before the PDU was written: nothing was sent")
    func vanishesBefore() async throws {
        let rig = try Rig()
        #expect(await rig.ready())
        let modem = rig.modem
        let recorder = rig.recorder
        let outcome = await rig.send(permit: {
            _ = await modem.board.wait { $0.openPrompt }
            modem.unplug()
            _ = await recorder.board.wait { $0.state == .gone }
        })
        guard case .notSent = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(modem.board.value.pdus.isEmpty)
        await rig.fleet.stop()
    }

    @Test("B2: a port that vanishes after the PDU was written leaves the outcome unknown, at once")
    func vanishesAfter() async throws {
        var timings = Rig.timings
        timings.submission = .seconds(50)
        let rig = try Rig(timings: timings)
        #expect(await rig.ready())
        rig.modem.board.update { $0.submitAnswer = "" }
        async let outcome = rig.send()
        #expect(await rig.modem.board.wait { $0.pdus.count == 1 })
        rig.modem.unplug()
        guard case .unknown = await outcome else {
            Issue.record("not unknown")
            return
        }
        #expect(await rig.recorder.board.wait { $0.state == .gone })
        await rig.fleet.stop()
    }

    @Test("Commands that would open a prompt are not let through", arguments: ["AT+CMGS=12", "ATD123;", "X", "AT\r"])
    func notAllowed(command: String) async throws {
        let rig = try Rig()
        #expect(await rig.ready())
        let error = await #expect(throws: ModemError.self) {
            try await rig.fleet.command(command, on: rig.id, timeout: .seconds(1))
        }
        #expect(error?.code == .notAllowed)
        await rig.fleet.stop()
    }
}
