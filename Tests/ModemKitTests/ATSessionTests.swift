import Testing

@testable import ModemKit

private let pdu = "07911326040000F0040B911346610089F60000208062917314480CC8F71D14969741F977FD07"

/// Feeds a session in chunks of one size and collects what it says.
private func events(
    _ text: String, command: String = "", _ shape: ATSession.Shape = .lines, chunk: Int = .max, submitted: Bool = false
) -> [ATSession.Event] {
    var session = ATSession()
    if !command.isEmpty { session.begin(Array(command.utf8), shape) }
    var events: [ATSession.Event] = []
    let bytes = Array(text.utf8)
    for start in stride(from: 0, to: bytes.count, by: min(chunk, bytes.count)) {
        let end = chunk == .max ? bytes.count : min(start + chunk, bytes.count)
        session.receive(bytes[start..<end]) { events.append($0) }
        if submitted, events.contains(.prompt), !session.isSubmitted { session.submitted() }
    }
    return events
}

private func reply(_ events: [ATSession.Event]) -> ATReply? {
    for case .finished(let reply) in events { return reply }
    return nil
}

@Suite("The AT dialogue as a state machine")
struct ATSessionTests {
    @Test("Bytes may come in any split", arguments: [1, 2, 3, 5, 7, 64, .max])
    func splits(chunk: Int) {
        let text = "AT+CMGL=4\r\r\n+CMGL: 0,1,,30\r\n\(pdu)\r\n^RSSI:18\r\n+CMGL: 1,0,\"\",30\r\n\(pdu)\r\n\r\nOK\r\n"
        let events = events(text, command: "AT+CMGL=4", .stored(hasIndex: true), chunk: chunk)
        let reply = reply(events)
        #expect(reply?.result == .ok)
        #expect(reply?.entries.map(\.index) == [0, 1])
        #expect(reply?.entries.map(\.state) == [1, 0])
        #expect(reply?.entries.allSatisfy(\.isVerified) == true)
        #expect(events.contains(.unsolicited(.other)))
    }

    @Test(
        "A2: a body is a body, whatever it looks like",
        arguments: ["OK", "ERROR", "> ", "+CMS ERROR: 500", "+CMGL: 1,1,,30", "NO CARRIER", "\"quoted\""])
    func bodies(body: String) {
        let text = "\r\n+CMGR: 1,,30\r\n\(body)\r\n\r\nOK\r\n"
        let reply = reply(events(text, command: "AT+CMGR=1", .stored(hasIndex: false), chunk: 1))
        #expect(reply?.result == .ok)
        let expected = body == "> " ? ">" : body
        #expect(reply?.entries.map { String(decoding: $0.body, as: UTF8.self) } == [expected])
    }

    @Test("E6: an indication between a header and its body belongs to neither")
    func indicationInEntry() {
        let text = "\r\n+CMGL: 3,0,,30\r\n+CMTI: \"ME\",4\r\n\(pdu)\r\n\r\nOK\r\n"
        let events = events(text, command: "AT+CMGL=4", .stored(hasIndex: true))
        #expect(events.first == .unsolicited(.stored(memory: "ME", index: 4)))
        #expect(reply(events)?.entries.first?.isVerified == true)
    }

    @Test("An empty slot has no body")
    func emptySlot() {
        let reply = reply(events("\r\n+CMGR: 0,,0\r\n\r\nOK\r\n", command: "AT+CMGR=1", .stored(hasIndex: false)))
        #expect(reply?.result == .ok)
        #expect(reply?.entries.isEmpty == true)
    }

    @Test("A body that is shorter than announced is not verified")
    func shortBody() {
        let text = "\r\n+CMGR: 1,,31\r\n\(pdu)\r\n\r\nOK\r\n"
        let reply = reply(events(text, command: "AT+CMGR=1", .stored(hasIndex: false)))
        #expect(reply?.entries.first?.isVerified == false)
        #expect(reply?.entries.first?.octets?.count == 38)
    }

