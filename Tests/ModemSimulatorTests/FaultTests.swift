import ModemSimulator
import Testing

@Suite struct FaultTests {
    private func send(_ terminal: Terminal, _ reply: String, sourceLocation: SourceLocation = #_sourceLocation) {
        terminal.ask("AT+CMGS=\(Sample.length)\r", "\r\n> ", sourceLocation: sourceLocation)
        terminal.ask("\(Sample.submit)\u{1A}", reply, sourceLocation: sourceLocation)
    }

    @Test func `B4: the next sends fail with a code, then go again`() throws {
        let bench = try Bench()
        let terminal = try bench.ready()
        bench.simulator.fault(0, Fault(.cms(500), .next(2)))
        send(terminal, "\r\n+CMS ERROR: 500\r\n")
        send(terminal, "\r\n+CMS ERROR: 500\r\n")
        send(terminal, "\r\n+CMGS: 0\r\n\r\nOK\r\n")
        #expect(bench.count(.rejected) == 2)
        #expect(bench.count(.submitted) == 1)
    }

    @Test func `a CME code and a code although the part left`() throws {
        let bench = try Bench()
        let terminal = try bench.ready()
        bench.simulator.fault(0, Fault(.cme(30)))
        bench.simulator.fault(0, Fault(.cms(41), takesEffect: true))
        send(terminal, "\r\n+CME ERROR: 30\r\n")
        #expect(bench.count(.submitted) == 0)
        send(terminal, "\r\n+CMS ERROR: 41\r\n")
        #expect(bench.count(.submitted) == 1)
    }

    @Test func `every third send fails`() throws {
        let bench = try Bench()
        let terminal = try bench.ready()
        bench.simulator.fault(0, Fault(.cms(38), .every(3)))
        for round in 1...6 {
            let sent = bench.count(.submitted)
            send(terminal, round.isMultiple(of: 3) ? "\r\n+CMS ERROR: 38\r\n" : "\r\n+CMGS: \(sent)\r\n\r\nOK\r\n")
        }
    }

    @Test(arguments: [true, false])
    func `B1: no final result, whether the part left or not`(_ left: Bool) throws {
        let bench = try Bench()
        let terminal = try bench.ready()
        bench.simulator.fault(0, Fault(.noFinal, takesEffect: left))
        terminal.ask("AT+CMGS=\(Sample.length)\r", "\r\n> ")
        terminal.send("\(Sample.submit)\u{1A}")
        try bench.event(left ? .submitted : .rejected)
        terminal.expectNothingMore()
        #expect(bench.count(.submitted) == (left ? 1 : 0))
    }

    @Test func `a lost prompt still waits for the PDU or ESC`() throws {
        let bench = try Bench()
        let terminal = try bench.ready()
        bench.simulator.fault(0, Fault(.noPrompt, .next(2)))
        terminal.send("AT+CMGS=\(Sample.length)\r")
        terminal.ask("\u{1B}", "\r\nOK\r\n")
        terminal.send("AT+CMGS=\(Sample.length)\r")
        terminal.ask("\(Sample.submit)\u{1A}", "\r\n+CMGS: 0\r\n\r\nOK\r\n")
    }

    @Test func `E6: a prompt without its space`() throws {
        let bench = try Bench()
        let terminal = try bench.ready()
        bench.simulator.fault(0, Fault(.barePrompt))
        terminal.ask("AT+CMGS=\(Sample.length)\r", "\r\n>")
        terminal.ask("\(Sample.submit)\u{1A}", "\r\n+CMGS: 0\r\n\r\nOK\r\n")
    }

    @Test func `a delete fails and the text stays`() throws {
        let bench = try Bench()
        let terminal = try bench.ready()
        bench.simulator.text(from: "+16195550123", "stays")
        try bench.event(.stored)
        bench.simulator.fault(0, Fault(.cms(500), on: "+CMGD"))
        terminal.ask("AT+CMGD=0\r", "\r\n+CMS ERROR: 500\r\n")
        #expect(bench.count(.deleted) == 0)
        terminal.ask("AT+CMGD=0\r", "\r\nOK\r\n")
        #expect(bench.count(.deleted) == 1)
    }

    @Test func `a delete works and its OK is lost`() throws {
        let bench = try Bench()
        let terminal = try bench.ready()
        bench.simulator.text(from: "+16195550123", "goes")
        try bench.event(.stored)
        bench.simulator.fault(0, Fault(.noFinal, on: "+CMGD", takesEffect: true))
        terminal.send("AT+CMGD=0\r")
        try bench.event(.deleted)
        terminal.expectNothingMore()
    }

