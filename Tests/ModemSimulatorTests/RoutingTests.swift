import ModemSimulator
import Testing

@Suite struct RoutingTests {
    private let text = "\r\n+CMT: ,\(Sample.deliverLength)\r\n\(Sample.deliverHex())\r\n"

    @Test func `texts are routed at once, without acknowledgement in phase 2`() throws {
        let bench = try Bench()
        let terminal = try bench.ready()
        terminal.ask("AT+CNMI=2,2\r", "\r\nOK\r\n")
        bench.simulator.perform(.pdu(.one(0), Sample.deliver()))
        bench.simulator.perform(.pdu(.one(0), Sample.deliver()))
        terminal.expect(text + text)
        terminal.ask("AT+CNMA\r", "\r\n+CMS ERROR: 340\r\n")
    }

    @Test func `in phase 2+ the next comes when this one is acknowledged`() throws {
        let bench = try Bench()
        let terminal = try bench.ready()
        terminal.ask("AT+CSMS=1\r", "\r\n+CSMS: 1,1,1\r\n\r\nOK\r\n")
        terminal.ask("AT+CNMI=2,2\r", "\r\nOK\r\n")
        bench.simulator.perform(.pdu(.one(0), Sample.deliver()))
        bench.simulator.perform(.pdu(.one(0), Sample.deliver()))
        terminal.expect(text)
        terminal.ask("AT+CSQ\r", "\r\n+CSQ: 20,99\r\n\r\nOK\r\n")
        terminal.ask("AT+CNMA\r", "\r\nOK\r\n" + text)
        terminal.ask("AT+CNMA=1\r", "\r\nOK\r\n")
        #expect(bench.count(.acknowledged) == 2)
    }

    @Test func `who does not acknowledge in time gets the text stored when the network tries again`() throws {
        let bench = try Bench {
            $0.settings = [.acknowledgement(timeout: .milliseconds(30), retry: .milliseconds(10))]
        }
        let terminal = try bench.ready()
        terminal.ask("AT+CSMS=1\r", "\r\n+CSMS: 1,1,1\r\n\r\nOK\r\n")
        terminal.ask("AT+CNMI=2,2\r", "\r\nOK\r\n")
        bench.simulator.perform(.pdu(.one(0), Sample.deliver()))
        terminal.expect(text)
        try bench.event(.unacknowledged)
        #expect(try bench.event(.stored).id == 1)
        terminal.ask("AT+CNMI?\r", "\r\n+CNMI: 2,0,0,0,0\r\n\r\nOK\r\n")
    }

    @Test func `a refused text comes again`() throws {
        let bench = try Bench {
            $0.settings = [.acknowledgement(timeout: .seconds(60), retry: .milliseconds(5))]
        }
        let terminal = try bench.ready()
        terminal.ask("AT+CSMS=1\r", "\r\n+CSMS: 1,1,1\r\n\r\nOK\r\n")
        terminal.ask("AT+CNMI=2,2\r", "\r\nOK\r\n")
        bench.simulator.perform(.pdu(.one(0), Sample.deliver()))
        terminal.expect(text)
        terminal.ask("AT+CNMA=2\r", "\r\nOK\r\n" + text)
        terminal.ask("AT+CNMA=0\r", "\r\nOK\r\n")
    }

    @Test(arguments: [(0, "\r\n+CMTI: \"ME\",0\r\n\r\n+CMTI: \"ME\",1\r\n"), (1, "")])
    func `indications are buffered in mode 0, then flushed or cleared`(_ flag: Int, _ flushed: String) throws {
        let bench = try Bench()
        let terminal = try bench.ready()
        terminal.ask("AT+CNMI=0,1\r", "\r\nOK\r\n")
        bench.simulator.text(from: "+16195550123", "text", count: 2)
        try bench.event(.stored, 2)
        terminal.expectNothingMore()
        terminal.ask("AT+CNMI=2,1,0,0,\(flag)\r", "\r\nOK\r\n" + flushed)
        terminal.expectNothingMore()
    }

