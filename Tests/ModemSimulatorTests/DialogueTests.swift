import ModemSimulator
import Testing

/// Literal dialogues over the pty, one row a command.
@Suite struct DialogueTests {
    struct Dialogue: CustomTestStringConvertible, Sendable {
        var name: String
        var settings: [ModemSetting] = []
        /// Octets in, octets out.
        var lines: [(String, String)]
        var testDescription: String { name }
    }

    static let dialogues: [Dialogue] = [
        Dialogue(
            name: "echo is on from the factory, and goes off",
            lines: [("AT\r", "AT\r\r\nOK\r\n"), ("ATE0\r", "ATE0\r\r\nOK\r\n"), ("AT\r", "\r\nOK\r\n")]),
        Dialogue(
            name: "V0 answers in digits",
            lines: [
                ("ATE0V0\r", "ATE0V0\r0\r"), ("AT+CSQ\r", "+CSQ: 20,99\r\n0\r"), ("AT+NO\r", "4\r"),
                ("ATV1\r", "\r\nOK\r\n"),
            ]),
        Dialogue(
            name: "errors are shaped by CMEE",
            lines: [
                ("ATE0\r", "ATE0\r\r\nOK\r\n"), ("AT+NO\r", "\r\nERROR\r\n"), ("AT+CMEE=1\r", "\r\nOK\r\n"),
                ("AT+NO\r", "\r\n+CME ERROR: 100\r\n"), ("AT+CMEE=2\r", "\r\nOK\r\n"),
                ("AT+NO\r", "\r\n+CME ERROR: unknown\r\n"), ("AT+CMEE?\r", "\r\n+CMEE: 2\r\n\r\nOK\r\n"),
            ]),
        Dialogue(
            name: "commands are joined by semicolons and end at the first error",
            lines: [
                ("ATE0\r", "ATE0\r\r\nOK\r\n"),
                ("AT+CMEE=1;+CSQ;+CGSN\r", "\r\n+CSQ: 20,99\r\n\r\n352099001700000\r\n\r\nOK\r\n"),
                ("AT+CSQ;+NO;+CSQ\r", "\r\n+CSQ: 20,99\r\n\r\n+CME ERROR: 100\r\n"),
            ]),
        Dialogue(
            name: "lower case, blanks, line feeds and rubbish before AT are borne with",
            lines: [
                ("ATE0\r", "ATE0\r\r\nOK\r\n"), ("\nat+cpin?\r", "\r\n+CPIN: READY\r\n\r\nOK\r\n"),
                ("xyzAT +CSQ\r", "\r\n+CSQ: 20,99\r\n\r\nOK\r\n"), ("rubbish\rAT\r", "\r\nOK\r\n"),
            ]),
        Dialogue(
            name: "who it is",
            lines: [
                ("ATE0\r", "ATE0\r\r\nOK\r\n"), ("AT+CGMI\r", "\r\nConductor\r\n\r\nOK\r\n"),
                ("AT+CGMM\r", "\r\nSimulated Modem\r\n\r\nOK\r\n"), ("AT+CGMR\r", "\r\nSIM-1.0\r\n\r\nOK\r\n"),
                ("AT+CIMI\r", "\r\n310260000000000\r\n\r\nOK\r\n"),
                ("AT+CCID\r", "\r\n+CCID: 8901260000000000006\r\n\r\nOK\r\n"),
                ("AT+CNUM\r", "\r\n+CNUM: ,\"+16195550000\",145\r\n\r\nOK\r\n"),
                ("AT+COPS?\r", "\r\n+COPS: 0,0,\"Simulated\",7\r\n\r\nOK\r\n"),
                ("AT+COPS=3,2;+COPS?\r", "\r\n+COPS: 0,2,\"310260\",7\r\n\r\nOK\r\n"),
                ("AT+CSCA?\r", "\r\n+CSCA: \"+12063130004\",145\r\n\r\nOK\r\n"),
                ("AT+CSMS?\r", "\r\n+CSMS: 0,1,1,1\r\n\r\nOK\r\n"),
            ]),
        Dialogue(
            name: "memories are chosen one, two or three at a time",
            settings: [.slots(memory: "SM", 5)],
            lines: [
                ("ATE0\r", "ATE0\r\r\nOK\r\n"),
                ("AT+CPMS=?\r", "\r\n+CPMS: (\"ME\",\"SM\"),(\"ME\",\"SM\"),(\"ME\",\"SM\")\r\n\r\nOK\r\n"),
                ("AT+CPMS=\"SM\"\r", "\r\n+CPMS: 0,5,0,100,0,100\r\n\r\nOK\r\n"),
                ("AT+CPMS=\"SM\",\"SM\",\"SM\"\r", "\r\n+CPMS: 0,5,0,5,0,5\r\n\r\nOK\r\n"),
                ("AT+CPMS=\"XX\"\r", "\r\n+CMS ERROR: 302\r\n"),
                ("AT+CPMS?\r", "\r\n+CPMS: \"SM\",0,5,\"SM\",0,5,\"SM\",0,5\r\n\r\nOK\r\n"),
            ]),
        Dialogue(
            name: "E6: a modem that wants all three memories",
            settings: [.wantsThreeMemories(true)],
            lines: [
                ("ATE0\r", "ATE0\r\r\nOK\r\n"), ("AT+CPMS=\"SM\"\r", "\r\n+CMS ERROR: 302\r\n"),
                ("AT+CPMS=\"SM\",\"SM\",\"SM\"\r", "\r\n+CPMS: 0,30,0,30,0,30\r\n\r\nOK\r\n"),
            ]),
        Dialogue(
            name: "notifications are set, shown and refused",
            lines: [
                ("ATE0\r", "ATE0\r\r\nOK\r\n"), ("AT+CNMI?\r", "\r\n+CNMI: 0,0,0,0,0\r\n\r\nOK\r\n"),
                ("AT+CNMI=2,1,0,2,0\r", "\r\nOK\r\n"), ("AT+CNMI=,,,1\r", "\r\nOK\r\n"),
                ("AT+CNMI?\r", "\r\n+CNMI: 2,1,0,1,0\r\n\r\nOK\r\n"), ("AT+CNMI=7\r", "\r\n+CMS ERROR: 302\r\n"),
                ("ATZ\r", "\r\nOK\r\n"),
            ]),
        Dialogue(
            name: "E5: a wrong PIN costs a try, the third asks for the PUK",
            settings: [.sim(.pin("1234"))],
            lines: [
                ("ATE0+CMEE=1\r", "ATE0+CMEE=1\r\r\nOK\r\n"), ("AT+CPIN?\r", "\r\n+CPIN: SIM PIN\r\n\r\nOK\r\n"),
                ("AT+CMGL=4\r", "\r\n+CMS ERROR: 311\r\n"), ("AT+CIMI\r", "\r\n+CME ERROR: 11\r\n"),
                ("AT+CREG?\r", "\r\n+CREG: 0,0\r\n\r\nOK\r\n"), ("AT+CPIN=\"0000\"\r", "\r\n+CME ERROR: 16\r\n"),
                ("AT+CPINR=\"SIM PIN\"\r", "\r\n+CPINR: SIM PIN,2,3\r\n\r\nOK\r\n"),
                ("AT+CPIN=\"0000\"\r", "\r\n+CME ERROR: 16\r\n"), ("AT+CPIN=\"0000\"\r", "\r\n+CME ERROR: 16\r\n"),
                ("AT+CPIN?\r", "\r\n+CPIN: SIM PUK\r\n\r\nOK\r\n"), ("AT+CPIN=\"1234\"\r", "\r\n+CME ERROR: 12\r\n"),
                ("AT+CPIN=\"12345678\",\"9999\"\r", "\r\nOK\r\n"), ("AT+CPIN?\r", "\r\n+CPIN: READY\r\n\r\nOK\r\n"),
                ("AT+CREG?\r", "\r\n+CREG: 0,1\r\n\r\nOK\r\n"),
                ("AT+CLCK=\"SC\",2\r", "\r\n+CLCK: 1\r\n\r\nOK\r\n"),
            ]),
        Dialogue(
            name: "no SIM",
            settings: [.sim(.absent)],
            lines: [
                ("ATE0+CMEE=1\r", "ATE0+CMEE=1\r\r\nOK\r\n"), ("AT+CPIN?\r", "\r\n+CME ERROR: 10\r\n"),
                ("AT+CMGS=15\r", "\r\n+CMS ERROR: 310\r\n"), ("AT+CCID\r", "\r\n+CME ERROR: 10\r\n"),
            ]),
        Dialogue(
            name: "sending asks with a prompt and gives a reference",
            lines: [
                ("AT+CMGS=\(Sample.length)\r", "AT+CMGS=\(Sample.length)\r\r\n> "),
                ("\(Sample.submit)\u{1A}", "\(Sample.submit)\u{1A}\r\n+CMGS: 0\r\n\r\nOK\r\n"),
                ("ATE0\r", "ATE0\r\r\nOK\r\n"), ("AT+CMGS=\(Sample.length)\r", "\r\n> "),
                ("\(Sample.submit)\u{1A}", "\r\n+CMGS: 1\r\n\r\nOK\r\n"),
            ]),
        Dialogue(
            name: "a wrong length, no hex and no PDU are refused; ESC cancels",
            lines: [
                ("ATE0\r", "ATE0\r\r\nOK\r\n"), ("AT+CMGS=\(Sample.length + 1)\r", "\r\n> "),
                ("\(Sample.submit)\u{1A}", "\r\n+CMS ERROR: 304\r\n"), ("AT+CMGS=2\r", "\r\n> "),
                ("00AT\u{1A}", "\r\n+CMS ERROR: 304\r\n"), ("AT+CMGS=2\r", "\r\n> "),
                ("000100\u{1A}", "\r\n+CMS ERROR: 304\r\n"), ("AT+CMGS=14\r", "\r\n> "), ("0001\u{1B}", "\r\nOK\r\n"),
                ("AT+CMGS\r", "\r\n+CMS ERROR: 304\r\n"), ("\u{1B}AT\r", "\r\nOK\r\n"),
            ]),
        Dialogue(
            name: "text mode sends too",
            lines: [
                ("ATE0\r", "ATE0\r\r\nOK\r\n"), ("AT+CMGF=1\r", "\r\nOK\r\n"),
                ("AT+CMGS=\"+16195550123\"\r", "\r\n> "), ("two\rlines\u{1A}", "\r\n> \r\n+CMGS: 0\r\n\r\nOK\r\n"),
                ("AT+CMGS\r", "\r\n+CMS ERROR: 305\r\n"),
            ]),
        Dialogue(
            name: "a stored text is sent from its slot",
            lines: [
                ("ATE0\r", "ATE0\r\r\nOK\r\n"), ("AT+CMGW=\(Sample.length)\r", "\r\n> "),
                ("\(Sample.submit)\u{1A}", "\r\n+CMGW: 0\r\n\r\nOK\r\n"),
                ("AT+CMGL=2\r", "\r\n+CMGL: 0,2,,\(Sample.length)\r\n\(Sample.submit)\r\n\r\nOK\r\n"),
                ("AT+CMSS=0\r", "\r\n+CMSS: 0\r\n\r\nOK\r\n"), ("AT+CMSS=9\r", "\r\n+CMS ERROR: 321\r\n"),
            ]),
        Dialogue(
            name: "without a network nothing is sent",
            settings: [.registration(.denied)],
            lines: [
                ("ATE0\r", "ATE0\r\r\nOK\r\n"), ("AT+CREG?\r", "\r\n+CREG: 0,3\r\n\r\nOK\r\n"),
                ("AT+CSQ\r", "\r\n+CSQ: 99,99\r\n\r\nOK\r\n"), ("AT+CMGS=\(Sample.length)\r", "\r\n> "),
                ("\(Sample.submit)\u{1A}", "\r\n+CMS ERROR: 331\r\n"),
            ]),
    ]