    @Test func `E6: a line of its own between and inside the entries of a reply`() throws {
        let bench = try Bench()
        let terminal = try bench.ready()
        bench.simulator.fault(0, Fault(.interrupt(line: "^RSSI:14", inside: false), on: "+CSQ"))
        terminal.ask("AT+CSQ\r", "\r\n^RSSI:14\r\n\r\n+CSQ: 20,99\r\n\r\nOK\r\n")
        bench.simulator.perform(.pdu(.one(0), Sample.deliver()))
        bench.simulator.perform(.pdu(.one(0), Sample.deliver()))
        try bench.event(.stored, 2)
        bench.simulator.fault(0, Fault(.interrupt(line: "RING", inside: false), on: "+CMGL"))
        bench.simulator.fault(0, Fault(.interrupt(line: "RING", inside: true), on: "+CMGL"))
        let body = "\(Sample.deliverLength)\r\n\(Sample.deliverHex())\r\n"
        terminal.ask("AT+CMGL=4\r", "\r\n+CMGL: 0,0,,\(body)\r\nRING\r\n+CMGL: 1,0,,\(body)\r\nOK\r\n")
        let split = "\(Sample.deliverLength)\r\n\r\nRING\r\n\(Sample.deliverHex())\r\n"
        terminal.ask("AT+CMGL=4\r", "\r\n+CMGL: 0,1,,\(split)+CMGL: 1,1,,\(body)\r\nOK\r\n")
    }

    @Test func `garbage before a reply, garbage at once, and a line said at once`() throws {
        let bench = try Bench()
        let terminal = try bench.ready()
        bench.simulator.fault(0, Fault(.garbage(40), on: "*"))
        terminal.send("AT+CGMI\r")
        #expect(terminal.read(upTo: "\r\nConductor\r\n\r\nOK\r\n").utf8.count > 30)
        bench.simulator.perform(.output(.all, Array("\r\n^MODE:5\r\n".utf8)))
        terminal.expect("\r\n^MODE:5\r\n")
        bench.simulator.perform(.garbage(.one(0), count: 9))
        bench.simulator.perform(.output(.one(0), Array("end of garbage".utf8)))
        #expect(terminal.read(upTo: "end of garbage").utf8.count >= 9 + 14)
    }

    @Test func `E4: a modem that went silent answers again when it is set back`() throws {
        let bench = try Bench()
        let terminal = try bench.ready()
        bench.simulator.set(0, .silent(true))
        bench.simulator.text(from: "+16195550123", "waits")
        try bench.event(.arrived)
        terminal.send("AT\r")
        #expect(terminal.isSilent(for: 50))
        bench.simulator.set(0, .silent(false))
        try bench.event(.stored)
        terminal.expectNothingMore()
    }

    @Test func `A4: a factory reset forgets settings and keeps memories`() throws {
        let bench = try Bench()
        let terminal = try bench.ready()
        terminal.ask("AT+CNMI=2,1\r", "\r\nOK\r\n")
        bench.simulator.text(from: "+16195550123", "kept")
        terminal.expect("\r\n+CMTI: \"ME\",0\r\n")
        bench.simulator.perform(.factoryReset(.one(0)))
        try bench.event(.reset)
        terminal.ask("AT+CNMI?\r", "AT+CNMI?\r\r\n+CNMI: 0,0,0,0,0\r\n\r\nOK\r\n")
        terminal.ask("ATE0+CPMS?\r", "ATE0+CPMS?\r\r\n+CPMS: \"ME\",1,100,\"ME\",1,100,\"ME\",1,100\r\n\r\nOK\r\n")
        bench.simulator.set(0, .echo(true))
        bench.simulator.perform(.output(.one(0), Array("#".utf8)))
        terminal.ask("", "#")
        terminal.ask("AT\r", "AT\r\r\nOK\r\n")
    }

    @Test func `B2: the radio takes its time, and the modem works on afterwards`() throws {
        let bench = try Bench { $0.settings = [.radio(.milliseconds(30), jitter: .milliseconds(10))] }
        let terminal = try bench.ready()
        let clock = ContinuousClock()
        let start = clock.now
        terminal.ask("AT+CMGS=\(Sample.length)\r", "\r\n> ")
        terminal.ask("\(Sample.submit)\u{1A}AT\r", "\r\n+CMGS: 0\r\n\r\nOK\r\n\r\nOK\r\n")
        #expect(clock.now - start >= .milliseconds(30))
    }

    @Test func `cleared faults strike no more`() throws {
        let bench = try Bench()
        let terminal = try bench.ready()
        bench.simulator.fault(0, Fault(.cms(500), .always))
        send(terminal, "\r\n+CMS ERROR: 500\r\n")
        bench.simulator.perform(.clearFaults(.all))
        send(terminal, "\r\n+CMGS: 0\r\n\r\nOK\r\n")
    }
}