    @Test func `an indication waits for the end of an entry`() throws {
        let bench = try Bench()
        let terminal = try bench.ready()
        terminal.ask("AT+CNMI=2,1\r", "\r\nOK\r\n")
        terminal.ask("AT+CMGS=\(Sample.length)\r", "\r\n> ")
        bench.simulator.text(from: "+16195550123", "meanwhile")
        try bench.event(.arrived)
        terminal.ask("\(Sample.submit)\u{1A}", "\r\n+CMGS: 0\r\n\r\nOK\r\n\r\n+CMTI: \"ME\",0\r\n")
    }

    @Test func `B5: a status report comes with the reference of its part`() throws {
        let bench = try Bench()
        let terminal = try bench.ready()
        terminal.ask("AT+CNMI=2,1,0,1\r", "\r\nOK\r\n")
        for reference in 0...1 {
            terminal.ask("AT+CMGS=\(Sample.length)\r", "\r\n> ")
            terminal.ask("\(Sample.submitWithReport)\u{1A}", "\r\n+CMGS: \(reference)\r\n\r\nOK\r\n")
            // Without a plus sign nothing tells a report's length but its own octets: 25 for eleven digits.
            terminal.expect("\r\n+CDS: 25\r\n0791216013")
            _ = terminal.read(upTo: "\r\n")
            let report = try bench.event(.report, reference + 1)
            #expect(report.mr == reference)
            #expect(report.tpdu?.dropFirst(8).prefix(2) == [0x06, UInt8(reference)])
            #expect(report.tpdu?.last == 0)
        }
    }

    @Test func `a status report is stored and told, or dropped, as CNMI says; its status can be chosen`() throws {
        let bench = try Bench { $0.settings = [.reportStatus(0x46), .reportDelay(.milliseconds(5))] }
        let terminal = try bench.ready()
        terminal.ask("AT+CNMI=2,1,0,2\r", "\r\nOK\r\n")
        terminal.ask("AT+CMGS=\(Sample.length)\r", "\r\n> ")
        terminal.ask("\(Sample.submitWithReport)\u{1A}", "\r\n+CMGS: 0\r\n\r\nOK\r\n\r\n+CDSI: \"ME\",0\r\n")
        #expect(try bench.event(.report).tpdu?.last == 0x46)
        terminal.ask("AT+CNMI=2,1,0,0\r", "\r\nOK\r\n")
        terminal.ask("AT+CMGS=\(Sample.length)\r", "\r\n> ")
        terminal.ask("\(Sample.submitWithReport)\u{1A}", "\r\n+CMGS: 1\r\n\r\nOK\r\n")
        try bench.event(.dropped)
        bench.simulator.set(0, .reports(false))
        terminal.ask("AT+CMGS=\(Sample.length)\r", "\r\n> ")
        terminal.ask("\(Sample.submitWithReport)\u{1A}", "\r\n+CMGS: 2\r\n\r\nOK\r\n")
        terminal.expectNothingMore()
        #expect(bench.count(.report) == 2)
    }

    @Test func `a text to another simulated SIM arrives there`() throws {
        let bench = try Bench(modems: 2)
        let sender = try bench.ready(0)
        let receiver = try bench.ready(1)
        receiver.ask("AT+CNMI=2,1\r", "\r\nOK\r\n")
        sender.ask("AT+CMGF=1\r", "\r\nOK\r\n")
        sender.ask("AT+CMGS=\"+16195550001\"\r", "\r\n> ")
        sender.ask("canary\u{1A}", "\r\n+CMGS: 0\r\n\r\nOK\r\n")
        receiver.expect("\r\n+CMTI: \"ME\",0\r\n")
        let arrived = try bench.event(.arrived)
        #expect(arrived.modem == 1)
        #expect(arrived.from == "+16195550000")
        #expect(arrived.text == "canary")
    }
}
