import Logging
import Synchronization
import Testing

@testable import ModemKit

private func device(_ modem: ScriptedModem, _ interface: Int, hint: String? = nil, stick: String = "1-1") -> Device {
    Device(
        syspath: "/sys/\(stick)/\(interface)", devnode: modem.path, usbPath: "/sys/\(stick)", hint: hint,
        interface: interface)
}

@Suite("The ports of USB devices", .timeLimit(.minutes(1)))
struct FleetCoreTests {
    private let recorder = Recorder()
    private let core: FleetCore

    init() throws {
        core = FleetCore(
            loop: try EventLoop(), configuration: FleetConfiguration(useUdev: false, timings: Rig.timings),
            delegate: recorder, logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    }

    private static func modem(_ prepare: @Sendable (ScriptedModem) -> Void = { _ in }) -> ScriptedModem {
        let modem = ScriptedModem()
        prepare(modem)
        modem.plug()
        return modem
    }

    @Test("Of the ports of one device, the lowest that answers is used, whatever came first")
    func choosesLowest() async throws {
        let silent = Self.modem { $0.answer("", with: nil) }
        let (first, second) = (Self.modem(), Self.modem())
        await core.added(device(second, 3))
        await core.added(device(silent, 0))
        await core.added(device(first, 2))
        #expect(await recorder.board.wait { $0.state == .ready })
        #expect(recorder.board.value.snapshots.last?.port == first.path)
        await core.stop()
    }

    @Test("A rule's hint decides: `at` is preferred, `gps` is never opened")
    func hints() async throws {
        let (plain, preferred, gps) = (Self.modem(), Self.modem(), Self.modem())
        await core.added(device(gps, 0, hint: "gps"))
        await core.added(device(plain, 1))
        await core.added(device(preferred, 2, hint: "at"))
        #expect(await recorder.board.wait { $0.state == .ready })
        #expect(recorder.board.value.snapshots.last?.port == preferred.path)
        #expect(gps.board.value.escapes == 0)
        await core.stop()
    }

    @Test("E4: unplugged it is gone; plugged in again, on other ports, it is the same modem")
    func replug() async throws {
        let one = Self.modem()
        await core.added(device(one, 2))
        #expect(await recorder.board.wait { $0.state == .ready })
        await core.removed("/sys/1-1/2")
        #expect(await recorder.board.wait { $0.state == .gone })
        let other = Self.modem()
        await core.added(device(other, 2, stick: "1-2"))
        #expect(await recorder.board.wait { $0.state == .ready })
        #expect(core.modems.withLock { $0.count } == 1)
        #expect(recorder.board.value.snapshots.last?.port == other.path)
        await core.stop()
    }

    @Test("When the port in use falls silent for good, a sister takes over")
    func sisterTakesOver() async throws {
        let (first, second) = (Self.modem(), Self.modem())
        await core.added(device(first, 2))
        await core.added(device(second, 3))
        #expect(await recorder.board.wait { $0.state == .ready })
        first.unplug()
        let path = second.path
        #expect(await recorder.board.wait { $0.state == .ready && $0.snapshots.last?.port == path })
        await core.stop()
    }

    @Test("Many modems at once are all served")
    func many() async throws {
        let modems = (0..<12).map { number in
            Self.modem { modem in modem.board.update { $0.imei = "49015420323\(1000 + number)" } }
        }
        for (number, modem) in modems.enumerated() { await core.added(device(modem, 2, stick: "2-\(number)")) }
        #expect(await recorder.board.wait { Set($0.snapshots.filter { $0.state == .ready }.map(\.id)).count == 12 })
        await core.stop()
    }

    @Test("A stop ends a probe that is going on")
    func stopWhileProbing() async throws {
        let silent = Self.modem { $0.answer("", with: nil) }
        await core.added(device(silent, 0))
        #expect(await silent.board.wait { $0.escapes > 0 })
        await core.stop()
    }
}
