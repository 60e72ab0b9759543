import Logging
import Testing

@testable import ModemKit

@Suite("What differs from one maker's modems to another's")
struct FamilyTests {
    @Test("Each product of the tables can be read, has one place, and one port that is meant for AT at most")
    func tables() {
        var seen: Set<String> = []
        for family in ModemFamily.all {
            for product in family.usb.products.values {
                #expect(seen.insert(product.id).inserted, "\(product.id) stands in two families")
                let halves = product.id.split(separator: ":")
                #expect(halves.count == 2 && halves.allSatisfy { $0.count == 4 && Int($0, radix: 16) != nil })
                #expect(product.roles.values.count { $0 == .primary } <= 1, "\(product.id)")
                #expect(!product.roles.isEmpty, "\(product.id)")
            }
        }
        #expect(seen.count > 240)
        let discs = ModemFamily.all.flatMap(\.discs)
        #expect(Set(discs).count == discs.count)
    }

    @Test(
        "A modem is known by its model, its maker, or its USB product",
        arguments: [
            ("huawei", "E3372", nil, "Huawei"), ("ZTE INCORPORATED", "K3565-Z", nil, "ZTE"),
            ("QUALCOMM INCORPORATED", "MF627", nil, "ZTE"), ("Quectel", "EC25", "2c7c:0125", "Quectel"),
            ("SIMCOM INCORPORATED", "SIMCOM_SIM7600G-H", "1e0e:9001", "SIMCom"),
            ("SIMCOM_Ltd", "SIMCOM_SIM800L", nil, "SIMCom"), ("Sierra Wireless, Incorporated", "MC7455", nil, "Sierra"),
            ("u-blox", "SARA-U201", nil, "u-blox"), ("Telit", "LE910C1-EUX", nil, "Telit"),
            ("Cinterion", "PLS8-E", nil, "Cinterion"), ("SIEMENS", "TC35i", nil, "Cinterion"),
            ("WAVECOM MODEM", "MULTIBAND  900E  1800", nil, "Wavecom"), (nil, nil, "2c7c:0296", "Quectel"),
            ("ACME", "Stick 1", nil, "generic"), (nil, nil, nil, "generic"),
        ] as [(String?, String?, String?, String)])
    func recognised(maker: String?, model: String?, usb: String?, name: String) {
        #expect(ModemFamily.of(maker: maker, model: model, usb: usb).name == name)
    }

    @Test("A port's role: a udev rule's word counts most, then the table; else it is asked")
    func roles() {
        func role(_ usb: String?, _ interface: Int, hint: String? = nil) -> PortRole? {
            let halves = usb?.split(separator: ":").map(String.init)
            return Device(
                syspath: "/sys/x", devnode: "/dev/x", vendor: halves?[0], product: halves?[1], hint: hint,
                interface: interface
            ).role
        }
        #expect(role("2c7c:0125", 2) == .primary)
        #expect(role("2C7C:0125", 2) == .primary, "digits may come in capitals")
        #expect(role("2c7c:0125", 3) == .secondary)
        #expect(role("2c7c:0125", 0) == .other)
        #expect(role("2c7c:0125", 7) == nil)
        #expect(role("2c7c:0125", 0, hint: "at") == .primary)
        #expect(role("2c7c:0125", 2, hint: "gps") == .other)
        #expect(role("2c7c:0125", 2, hint: "a word of tomorrow") == .primary)
        #expect(role("1e0e:9011", 5) == .dialling)
        #expect(role("ffff:ffff", 0) == nil)
        #expect(role(nil, 0) == nil)
        let ranks = [PortRole.primary, .secondary, nil, .dialling, .other].map { PortRole.rank($0) }
        #expect(ranks == ranks.sorted() && Set(ranks).count == ranks.count)
    }

    @Test(
        "What modems say when they start, and of themselves, is known whoever made them",
        arguments: [
            ("RDY", Unsolicited.booted), ("*ATREADY: 1", .booted), ("^SYSSTART", .booted), ("+WIND: 3", .booted),
            ("SMS DONE", .smsReady), ("SMS Ready", .smsReady), ("+QIND: SMS DONE", .smsReady),
            ("^SSIM READY", .smsReady), ("#QSS: 3", .smsReady), ("+WIND: 4", .smsReady),
            ("+WIND: 7", .other), ("+QIND: PB DONE", .other), ("#QSS: 1", .other), ("^RSSI:14", .other),
            ("^HCSQ: \"LTE\",30,19,66,0", .other), ("!SCACT: 1,1", .other), ("+ZUSIMR:2", .other),
            ("+UUSORD: 0,12", .other), ("+CTZU: \"19/07/09,11:15:40\",+08,1", .other), ("Call Ready", .other),
            ("UNDER-VOLTAGE WARNNING", .other), ("NORMAL POWER DOWN", .other), ("RING", .ring),
            ("+CRING: VOICE", .ring),
            ("+CLIP: \"+16195550100\",145,,,,0", .caller("+16195550100")), ("+CLIP: \"\",128", .caller(nil)),
        ] as [(String, Unsolicited)])
    func said(line: String, event: Unsolicited) {
        guard case .complete(let said) = Unsolicited.classify(Array(line.utf8)[...], own: []) else {
            Issue.record("\(line) is not known")
            return
        }
        #expect(said == event)
    }

