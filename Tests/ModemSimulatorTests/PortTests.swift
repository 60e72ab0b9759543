import Glibc
import ModemSimulator
import Testing

@Suite struct PortTests {
    @Test func `the port may be opened and closed again and again`() throws {
        let bench = try Bench()
        for _ in 0..<20 {
            let terminal = try bench.open()
            terminal.ask("ATE0\r", "ATE0\r\r\nOK\r\n")
            terminal.ask("ATE1\r", "\r\nOK\r\n")
        }
    }

    @Test func `unplugged means hang-up and no link; plugged in again it is new and the SIM is the same`() throws {
        let bench = try Bench()
        let terminal = try bench.ready()
        bench.simulator.text(from: "+16195550123", "kept")
        try bench.event(.stored)
        bench.simulator.perform(.unplug(.one(0)))
        try bench.event(.unplugged)
        #expect(terminal.hangsUp())
        #expect(access(bench.simulator.links[0], F_OK) != 0)
        bench.simulator.text(from: "+16195550123", "waits")
        try bench.event(.arrived, 2)
        #expect(bench.count(.stored) == 1)
        bench.simulator.perform(.replug(.one(0), after: .milliseconds(5)))
        try bench.event(.plugged, 2)
        try bench.event(.stored, 2)
        let again = try bench.ready()
        again.ask("AT+CPMS?\r", "\r\n+CPMS: \"ME\",2,100,\"ME\",2,100,\"ME\",2,100\r\n\r\nOK\r\n")
    }

    @Test func `E4: a reset re-enumerates the stick`() throws {
        let bench = try Bench()
        let terminal = try bench.ready()
        terminal.ask("AT+CFUN=1,1\r", "\r\nOK\r\n")
        #expect(terminal.hangsUp())
        try bench.event(.plugged, 2)
        let again = try bench.open()
        again.ask("AT\r", "AT\r\r\nOK\r\n")
    }

    @Test func `a modem says nothing until it has started, then its vendor's lines`() throws {
        let bench = try Bench {
            $0.settings = [.bootDelay(.milliseconds(30)), .bootNoise(true), .reenumerates(false)]
        }
        let terminal = try bench.open()
        terminal.send("AT\r")
        let noise = "\r\nRDY\r\n\r\n+CFUN: 1\r\n\r\n+CPIN: READY\r\n\r\nSMS DONE\r\n\r\nPB DONE\r\n"
        terminal.expect(noise)
        terminal.setUp()
        terminal.ask("AT+CFUN=1,1\r", "\r\nOK\r\n" + noise)
        terminal.ask("AT\r", "AT\r\r\nOK\r\n")
    }

    @Test func `the radio off means no network and nothing received`() throws {
        let bench = try Bench()
        let terminal = try bench.ready()
        terminal.ask("AT+CREG=1;+CFUN=4\r", "\r\nOK\r\n\r\n+CREG: 0\r\n")
        bench.simulator.text(from: "+16195550123", "waits")
        try bench.event(.arrived)
        #expect(bench.count(.stored) == 0)
        terminal.ask("AT+CFUN=1\r", "\r\nOK\r\n\r\n+CREG: 1\r\n")
        try bench.event(.stored)
    }

    @Test func `stop removes links and hangs up; events stay readable`() async throws {
        let bench = try Bench(modems: 2)
        let terminal = try bench.ready(1)
        bench.simulator.stop()
        #expect(terminal.hangsUp())
        #expect(bench.simulator.links.allSatisfy { access($0, F_OK) != 0 })
        var kinds: [LedgerEvent.Kind] = []
        for await event in bench.simulator.eventStream { kinds.append(event.kind) }
        #expect(kinds == [.plugged, .plugged, .unplugged, .unplugged])
    }

    @Test func `each modem has its own identity`() throws {
        let profiles = (0..<64).map { ModemProfile(index: $0) }
        #expect(Set(profiles.map(\.imei)).count == 64)
        #expect(Set(profiles.map(\.iccid)).count == 64)
        #expect(profiles.allSatisfy { $0.imei.count == 15 && $0.iccid.count == 19 })
        #expect(profiles[7].imei == "352099001700075")
    }

    @Test func `the ledger file has whole lines, with what was said escaped`() throws {
        let path = "/tmp/conductor-ledger-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
        let bench = try Bench { $0.ledgerPath = path }
        bench.simulator.text(from: "+16195550123", "say \"hi\"\n\\ €")
        try bench.event(.stored)
        bench.simulator.stop()
        let descriptor = open(path, O_RDONLY)
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = read(descriptor, &bytes, bytes.count)
        try #require(count > 0)
        let lines = String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n")
        #expect(lines.count == 4)
        #expect(lines.allSatisfy { $0.hasPrefix("{\"t\":") && $0.hasSuffix("}") })
        #expect(
            lines[1].contains(
                #""event":"arrived","id":1,"from":"+16195550123","text":"say \"hi\"\u000A\\ €","tpdu":"07"#))
    }
}
