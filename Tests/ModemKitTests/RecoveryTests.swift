import Testing

@testable import ModemKit

private let second: Int64 = 1_000_000_000

@Suite("The ladder of recovery, as a pure thing")
struct RecoveryLadderTests {
    private var patience = RecoveryLadder.Patience()
    private let boot = Duration.seconds(20)

    private func next(
        _ ladder: inout RecoveryLadder, _ trouble: ModemTrouble, _ now: Int64,
        can: (RecoveryStep) -> Bool = { _ in true }, skipped: Set<RecoveryStep> = []
    ) -> RecoveryLadder.Move {
        ladder.next(trouble, now: now, patience: patience, bootTime: boot, can: can, skipped: skipped)
    }

    @Test(
        "E4: each step is given its time to help before the next one is taken, and then people are told",
        arguments: ModemTrouble.allCases)
    func order(trouble: ModemTrouble) {
        var ladder = RecoveryLadder()
        var now: Int64 = 5 * second
        for step in trouble.steps {
            #expect(next(&ladder, trouble, now) == .step(step))
            let time = patience[step] + (step >= .restart ? boot : .zero)
            let until = now + time.nanoseconds
            #expect(next(&ladder, trouble, now + second) == .wait(until: until))
            #expect(next(&ladder, trouble, until - 1) == .wait(until: until))
            now = until
        }
        let until = now + patience.afterAll.nanoseconds
        #expect(next(&ladder, trouble, now) == .giveUp(until: until))
        #expect(next(&ladder, trouble, now + second) == .giveUp(until: until))
        #expect(ladder.done == trouble.steps)
        #expect(next(&ladder, trouble, until) == .step(trouble.steps[0]), "slowly, and from the beginning")
    }

    @Test("What the place does not allow is left out")
    func place() {
        var ladder = RecoveryLadder()
        #expect(next(&ladder, .silence, 0, can: { $0 < .usb }) == .step(.reopen))
        guard case .giveUp = next(&ladder, .silence, 60 * second, can: { $0 < .usb }) else {
            Issue.record("there is no step left")
            return
        }
    }

    @Test("What was done for one trouble counts when it turns into another")
    func turning() {
        var ladder = RecoveryLadder()
        #expect(next(&ladder, .sending, 0) == .step(.radio))
        #expect(next(&ladder, .registration, 300 * second) == .step(.restart))
        #expect(ladder.recovered() == .restart)
        #expect(ladder.trouble == nil && ladder.done.isEmpty)
        #expect(next(&ladder, .registration, 600 * second) == .step(.radio))
        #expect(RecoveryLadder().done.isEmpty)
    }

    @Test("What never helped a model is passed over, unless nothing else is left")
    func experience() {
        let memory = RecoveryMemory()
        for _ in 0..<RecoveryMemory.fewest {
            #expect(memory.useless("E173").isEmpty)
            memory.note([.radio, .restart], model: "E173", helped: true)
        }
        #expect(memory.useless("E173") == [.radio])
        #expect(memory.useless("EC25").isEmpty, "of another model nothing is known")
        var ladder = RecoveryLadder()
        #expect(next(&ladder, .sending, 0, skipped: memory.useless("E173")) == .step(.restart))
        memory.note([.radio], model: "E173", helped: true)
        #expect(memory.useless("E173").isEmpty, "it has helped once")
        var last = RecoveryLadder()
        #expect(next(&last, .sending, 0, can: { $0 == .radio }, skipped: [.radio]) == .step(.radio))
        for _ in 0..<RecoveryMemory.fewest { memory.note([.usb], model: "E173", helped: false) }
        #expect(memory.useless("E173") == [.usb])
    }
}

@Suite("What is watched of a modem")
struct ModemWatchTests {
    private let limits = ModemWatch.Limits()