    @Test("A line that answers the command in flight is no mark", arguments: ["#QSS: 3", "+WIND: 4", "+UMWI: 0"])
    func own(line: String) {
        let own = Array(line.prefix { $0 != " " }.utf8)
        guard case .notUnsolicited = Unsolicited.classify(Array(line.utf8)[...], own: own) else {
            Issue.record("\(line) was taken for a mark")
            return
        }
    }
}

/// Each family with a modem of its own, from power-up to the first text, and with something that only it does wrong.
@Suite("A modem of each family is brought up", .timeLimit(.minutes(1)))
struct FamilyBringUpTests {
    private static let pdu = "07913366003051F5040B913366304381F900005180719120348004D4F29C0E"

    private func modem(_ maker: String, _ model: String) -> ScriptedModem {
        let modem = ScriptedModem()
        modem.answer("AT+CGMI", with: "\r\n\(maker)\r\n\r\nOK\r\n")
        modem.answer("AT+CGMM", with: "\r\n\(model)\r\n\r\nOK\r\n")
        return modem
    }

    /// Ready, takes a text out and sends one.
    private func work(_ modem: ScriptedModem, memory: String = "ME", _ check: (Rig) async throws -> Void) async throws {
        let rig = try Rig(modem)
        #expect(await rig.ready())
        modem.deliver(Self.pdu, to: memory)
        #expect(await rig.recorder.board.wait { $0.deleted.count == 1 })
        let reference = modem.board.value.reference &+ 1
        #expect(await rig.send() == .accepted(reference: reference))
        try await check(rig)
        await rig.fleet.stop()
        modem.unplug()
    }

    private func asked(_ modem: ScriptedModem, _ command: String) -> Bool {
        modem.board.value.commands.contains(command)
    }

    @Test("Huawei: its noise is switched off, and lines of it in the middle of answers are no answers")
    func huawei() async throws {
        let modem = modem("huawei", "E3372")
        modem.answer("AT^CURC=0", with: "\r\nOK\r\n")
        modem.answer("AT+CSQ", with: "\r\n^RSSI:14\r\n\r\n+CSQ: 20,99\r\n\r\n^HCSQ:\"LTE\",30,19,66,0\r\n\r\nOK\r\n")
        modem.board.update { $0.beforeResult = "\r\n^MODE:5,4\r\n\r\n^RSSI:14\r\n" }
        try await work(modem) { rig in
            #expect(asked(modem, "AT^CURC=0"))
            #expect(rig.fleet.modems.first?.signalDBm == -73)
        }
    }

    @Test("ZTE: AT+CPMS? ends +ZUSIMR, which it may print at any time until then")
    func zte() async throws {
        let modem = modem("ZTE INCORPORATED", "MF190")
        modem.answer("AT+CIMI", with: "\r\n+ZUSIMR:2\r\n\r\n262011234567890\r\n\r\n+ZUSIMR:2\r\n\r\nOK\r\n")
        try await work(modem) { rig in
            #expect(rig.fleet.modems.first?.imsi == "262011234567890")
            #expect(asked(modem, "AT+CPMS?"))
        }
    }

    @Test("Quectel: a report that is announced in SM lies in SR, and is taken out there")
    func quectel() async throws {
        let modem = modem("Quectel", "EC25")
        modem.board.update { $0.memories["SR"] = [:] }
        modem.answer(
            "AT+CPMS=?", with: "\r\n+CPMS: (\"ME\",\"SM\",\"SR\"),(\"ME\",\"SM\"),(\"ME\",\"SM\")\r\n\r\nOK\r\n")
        try await work(modem) { rig in
            #expect(asked(modem, "AT+QURCCFG=\"urcport\",\"usbat\""))
            let report = "0006D60B911326880736F4111011719551401110117195714000"
            modem.deliver(report, to: "SR", announce: false)
            modem.say("\r\n+CDSI: \"SM\",0\r\n")
            #expect(await rig.recorder.board.wait { $0.deleted.contains { $0.memory == "SR" } })
            #expect(rig.recorder.board.value.readings.last?.isReport == true)
        }
    }

    @Test("SIMCom: it starts again by itself; nothing goes out before its settings stand again")
    func simcom() async throws {
        let modem = modem("SIMCOM INCORPORATED", "SIM7600")
        try await work(modem) { rig in
            modem.board.update { state in
                (state.format, state.indications, state.echo) = (1, "0,0,0,0,0", true)
                state.commands = []
            }
            modem.say("\r\nRDY\r\n\r\n+CPIN: READY\r\n\r\nSMS DONE\r\n\r\nPB DONE\r\n")
            #expect(await modem.board.wait { $0.format == 0 && $0.indications == "2,1,0,2,0" })
            #expect(await rig.ready())
            #expect(await rig.send() == .accepted(reference: 2))
            let commands = modem.board.value.commands
            let set = try #require(commands.firstIndex(of: "AT+CMGF=0"))
            let sent = try #require(commands.firstIndex { $0.hasPrefix("AT+CMGS=") })
            #expect(set < sent)
        }
    }

