import ModemSimulator
import Testing

@Suite struct ScriptTests {
    @Test(arguments: [
        ("txt modem0", "expected a command (text, burst, fault, unplug, wait, quit, …), not txt"),
        ("text modem9 +1 \"x\"", "there is no modem9: the last is modem1"),
        ("text modem0 +16195550123 hours", "expected the text in double quotes, not 'hours'"),
        ("text modem0 +16195550123 \"hours", "expected a closing \" before the end of the line"),
        ("text modem0", "expected the sender's number, not the end of the line"),
        ("at 5 text modem0 +1 \"x\"", "expected a time, as 20ms or 1.5s, not '5'"),
        (
            "fault modem0 sulk",
            "expected cms, cme, no-final, no-prompt, bare-prompt, cut-short, garbage, interrupt, "
                + "interrupt-inside or clear, not sulk"
        ),
        ("fault modem0 cms 500 next 0", "expected a count, not '0'"),
        ("fault modem0 cms 500 twice", "expected the end of the line, not 'twice'"),
        ("slots modem0 SM many", "expected a number of slots, not 'many'"),
        ("registration modem0 gone", "expected home, roaming, searching, denied, none or unknown, not 'gone'"),
        ("pdu modem0 0G", "expected a PDU in hex, two digits an octet"),
        (
            "silent modem0",
            "expected on or off, not "
                + "the end of the line"
        ),
        ("at 1s wait 2s", "a wait takes no at, after or every"),
        (
            "wait-event nothing 1",
            "expected one of plugged, unplugged, reset, configured, arrived, report, stored, routed, "
                + "acknowledged, unacknowledged, full, dropped, listed, read, deleted, submitted, rejected, "
                + "told, not nothing"
        ),
    ])
    func `a wrong line is named with what was expected`(_ line: String, _ message: String) {
        let error = #expect(throws: ScriptError.self) {
            _ = try Script("# first\n\n\(line)\n", name: "try.sim", modems: 2)
        }
        #expect(error?.description == "try.sim:3: \(message)")
    }

    @Test(arguments: [
        "at 2s text modem0 +16195550123 \"hours?\"", "every 10ms count 1000 text all Acme \"{n:4}\" # comment",
        "burst 1000 modem1 +1619555{n:4} \"body {n}\"", "pdu 0 0004", "fault modem0 cms 500 next 3",
        "fault modem0 no-final left", "fault all cme 10 on +CMGD kept every 5", "fault modem0 clear",
        "fault modem0 interrupt \"^RSSI:14\" on +CMGL always", "fault modem0 garbage 12 next 2",
        "unplug modem0", "replug modem0 after 1s", "restart modem0", "factory-reset modem0",
        "say modem0 \"\\r\\n\\u{41}\"",
        "garbage modem0 9", "latency modem0 20ms jitter 250us", "radio all 3s", "slots modem0 SM 10",
        "full modem0 ME on",
        "echo modem0 on", "sim modem0 pin 1234", "sim modem0 absent", "reports modem0 delay 5s",
        "reports modem0 status 70",
        "reports modem0 off", "ack modem0 timeout 5s retry 1s", "signal modem0 99", "wait 0.5s", "wait-submitted 5",
        "wait-event deleted 3", "quit", "", "   # nothing",
    ])
    func `each command of the grammar is understood`(_ line: String) throws {
        _ = try Script(line, name: "-", modems: 2)
    }

    @Test func `lines are obeyed in order, waits hold the next ones back`() throws {
        let bench = try Bench()
        let terminal = try bench.ready()
        terminal.ask("AT+CNMI=2,1\r", "\r\nOK\r\n")
        bench.simulator.run(
            try Script(
                """
                burst 2 modem0 +1619555{n:4} "body {n} of {m}"
                wait-submitted 1
                every 1ms count 2 text modem0 +16195550199 "again {n}"
                wait-event stored 4
                after 1ms text modem0 Acme "last"
                """, name: "order", modems: 1))
        terminal.expect("\r\n+CMTI: \"ME\",0\r\n\r\n+CMTI: \"ME\",1\r\n")
        terminal.expectNothingMore()
        terminal.ask("AT+CMGS=\(Sample.length)\r", "\r\n> ")
        terminal.send("\(Sample.submit)\u{1A}")
        try bench.event(.stored, 5)
        let arrived = bench.simulator.events.filter { $0.kind == .arrived }
        #expect(arrived.map(\.text) == ["body 1 of 0", "body 2 of 0", "again 1", "again 2", "last"])
        #expect(arrived.map(\.from) == ["+16195550001", "+16195550002", "+16195550199", "+16195550199", "Acme"])
    }

    @Test func `quit ends the simulator`() async throws {
        let bench = try Bench()
        bench.simulator.run(try Script("unplug modem0\nquit", name: "-", modems: 1))
        var last: LedgerEvent.Kind?
        for await event in bench.simulator.eventStream { last = event.kind }
        #expect(last == .unplugged)
    }

    @Test func `the demo's text comes when the modem is set up`() throws {
        let bench = try Bench { $0.demo = true }
        let terminal = try bench.ready()
        terminal.ask("AT+CNMI=2,1\r", "\r\nOK\r\n")
        terminal.expect("\r\n+CMTI: \"ME\",0\r\n")
        #expect(try bench.event(.arrived).text == "Hi! When are you open today?")
        #expect(try bench.event(.arrived).from == "+16195550123")
    }
}