    @Test(
        "Refusals of network or modem in a row are trouble; one text that leaves, or that is to blame itself, ends the row"
    )
    func refusals() {
        var watch = ModemWatch()
        for _ in 1..<limits.refusals { watch.sent(.refused(code: .cms(38)), now: 0) }
        #expect(watch.trouble(now: 0, limits: limits) == nil)
        watch.sent(.refused(code: .cms(1)), now: 0)
        for _ in 1..<limits.refusals { watch.sent(.refused(code: .cms(500)), now: 0) }
        #expect(watch.trouble(now: 0, limits: limits) == nil)
        watch.sent(.unknown(reason: ""), now: 0)
        watch.sent(.refused(code: nil), now: 0)
        #expect(watch.trouble(now: 0, limits: limits) == .sending)
        #expect(!watch.isOver(.sending))
        watch.restart()
        #expect(watch.trouble(now: 0, limits: limits) == nil && !watch.isOver(.sending))
        watch.sent(.accepted(reference: 1), now: 0)
        #expect(watch.isOver(.sending))
    }

    @Test("Without a network for three minutes it is in trouble; a network that comes back is none")
    func registration() {
        var watch = ModemWatch()
        #expect(watch.trouble(now: 900 * second, limits: limits) == nil, "nothing is known of it")
        watch.registered(false, now: 0)
        watch.registered(false, now: 100 * second)
        #expect(watch.trouble(now: 179 * second, limits: limits) == nil)
        #expect(watch.trouble(now: 180 * second, limits: limits) == .registration)
        watch.registered(true, now: 181 * second)
        #expect(watch.trouble(now: 900 * second, limits: limits) == nil && watch.isOver(.registration))
    }

    @Test("A4: texts leave and nothing comes in, reports neither, though they came before: that is trouble")
    func silence() {
        var watch = ModemWatch()
        for _ in 0..<20 { watch.sent(.accepted(reference: 1), now: 0) }
        #expect(watch.trouble(now: 9_000 * second, limits: limits) == nil, "a network that sends no reports")
        watch.heard(isReport: true)
        for _ in 1..<limits.unreported { watch.sent(.accepted(reference: 1), now: 10 * second) }
        #expect(watch.trouble(now: 9_000 * second, limits: limits) == nil)
        watch.sent(.accepted(reference: 1), now: 20 * second)
        #expect(watch.trouble(now: 1_809 * second, limits: limits) == nil)
        #expect(watch.trouble(now: 1_810 * second, limits: limits) == .receiving)
        watch.heard(isReport: false)
        #expect(watch.trouble(now: 9_000 * second, limits: limits) == nil && watch.isOver(.receiving))
    }
}

@Suite("Modems in trouble", .timeLimit(.minutes(1)))
struct RecoveryTests {
    /// With a short row of refusals and short steps.
    private static var timings: ModemTimings {
        var timings = Rig.timings
        timings.watch.refusals = 2
        timings.watch.unregistered = .milliseconds(50)
        timings.health = .milliseconds(50)
        timings.radioRest = .milliseconds(10)
        timings.patience = RecoveryLadder.Patience(
            settings: .milliseconds(200), reopen: .milliseconds(200), radio: .milliseconds(300),
            restart: .milliseconds(300), usb: .milliseconds(300), power: .milliseconds(300),
            afterAll: .milliseconds(500))
        return timings
    }

    private static let hello = "07911326040000F0040B911346610089F60000208062917314480CC8F71D14969741F977FD07"

    private func modem() -> ScriptedModem {
        let modem = ScriptedModem()
        modem.answer("AT+CFUN=4", with: "\r\nOK\r\n")
        modem.answer("AT+CFUN=1", with: "\r\nOK\r\n")
        return modem
    }

    @Test(
        "E4: texts that are refused one after the other make it switch its radio off and on; the next text shows that it helped"
    )
    func radioHelps() async throws {
        let modem = modem()
        modem.answer("AT+CMGS=", times: 2, with: "\r\n+CMS ERROR: 38\r\n")
        let rig = try Rig(modem, timings: Self.timings)
        #expect(await rig.ready())
        for _ in 0..<2 { #expect(await rig.send() == .refused(code: .cms(38))) }
        #expect(await rig.recorder.board.wait { $0.snapshots.contains { $0.state == .recovering } })
        #expect(await rig.recorder.board.wait { $0.state == .ready && $0.snapshots.last?.recoveries == ["radio": 1] })
        #expect(await rig.send() == .accepted(reference: 1))
        let commands = modem.board.value.commands
        let off = try #require(commands.firstIndex(of: "AT+CFUN=4"))
        #expect(commands[off...].contains("AT+CFUN=1"))
        #expect(!commands.contains("AT+CFUN=1,1"), "the milder step was enough")
        await rig.fleet.stop()
        modem.unplug()
    }

    @Test("E4: where the radio does not help, it is started anew, and at last people are told, with what to do")
    func climbs() async throws {
        let modem = modem()
        modem.answer("AT+CREG?", with: "\r\n+CREG: 1,2\r\n\r\nOK\r\n")
        modem.answer("AT+CEREG?", with: "\r\n+CEREG: 1,2\r\n\r\nOK\r\n")
        var timings = Self.timings
        timings.patience.restart = .milliseconds(100)
        let rig = try Rig(modem, timings: timings)
        #expect(
            await rig.recorder.board.wait(30) { state in
                state.snapshots.last.map { ($0.recoveries["restart"] ?? 0) >= 1 } ?? false
            })
        let commands = modem.board.value.commands
        let radio = try #require(commands.firstIndex(of: "AT+CFUN=4"))
        let restart = try #require(commands.firstIndex(of: "AT+CFUN=1,1"))
        #expect(radio < restart)
        await rig.fleet.stop()
        modem.unplug()
    }