    @Test("Sierra: lines that begin with ! are no answers")
    func sierra() async throws {
        let modem = modem("Sierra Wireless, Incorporated", "MC7455")
        modem.answer("AT+CNUM", with: "\r\n!SCACT: 1,1\r\n\r\n+CNUM: \"\",\"+15005550006\",145\r\n\r\nOK\r\n")
        try await work(modem) { rig in
            #expect(rig.fleet.modems.first?.number == "+15005550006")
        }
    }

    @Test("u-blox: errors in words are errors")
    func uBlox() async throws {
        let modem = modem("u-blox", "SARA-G450")
        modem.answer("AT+CNUM", with: "\r\n+CME ERROR: Operation not allowed\r\n")
        modem.answer("AT+CMGS=", times: 1, with: "\r\n+CMS ERROR: no network service\r\n")
        let rig = try Rig(modem)
        #expect(await rig.ready())
        #expect(await rig.send() == .refused(code: .cms(331)))
        #expect(await rig.send() == .accepted(reference: 1))
        #expect(rig.fleet.modems.first?.number == nil)
        await rig.fleet.stop()
        modem.unplug()
    }

    @Test("Telit: what came while its SIM was starting is read when it says #QSS: 3")
    func telit() async throws {
        let modem = modem("Telit", "LE910C1-EUX")
        try await work(modem) { rig in
            #expect(asked(modem, "AT#QSS=2"))
            modem.deliver(Self.pdu, announce: false)
            modem.say("\r\n#QSS: 3\r\n")
            #expect(await rig.recorder.board.wait { $0.deleted.count == 2 })
        }
    }

    @Test("Cinterion: MT is its SIM and its own memory together; nothing is taken out twice")
    func cinterion() async throws {
        let modem = modem("Cinterion", "PLS8-E")
        modem.answer(
            "AT+CPMS=?", with: "\r\n+CPMS: (\"ME\",\"SM\",\"MT\"),(\"ME\",\"SM\",\"MT\"),(\"SM\",\"MT\")\r\n\r\nOK\r\n")
        try await work(modem) { rig in
            #expect(asked(modem, "AT^SSET=1"))
            modem.deliver(Self.pdu, to: "SM", announce: false)
            modem.say("\r\n+CMTI: \"MT\",0\r\n")
            #expect(await rig.recorder.board.wait { $0.deleted.count == 2 })
            #expect(rig.recorder.board.value.readings.count == 2)
            #expect(!modem.board.value.commands.contains { $0.hasPrefix("AT+CPMS=\"MT\"") })
        }
    }

    @Test("Wavecom: it refuses much of what newer modems know, and works all the same")
    func wavecom() async throws {
        let modem = modem(" WAVECOM MODEM", " MULTIBAND  900E  1800")
        for command in ["AT+CGMR", "AT+CEREG", "AT+CNUM", "AT+CLIP", "AT+CMMS"] {
            modem.answer(command, with: "\r\nERROR\r\n")
        }
        modem.answer("AT+CPMS=?", with: "\r\n+CPMS: ((\"SM\",\"BM\",\"SR\"),(\"SM\"))\r\n\r\nOK\r\n")
        modem.board.update { $0.memories["SR"] = [:] }
        try await work(modem, memory: "SM") { rig in
            #expect(asked(modem, "AT+WIND=15"))
            #expect(rig.fleet.modems.first?.registration == "home")
        }
    }

    @Test("The service centre's number is set where the configuration says one, and left alone where it is right")
    func serviceCentre() async throws {
        let modem = ScriptedModem()
        modem.plug()
        modem.answer("AT+CSCA?", times: 1, with: "\r\n+CSCA: \"+15005550000\",145\r\n\r\nOK\r\n")
        modem.answer("AT+CSCA=\"+15005550009\",145", with: "\r\nOK\r\n")
        modem.answer("AT+CSCA?", with: "\r\n+CSCA: \"+15005550009\",145\r\n\r\nOK\r\n")
        let recorder = Recorder()
        let fleet = Fleet(
            configuration: FleetConfiguration(
                useUdev: false, modems: [ModemMatch(port: modem.path, smsc: "+15005550009")], timings: Rig.timings),
            delegate: recorder, logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        try fleet.start()
        #expect(await recorder.board.wait { $0.state == .ready })
        #expect(recorder.board.value.snapshots.last?.smsc == "+15005550009")
        #expect(modem.board.value.commands.count { $0.hasPrefix("AT+CSCA=") } == 1)
        await fleet.stop()
        modem.unplug()
    }
}
