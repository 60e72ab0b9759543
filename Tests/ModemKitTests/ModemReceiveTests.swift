import ModemKit
import Testing

private let hello = "07911326040000F0040B911346610089F60000208062917314480CC8F71D14969741F977FD07"
private let other = "07913366003051F5040B913366304381F900005180719120348004D4F29C0E"

@Suite("Receiving from a modem on a pty", .timeLimit(.minutes(1)))
struct ModemReceiveTests {
    @Test("A6: texts of both memories are committed, then deleted, then reported as deleted")
    func drainsBothMemories() async throws {
        let modem = ScriptedModem()
        modem.deliver(hello, to: "ME", announce: false)
        modem.deliver(other, to: "SM", announce: false)
        let rig = try Rig(modem)
        #expect(await rig.recorder.board.wait { $0.deleted.count == 2 })
        let state = rig.recorder.board.value
        #expect(Set(state.readings.map(\.pdu.count)) == [hello.utf8.count / 2, other.utf8.count / 2])
        #expect(Set(state.deleted.map(\.memory)) == ["ME", "SM"])
        #expect(state.readings.allSatisfy { $0.sim == SIMID("8949001234567890123") && $0.modemMarksRead })
        #expect(modem.board.value.memories == ["ME": [:], "SM": [:]])
        await rig.fleet.stop()
    }

    @Test("A5: a hint brings the text in without a listing")
    func hint() async throws {
        let rig = try Rig()
        #expect(await rig.ready())
        #expect(await rig.modem.board.wait { $0.commands.filter { $0 == "AT+CMGL=4" }.count == 2 })
        rig.modem.deliver(hello, to: "ME")
        #expect(await rig.recorder.board.wait { $0.deleted.count == 1 })
        #expect(rig.modem.board.value.commands.filter { $0 == "AT+CMGL=4" }.count == 2)
        #expect(rig.recorder.board.value.readings.first?.announcedLength == 30)
        await rig.fleet.stop()
    }

    @Test("A5: a text that the modem announced to nobody is taken in by the next look at the memories")
    func unannounced() async throws {
        var timings = Rig.timings
        timings.drain = .milliseconds(100)
        let rig = try Rig(timings: timings)
        #expect(await rig.ready())
        #expect(await rig.modem.board.wait { $0.commands.filter { $0 == "AT+CMGL=4" }.count >= 2 })
        for (memory, text) in [("ME", hello), ("SM", other)] {
            let before = rig.recorder.board.value.deleted.count
            rig.modem.deliver(text, to: memory, announce: false)
            #expect(await rig.recorder.board.wait { $0.deleted.count == before + 1 })
        }
        #expect(rig.recorder.board.value.readings.map(\.pdu.count) == [hello, other].map { $0.utf8.count / 2 })
        #expect(rig.modem.board.value.memories == ["ME": [:], "SM": [:]])
        await rig.fleet.stop()
    }

    @Test(
        "A5: announcements are asked for once a connection, however often the modem is looked at",
        arguments: [true, false])
    func announcementsOnce(remembers: Bool) async throws {
        var timings = Rig.timings
        (timings.drain, timings.health) = (.milliseconds(20), .milliseconds(20))
        let modem = ScriptedModem()
        let rig = try Rig(modem, timings: timings)
        func written() -> [String] {
            modem.board.value.commands.filter { $0.hasPrefix("AT+CNMI=") && $0 != "AT+CNMI=?" }
        }
        func isLookedAt() async -> Bool {
            let (listed, asked) = (modem.board.value.listings, modem.board.value.questions)
            return await modem.board.wait { $0.listings > listed + 5 && $0.questions > asked + 2 }
        }
        #expect(await rig.ready())
        #expect(await isLookedAt())
        #expect(written() == ["AT+CNMI=2,1,0,2,0"])
        modem.unplug()
        #expect(await rig.recorder.board.wait { $0.state == .gone })
        if !remembers { modem.board.update { $0.indications = "0,0,0,0,0" } }
        modem.plug()
        #expect(await rig.ready())
        #expect(await isLookedAt())
        #expect(written().count == (remembers ? 1 : 2))
        await rig.fleet.stop()
        modem.unplug()
    }

