import Glibc
import Logging
import Synchronization
import Testing

@testable import ModemKit

private func device(
    _ modem: ScriptedModem, _ interface: Int, hint: String? = nil, stick: String = "1-1", usb: String? = nil
) -> Device {
    let halves = usb?.split(separator: ":").map(String.init)
    return Device(
        syspath: "/sys/\(stick)/\(interface)", devnode: modem.path, usbPath: "/sys/\(stick)", vendor: halves?[0],
        product: halves?[1], hint: hint, interface: interface)
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

    @Test("The table of USB products tells which port is meant for AT; a port for something else is never opened")
    func table() async throws {
        let (diagnostics, meant, other) = (Self.modem(), Self.modem(), Self.modem())
        await core.added(device(diagnostics, 0, usb: "2c7c:0125"))
        await core.added(device(other, 3, usb: "2c7c:0125"))
        await core.added(device(meant, 2, usb: "2c7c:0125"))
        #expect(await recorder.board.wait { $0.state == .ready })
        #expect(recorder.board.value.snapshots.last?.port == meant.path)
        #expect(diagnostics.board.value.escapes == 0)
        let ports = await core.look(within: .seconds(5))
        #expect(ports.first { $0.path == diagnostics.path }?.use == .other)
        #expect(ports.first { $0.path == meant.path }?.use == .modem)
        #expect(ports.first { $0.path == meant.path }?.usb == "2c7c:0125")
        await core.stop()
    }

    @Test("E6: what is announced on another port of the modem is heard")
    func announcedElsewhere() async throws {
        let (meant, other) = (Self.modem(), Self.modem())
        await core.added(device(meant, 2, usb: "2c7c:0125"))
        await core.added(device(other, 3, usb: "2c7c:0125"))
        #expect(await recorder.board.wait { $0.state == .ready })
        let path = other.path
        var isHeard = false
        for _ in 0..<200 where !isHeard {
            isHeard = await core.ports.first { $0.path == path }?.use == .listener
            try await Task.sleep(for: .milliseconds(20))
        }
        #expect(isHeard)
        meant.deliver("07913366003051F5040B913366304381F900005180719120348004D4F29C0E", announce: false)
        other.say("\r\n+CMTI: \"ME\",0\r\n")
        #expect(await recorder.board.wait { $0.deleted.count == 1 })
        await core.stop()
    }

    @Test("A stick that still shows as a disc is said to be one, with the cure; one that is switched in time is none")
    func disc() async throws {
        let disc = USBDevice(syspath: "/sys/1-3", id: "12d1:1446", name: "HUAWEI Mobile", socket: "pci-0:3")
        await core.usbAdded(disc)
        #expect(await recorder.board.wait { $0.problems["USB pci-0:3"]?.contains("usb-modeswitch") == true })
        await core.usbRemoved("/sys/1-3")
        #expect(await recorder.board.wait { $0.problems["USB pci-0:3"] == nil })
        await core.usbAdded(USBDevice(syspath: "/sys/1-4", id: "12d1:14dc", name: nil, socket: "pci-0:4"))
        #expect(await recorder.board.wait { $0.problems["USB pci-0:4"]?.contains("HiLink") == true })
        // ZTE's 1007 is a disc in one mode and a modem in another.
        let modem = Self.modem()
        await core.added(device(modem, 0, stick: "1-5", usb: "19d2:1007"))
        await core.usbAdded(USBDevice(syspath: "/sys/1-5", id: "19d2:1007", name: nil, socket: "pci-0:5"))
        await core.usbAdded(USBDevice(syspath: "/sys/1-6", id: "1d6b:0002", name: "Hub", socket: "pci-0:6"))
        await core.usbAdded(USBDevice(syspath: "/sys/1-7", id: "12d1:1446", name: nil, socket: "pci-0:7"))
        #expect(await recorder.board.wait { $0.problems["USB pci-0:7"] != nil })
        #expect(
            recorder.board.value.problems["USB pci-0:5"] == nil && recorder.board.value.problems["USB pci-0:6"] == nil)
        await core.stop()
    }

    @Test("A modem on a true serial line is found at its speed, and again when it comes back")
    func speeds() async throws {
        let modem = Self.modem { modem in modem.board.update { $0.speed = speed_t(B57600) } }
        var bridge = device(modem, 0, stick: "1-9", usb: "10c4:ea60")
        bridge.driver = "cp210x"
        await core.added(bridge)
        #expect(await recorder.board.wait { $0.state == .ready })
        let id = ModemID(modem.board.value.imei)
        let served = try #require(core.modems.withLock { $0[id] })
        #expect(await served.ask(for: .reopen))
        #expect(await recorder.board.wait { $0.state == .ready && $0.snapshots.last?.recoveries["reopen"] == 1 })
        await core.stop()
    }

    @Test("E4: a modem that answers no more has its USB device reset, once its port was opened again in vain")
    func usbReset() async throws {
        let resets = Board<[String]>([])
        var configuration = FleetConfiguration(useUdev: false, timings: Rig.timings)
        configuration.timings.patience.reopen = .milliseconds(100)
        let modem = Self.modem()
        configuration.resetUSB = { path in
            resets.update { $0.append(path) }
            // It starts anew, as it does when it is plugged in.
            modem.board.update { $0.rules = [] }
            return nil
        }
        let core = FleetCore(
            loop: try EventLoop(), configuration: configuration, delegate: recorder,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        await core.added(device(modem, 2))
        #expect(await recorder.board.wait { $0.state == .ready })
        modem.answer("", with: nil)
        let id = ModemID(modem.board.value.imei)
        let served = try #require(core.modems.withLock { $0[id] })
        _ = await served.command("AT+CSQ", timeout: .milliseconds(100))
        _ = await served.command("AT+CSQ", timeout: .milliseconds(100))
        #expect(await recorder.board.wait { $0.snapshots.contains { $0.state == .recovering } })
        #expect(await resets.wait { $0 == ["/sys/1-1"] })
        #expect(await recorder.board.wait { $0.state == .ready })
        #expect(recorder.board.value.snapshots.last?.recoveries["usb"] == 1)
        await core.stop()
    }

    @Test("E4: the power of its port is switched by the admin's command, where there is one")
    func power() async throws {
        let done = Board<[String]>([])
        var configuration = FleetConfiguration(useUdev: false, timings: Rig.timings)
        configuration.cyclePower = { hub, port in
            done.update { $0.append("hub \(hub), port \(port)") }
            return nil
        }
        let core = FleetCore(
            loop: try EventLoop(), configuration: configuration, delegate: recorder,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        let modem = Self.modem()
        await core.added(device(modem, 2))
        #expect(await recorder.board.wait { $0.state == .ready })
        let id = ModemID(modem.board.value.imei)
        let served = try #require(core.modems.withLock { $0[id] })
        #expect(await served.ask(for: .power))
        #expect(await done.wait { $0 == ["hub 1, port 1"] })
        #expect(await recorder.board.wait { $0.state == .ready && $0.snapshots.last?.recoveries["power"] == 1 })
        await core.stop()
    }

    @Test(
        "The hub and the port of a USB device",
        arguments: [
            ("/sys/devices/pci0000:00/0000:00:14.0/usb1/1-4", "1", "4"),
            ("/sys/devices/pci0000:00/0000:00:14.0/usb1/1-1/1-1.4", "1-1", "4"),
            ("/sys/devices/pci0000:00/0000:00:14.0/usb1/1-1/1-1.4/1-1.4.12", "1-1.4", "12"),
            ("/sys/devices/pci0000:00/0000:00:14.0/usb1", nil, nil), ("", nil, nil), ("/sys/-4", nil, nil),
        ] as [(String, String?, String?)])
    func place(_ path: String, _ hub: String?, _ port: String?) {
        let place = USBReset.place(path)
        #expect(place?.hub == hub && place?.port == port)
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