    @Test("A listing in text mode is recognised, and ends")
    func textMode() {
        let text = "\r\n+CMGL: 1,\"REC READ\",\"+1\",,\"23/02/09,13:07:04+04\"\r\nhello there\r\n\r\nOK\r\n"
        let reply = reply(events(text, command: "AT+CMGL=4", .stored(hasIndex: true)))
        #expect(reply?.wasTextMode == true)
        #expect(reply?.entries.isEmpty == true)
    }

    @Test(
        "Final results",
        arguments: [
            ("OK", ATResult.ok), ("ERROR", .error("ERROR")), ("+CMS ERROR: 500", .cms(500)),
            ("+CME ERROR:14", .cme(14)),
            ("+CME ERROR: SIM not inserted", .cme(10)), ("+CMS ERROR: memory full", .cms(322)),
            ("+CMS ERROR: strange", .cms(500)), ("NO CARRIER", .error("NO CARRIER")), ("BUSY", .error("BUSY")),
            ("COMMAND NOT SUPPORT", .error("COMMAND NOT SUPPORT")),
            ("TOO MANY PARAMETERS", .error("TOO MANY PARAMETERS")),
        ])
    func results(line: String, result: ATResult) {
        #expect(reply(events("\r\n\(line)\r\n", command: "AT+X"))?.result == result)
        #expect(reply(events("AT+X\r\r\n\(line)\r\n", command: "AT+X", chunk: 1))?.result == result)
        #expect(ATResult(line: Array((line + "x").utf8)) == nil || line.contains("ERROR:"))
    }

    @Test(
        "The prompt comes with or without a space, on a line of its own or not",
        arguments: ["> ", ">", "\r\n>", "\r\n> "])
    func prompts(prompt: String) {
        #expect(events(prompt, command: "AT+CMGS=20", .submission, chunk: 1) == [.prompt])
        #expect(events("AT+CMGS=20\r" + prompt, command: "AT+CMGS=20", .submission, chunk: 1) == [.prompt])
    }

    @Test("The echo of a PDU is no answer", arguments: [1, 4, .max])
    func echoedPDU(chunk: Int) {
        let text = "AT+CMGS=23\r\r\n> 0011000B91\u{1A}\r\n+CMGS: 12\r\n\r\nOK\r\n"
        let events = events(text, command: "AT+CMGS=23", .submission, chunk: min(chunk, 14), submitted: true)
        #expect(reply(events)?.reference == 12)
    }

    @Test("An OK before the prompt belongs to something earlier")
    func staleOK() {
        let events = events("\r\nOK\r\n\r\n> ", command: "AT+CMGS=20", .submission)
        #expect(events == [.prompt])
    }

    @Test("The late answer of a submission that was given up ends no later command")
    func staleSubmission() {
        let text = "\r\n+CMGS: 12\r\n\r\nOK\r\n\r\n+CSQ: 3,99\r\n\r\nOK\r\n"
        let reply = reply(events(text, command: "AT+CSQ", chunk: 1))
        #expect(reply?.texts == ["+CSQ: 3,99"])
    }

    @Test("After a time-out only the marked answer counts")
    func marked() {
        let text = "\r\n+CSQ: 3,99\r\n\r\nOK\r\n\r\nERROR\r\n\r\n+CMGF: 0\r\n\r\nOK\r\n"
        let events = events(text, command: "AT+CMGF?", .mark, chunk: 1)
        #expect(reply(events)?.result == .ok)
        #expect(events.count == 1)
    }

    @Test("A missed call ends no command")
    func missedCall() {
        let text = "\r\nRING\r\n\r\n+CLIP: \"1\",145\r\n\r\nNO CARRIER\r\n\r\n+CSQ: 15,0\r\n\r\nOK\r\n"
        #expect(reply(events(text, command: "AT+CSQ"))?.texts == ["+CSQ: 15,0"])
    }