    @Test("A1: while nothing can be committed, nothing is deleted; it is offered again")
    func refusedCommit() async throws {
        let modem = ScriptedModem()
        modem.deliver(hello, to: "ME", announce: false)
        let rig = try Rig(modem, plugged: false)
        rig.recorder.board.update { $0.refuses = true }
        modem.plug()
        #expect(await rig.recorder.board.wait { $0.refusals >= 2 })
        #expect(!modem.board.value.commands.contains { $0.hasPrefix("AT+CMGD") })
        rig.recorder.board.update { $0.refuses = false }
        #expect(await rig.recorder.board.wait { $0.deleted.count == 1 })
        await rig.fleet.stop()
        modem.unplug()
    }

    @Test("A6: a memory that stays full is told in words")
    func fullMemory() async throws {
        var timings = Rig.timings
        timings.health = .milliseconds(50)
        let rig = try Rig(timings: timings)
        #expect(await rig.ready())
        let full = "+CPMS: \"SM\",20,20,\"ME\",0,20,\"ME\",0,20"
        rig.modem.answer("AT+CPMS?", with: "\r\n\(full)\r\n\r\nOK\r\n")
        #expect(await rig.recorder.board.wait { $0.snapshots.last?.problem?.contains("SM is full (20 of 20)") == true })
        rig.modem.board.update { $0.rules = [] }
        #expect(await rig.recorder.board.wait { $0.snapshots.last?.problem == nil })
        await rig.fleet.stop()
    }

    @Test(
        "A6: a listing of another memory than was asked for is not used; a modem that always says so is read all the same",
        arguments: [1, Int.max])
    func strayListing(times: Int) async throws {
        var timings = Rig.timings
        timings.drain = .milliseconds(50)
        let rig = try Rig(timings: timings)
        #expect(await rig.ready())
        #expect(await rig.modem.board.wait { $0.commands.filter { $0 == "AT+CMGL=4" }.count >= 2 })
        let stray = "\r\n+CPMS: \"SM\",1,20,\"ME\",0,20,\"ME\",0,20\r\n\r\nOK\r\n"
        rig.modem.answer("AT+CPMS?", times: times, with: stray)
        rig.modem.deliver(hello, to: "ME", announce: false)
        #expect(await rig.recorder.board.wait { $0.deleted.count == 1 })
        let commands = rig.modem.board.value.commands
        let asked = try #require(commands.firstIndex(of: "AT+CMGD=0"))
        #expect(commands[..<asked].filter { $0 == "AT+CPMS=\"ME\"" }.count > min(times, 2))
        #expect(rig.recorder.board.value.readings.count == 1 && rig.modem.board.value.memories["ME"] == [:])
        await rig.fleet.stop()
    }

    @Test("A delete without an answer is not reported; the text is offered again")
    func lostDelete() async throws {
        let modem = ScriptedModem()
        modem.deliver(hello, to: "ME", announce: false)
        modem.answer("AT+CMGD=0", times: 1, with: nil)
        let rig = try Rig(modem)
        #expect(await rig.recorder.board.wait { $0.commits.count >= 1 })
        #expect(await rig.recorder.board.wait { $0.deleted.count == 1 })
        #expect(rig.recorder.board.value.commits.count == 2)
        await rig.fleet.stop()
    }

    @Test("Stored drafts and sent texts are left alone")
    func leavesOwnTexts() async throws {
        let modem = ScriptedModem()
        modem.deliver(hello, to: "ME", announce: false, stat: 3)
        modem.deliver(other, to: "ME", announce: false, stat: 1)
        let rig = try Rig(modem)
        #expect(await rig.recorder.board.wait { $0.deleted.count == 1 })
        #expect(rig.recorder.board.value.deleted.first?.index == 1)
        #expect(modem.board.value.memories["ME"]?.keys.sorted() == [0])
        await rig.fleet.stop()
    }