    @Test("A part on its way has its outcome before its modem is reset")
    func waitsForOutcome() async throws {
        let modem = modem()
        modem.board.update { $0.submitAnswer = "" }
        let rig = try Rig(modem, timings: Self.timings)
        #expect(await rig.ready())
        async let outcome = rig.send()
        #expect(await modem.board.wait { !$0.pdus.isEmpty })
        try await rig.fleet.reset(rig.id, by: .radio)
        modem.say("\r\n+CMGS: 7\r\n\r\nOK\r\n")
        #expect(await outcome == .accepted(reference: 7))
        #expect(await modem.board.wait { $0.commands.contains("AT+CFUN=4") })
        #expect(await rig.recorder.board.wait { $0.state == .ready && $0.snapshots.last?.recoveries["radio"] == 1 })
        await rig.fleet.stop()
        modem.unplug()
    }

    @Test("A person's step is taken though texts come in without a pause; afterwards nothing is left to be looked at")
    func stepUnderTraffic() async throws {
        var timings = Rig.timings
        timings.patience.settings = .milliseconds(50)
        let rig = try Rig(timings: timings)
        #expect(await rig.ready())
        let modem = rig.modem
        let flood = Task {
            while !Task.isCancelled {
                if modem.board.value.memories["ME"]?.count ?? 0 < 8 { modem.deliver(Self.hello) }
                await Task.yield()
            }
        }
        #expect(await rig.recorder.board.wait { $0.deleted.count > 20 })
        let served = try #require(rig.fleet.modem(ModemID(modem.board.value.imei)))
        #expect(await served.ask(for: .settings))
        #expect(await rig.recorder.board.wait { $0.snapshots.last?.recoveries["settings"] == 1 })
        flood.cancel()
        let deadline = ContinuousClock.now + .seconds(20)
        while await served.nextLook != .max, ContinuousClock.now < deadline { await Task.yield() }
        #expect(await served.nextLook == .max, "or it would look without end")
        await rig.fleet.stop()
    }

    @Test("A person's reset of a modem that cannot take it is refused in words")
    func refused() async throws {
        let modem = modem()
        let rig = try Rig(modem, timings: Self.timings)
        #expect(await rig.ready())
        await #expect(throws: ModemError.self) { try await rig.fleet.reset(rig.id, by: .usb) }
        await #expect(throws: ModemError.self) { try await rig.fleet.reset(ModemID("1"), by: .radio) }
        await rig.fleet.stop()
        modem.unplug()
    }

    @Test("A modem that is started anew and comes back on its port is taken up again; its state meanwhile is no loss")
    func restart() async throws {
        let modem = modem()
        let rig = try Rig(modem, timings: Self.timings)
        #expect(await rig.ready())
        modem.answer("AT+CFUN=1,1", with: "\r\nOK\r\n")
        let before = rig.recorder.board.value.snapshots.count
        try await rig.fleet.reset(rig.id, by: .restart)
        #expect(await rig.recorder.board.wait { $0.state == .ready && $0.snapshots.last?.recoveries["restart"] == 1 })
        let states = rig.recorder.board.value.snapshots[before...].map(\.state)
        #expect(!states.contains(.gone))
        await rig.fleet.stop()
        modem.unplug()
    }
}