    @Test("An indication with the name of the command in flight is its answer; any other is not")
    func ownPrefix() {
        let text = "\r\n+CREG: 5\r\n\r\n+CSQ: 15,0\r\n\r\nOK\r\n"
        let events = events(text, command: "AT+CSQ")
        #expect(events.first == .unsolicited(.registration(5)))
        #expect(reply(events)?.texts == ["+CSQ: 15,0"])
    }

    @Test(
        "What comes unasked",
        arguments: [
            ("+CMTI: \"SM\",1", Unsolicited.stored(memory: "SM", index: 1)),
            ("+CMTI: \"ME\", 7", .stored(memory: "ME", index: 7)), ("+CMTI: 0,111", .stored(memory: "0", index: 111)),
            ("+CDSI: \"SR\",50", .stored(memory: "SR", index: 50)), ("+CMTI: ", .other), ("+CREG: 3", .registration(3)),
            ("+CREG: 1,84CD,00D30156", .registration(1)), ("+CREG: 2,5,\"0502\",\"0404736D\"", .registration(5)),
            ("+CEREG: 11, 78FE, 20 ,14419E ,7", .registration(11)), ("+CPIN: SIM PIN", .sim("SIM PIN")),
            ("RDY", .booted), ("*ATREADY: 1", .booted), ("SMS DONE", .smsReady), ("+QIND: SMS DONE", .smsReady),
            ("^RSSI:14", .other), ("RING", .ring),
        ])
    func unsolicited(line: String, event: Unsolicited) {
        #expect(events("\r\n\(line)\r\n", chunk: 1) == [.unsolicited(event)])
    }

    @Test(
        "A routed text is one event with its body",
        arguments: ["+CMT: ,30", "+CMT: \"Alice\",30", "+CDS: 30", "+CDS:30"])
    func routed(header: String) {
        let events = events("\r\n\(header)\r\n\(pdu.lowercased())\r", chunk: 3)
        guard case .unsolicited(.direct(let entry)) = events.first else {
            Issue.record("no event")
            return
        }
        #expect(entry.isVerified)
        #expect(events.count == 1)
    }

    @Test("A routed header without a body swallows nothing")
    func routedWithoutBody() {
        let events = events("\r\n+CDS: 25\r\nOK\r\n", command: "AT")
        #expect(events == [.finished(ATReply(.ok))])
    }

    @Test("A line without end takes bounded memory, and what follows is understood")
    func endlessLine() {
        var session = ATSession()
        var events: [ATSession.Event] = []
        session.begin(Array("AT".utf8), .lines)
        for _ in 0..<1000 { session.receive([UInt8](repeating: 0x41, count: 4096)) { events.append($0) } }
        session.receive("\r\nOK\r\n".utf8) { events.append($0) }
        #expect(events == [.finished(ATReply(.ok))])
        #expect(session.garbage == 1)
    }

    @Test("A reply without end keeps a bounded number of lines")
    func endlessReply() {
        var session = ATSession()
        session.begin(Array("AT+CLAC".utf8), .lines)
        for _ in 0..<5000 { session.receive("+X\r\n".utf8) { _ in } }
        #expect(session.hasProgress == ATSession.replyLimit)
    }

    @Test("Random bytes crash nothing", arguments: 0..<20)
    func noise(seed: UInt64) {
        var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        var session = ATSession()
        session.begin(Array("AT+CMGL=4".utf8), .stored(hasIndex: true))
        let alphabet = Array("+CMGL: 0,1\r\n>OKERROR\"CDS7".utf8)
        var count = 0
        for _ in 0..<20_000 {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            session.receive([alphabet[Int(state % UInt64(alphabet.count))]]) { _ in count += 1 }
        }
        #expect(session.hasProgress <= 2 * ATSession.replyLimit)
    }
}