    @Test("A6: slots that hold drafts for good are told of before the memory is full")
    func nearlyFull() async throws {
        let modem = ScriptedModem()
        for _ in 0..<16 { modem.deliver(hello, to: "ME", announce: false, stat: 3) }
        let rig = try Rig(modem)
        #expect(
            await rig.recorder.board.wait {
                $0.snapshots.last?.memories.contains { $0.others == 16 && $0.condition == .nearlyFull } == true
            })
        #expect(rig.recorder.board.value.readings.isEmpty && modem.board.value.memories["ME"]?.count == 16)
        await rig.fleet.stop()
    }

    @Test("A6: a text that the modem does not let go is taken once, told of, and no trouble any more when it is gone")
    func undeletable() async throws {
        let modem = ScriptedModem()
        modem.deliver(hello, to: "ME", announce: false)
        modem.answer("AT+CMGD=0", with: "\r\n+CMS ERROR: 302\r\n")
        let rig = try Rig(modem)
        @Sendable func stuck(_ snapshots: [ModemSnapshot]) -> Int? {
            snapshots.last?.memories.first { $0.name == "ME" }?.undeletable
        }
        #expect(await rig.recorder.board.wait { stuck($0.snapshots) == 1 })
        #expect(rig.recorder.board.value.deleted.isEmpty)
        modem.board.update { $0.rules = [] }
        #expect(await rig.recorder.board.wait { stuck($0.snapshots) == 0 && $0.deleted.count == 1 })
        await rig.fleet.stop()
    }

    @Test("A body that is no hex is handed on as it was printed")
    func unreadableBody() async throws {
        let modem = ScriptedModem()
        modem.deliver("0BD04259303784=96p331p71160016D0", to: "ME", announce: false, announced: 24)
        let rig = try Rig(modem)
        #expect(await rig.recorder.board.wait { $0.deleted.count == 1 })
        let reading = try #require(rig.recorder.board.value.readings.first)
        #expect(reading.pdu.isEmpty)
        #expect(reading.text == "0BD04259303784=96p331p71160016D0")
        await rig.fleet.stop()
    }

    @Test("A modem that leaves slots unread is known as such")
    func doesNotMarkRead() async throws {
        let modem = ScriptedModem()
        modem.board.update { $0.marksRead = false }
        modem.deliver(hello, to: "ME", announce: false)
        let rig = try Rig(modem)
        #expect(await rig.recorder.board.wait { $0.deleted.count == 1 })
        #expect(rig.recorder.board.value.readings.first?.modemMarksRead == false)
        await rig.fleet.stop()
    }

    @Test("A report that is routed directly is committed, then acknowledged")
    func directReport() async throws {
        let rig = try Rig()
        #expect(await rig.ready())
        rig.modem.say("\r\n+CDS: 24\r\n07914356060013F1065A098136395339F6219011700463802190117004638000\r\n")
        #expect(await rig.modem.board.wait { $0.commands.contains("AT+CNMA") })
        let reading = try #require(rig.recorder.board.value.readings.first)
        #expect(reading.origin == .direct)
        #expect(reading.announcedLength == 24)
        await rig.fleet.stop()
    }

    @Test("E6: a modem that wants three arguments of AT+CPMS gets them")
    func threeArguments() async throws {
        let modem = ScriptedModem()
        modem.answer("AT+CPMS=\"ME\",\"ME\",\"ME\"", with: "\r\n+CPMS: 0,20,0,20,0,20\r\n\r\nOK\r\n")
        modem.answer("AT+CPMS=\"ME\"", with: "\r\nERROR\r\n")
        let rig = try Rig(modem)
        #expect(await modem.board.wait { $0.commands.contains("AT+CPMS=\"ME\",\"ME\",\"ME\"") })
        await rig.fleet.stop()
    }

    @Test("A4: settings that are not as wanted are made, and read back")
    func settings() async throws {
        let rig = try Rig()
        #expect(await rig.ready())
        let state = rig.modem.board.value
        #expect(state.format == 0)
        #expect(state.indications == "2,1,0,2,0")
        #expect(state.service == 1)
        let set = try #require(state.commands.firstIndex(of: "AT+CNMI=2,1,0,2,0"))
        #expect(state.commands[set...].contains("AT+CNMI?"))
        let snapshot = try #require(rig.fleet.modems.first)
        #expect(snapshot.signalDBm == -73)
        #expect(snapshot.registration == "home")
        #expect(snapshot.operator == "Example" && snapshot.network == "LTE")
        #expect(snapshot.number == "+15005550006")
        #expect(snapshot.smsc == "+15005550000")
        await rig.fleet.stop()
    }

    @Test("A4: a modem that started again is brought up again")
    func reboot() async throws {
        let rig = try Rig()
        #expect(await rig.ready())
        rig.modem.board.update { state in
            state.indications = "2,0,0,0,0"
            state.format = 1
            state.memory = "SM"
        }
        rig.modem.say("\r\nRDY\r\n\r\n+CPIN: READY\r\n\r\nSMS Ready\r\n")
        #expect(await rig.modem.board.wait { $0.indications == "2,1,0,2,0" && $0.format == 0 })
        await rig.fleet.stop()
    }
}

extension ScriptedModem.State {
    fileprivate var listings: Int { commands.count { $0 == "AT+CMGL=4" } }
    /// How often it was asked which announcements it makes.
    fileprivate var questions: Int { commands.count { $0 == "AT+CNMI?" } }
}