    @Test(arguments: dialogues)
    func `each line is answered to the letter`(_ dialogue: Dialogue) throws {
        let bench = try Bench { $0.settings = dialogue.settings }
        let terminal = try bench.open()
        for (line, reply) in dialogue.lines { terminal.ask(line, reply) }
    }

    @Test func `registration changes are told where asked for`() throws {
        let bench = try Bench()
        let terminal = try bench.ready()
        terminal.ask("AT+CREG=1;+CEREG=2\r", "\r\nOK\r\n")
        bench.simulator.set(0, .registration(.searching))
        terminal.expect("\r\n+CREG: 2\r\n\r\n+CEREG: 2\r\n")
        bench.simulator.set(0, .registration(.home))
        terminal.expect("\r\n+CREG: 1\r\n\r\n+CEREG: 1,\"00C3\",\"0001A2B4\",7\r\n")
    }

    @Test func `commands that come while one is under way are answered after it`() throws {
        let bench = try Bench { $0.settings = [.latency(.milliseconds(20), jitter: .milliseconds(5))] }
        let terminal = try bench.ready()
        terminal.ask("AT+CSQ\rAT+CMGF?\rAT\r", "\r\n+CSQ: 20,99\r\n\r\nOK\r\n\r\n+CMGF: 0\r\n\r\nOK\r\n\r\nOK\r\n")
    }
}
