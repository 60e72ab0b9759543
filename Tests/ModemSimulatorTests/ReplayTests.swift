import Synchronization
import Testing

@testable import ModemSimulator

@Suite("Answering as a recorded modem did")
struct ReplayTests {
    private static let head = "# conductor trace 1: modem 490154203237518; masked: numbers, texts, PINs, IMSI, ICCID\n"

    /// Milliseconds, sign, data.
    private static func trace(_ lines: [(Int, String, String)]) throws -> RecordedTrace {
        let text = lines.map { time, sign, data in
            let fraction = String(String(1_000 + time % 1_000).suffix(3))
            return "2026-11-29T18:40:\(String(String(100 + time / 1_000).suffix(2))).\(fraction)Z  \(sign)  \(data)"
        }
        return try RecordedTrace(head + "# A remark\n" + text.joined(separator: "\n"), name: "t")
    }

    private static func octets(_ text: String) -> [UInt8] { Array(text.utf8) }

    private static func said(_ reaction: Replay.Reaction?) -> [String]? {
        reaction.map {
            $0.utterances.map { "\($0.delay.nanoseconds / 1_000_000) " + String(decoding: $0.octets, as: UTF8.self) }
        }
    }

    private static let session: [(Int, String, String)] = [
        (0, "--", "open: /dev/ttyUSB2"), (1, "→", "\\x1B"), (40, "→", "AT\\r"), (45, "←", "\\r\\nOK\\r\\n"),
        (50, "→", "AT+CSQ\\r"), (60, "←", "\\r\\n+CSQ: 20,99\\r\\n"), (61, "←", "\\r\\nOK\\r\\n"),
        (3_061, "←", "\\r\\n+CMTI: \"SM\",1\\r\\n"),
        (3_070, "→", "AT+CMGR=1\\r"), (3_080, "←", "\\r\\n+CMGR: 1,,23\\r\\n"), (3_080, "←", "\\r\\nOK\\r\\n"),
        (3_100, "→", "AT+CMGS=23\\r"), (3_200, "←", "\\r\\n> "), (3_210, "→", "0011\\x1A"),
        (4_210, "←", "\\r\\n+CMGS: 7\\r\\n"), (4_211, "←", "\\r\\nOK\\r\\n"),
        (5_000, "→", "AT+CSQ\\r"), (5_010, "←", "\\r\\n+CSQ: 9,99\\r\\n"), (5_011, "←", "\\r\\nOK\\r\\n"),
    ]

    @Test("Each command has its answer with the delays of the record, and what came unasked at its distance")
    func inOrder() throws {
        var replay = Replay(try Self.trace(Self.session))
        #expect(Self.said(replay.command(Self.octets("AT"))) == ["5 \r\nOK\r\n"])
        let first = replay.command(Self.octets("at+csq"))
        #expect(
            Self.said(first) == ["10 \r\n+CSQ: 20,99\r\n", "11 \r\nOK\r\n", "3011 \r\n+CMTI: \"SM\",1\r\n"])
        #expect(first?.end == .result(at: 1))
        #expect(Self.said(replay.command(Self.octets("AT+CMGR=1"))) == ["10 \r\n+CMGR: 1,,23\r\n", "10 \r\nOK\r\n"])
        // Of another length than the record's.
        let prompt = replay.command(Self.octets("AT+CMGS=140"))
        #expect(Self.said(prompt) == ["100 \r\n> "])
        #expect(prompt?.end == .prompt(at: 0))
        #expect(Self.said(replay.entered()) == ["1000 \r\n+CMGS: 7\r\n", "1001 \r\nOK\r\n"])
        #expect(Self.said(replay.command(Self.octets("AT+CSQ"))) == ["10 \r\n+CSQ: 9,99\r\n", "11 \r\nOK\r\n"])
        #expect(replay.isAtEnd)
    }

    @Test("Sped up, all delays are shorter by that")
    func speed() throws {
        var replay = Replay(try Self.trace(Self.session), speed: 10)
        _ = replay.command(Self.octets("AT"))
        #expect(
            Self.said(replay.command(Self.octets("AT+CSQ"))) == [
                "1 \r\n+CSQ: 20,99\r\n", "1 \r\nOK\r\n", "301 \r\n+CMTI: \"SM\",1\r\n",
            ])
    }

    @Test("What was said unasked behind a command that is left out comes with the next one, at once")
    func passedOver() throws {
        var replay = Replay(try Self.trace(Self.session))
        let reaction = replay.command(Self.octets("AT+CMGR=1"))
        #expect(
            Self.said(reaction) == [
                "0 \r\n+CMTI: \"SM\",1\r\n", "10 \r\n+CMGR: 1,,23\r\n", "10 \r\nOK\r\n",
            ])
        #expect(reaction?.end == .result(at: 2))
        // A command that was left out can still be asked, and its indication does not come twice.
        #expect(Self.said(replay.command(Self.octets("AT")))?.last == "5 \r\nOK\r\n")
    }

    @Test("A question is answered again when its answers are used up; what changes by it, and what is unknown, is not")
    func usedUp() throws {
        var replay = Replay(try Self.trace(Self.session))
        for _ in 0..<2 { _ = replay.command(Self.octets("AT+CSQ")) }
        #expect(Self.said(replay.command(Self.octets("AT+CSQ"))) == ["10 \r\n+CSQ: 9,99\r\n", "11 \r\nOK\r\n"])
        _ = replay.command(Self.octets("AT+CMGR=1"))
        #expect(replay.command(Self.octets("AT+CMGR=1")) == nil)
        #expect(replay.command(Self.octets("AT+CGMI")) == nil)
        #expect(replay.entered() != nil)
        #expect(replay.entered() == nil)
    }

    @Test("A command that got no answer gets none again")
    func silence() throws {
        var replay = Replay(
            try Self.trace([
                (0, "→", "AT+COPS?\\r"), (8_000, "--", "no final result after 8.0 seconds"), (8_001, "→", "\\x1B\\r"),
                (8_010, "←", "\\r\\nOK\\r\\n"), (8_050, "→", "AT+CMGF?\\r"), (8_055, "←", "\\r\\n+CMGF: 0\\r\\n"),
                (8_055, "←", "\\r\\nOK\\r\\n"),
            ]))
        let reaction = replay.command(Self.octets("AT+COPS?"))
        #expect(reaction == Replay.Reaction(utterances: [], end: .none))
        #expect(replay.escaped().map(\.octets) == [Self.octets("\r\nOK\r\n")])
        #expect(replay.escaped().isEmpty)
        #expect(replay.command(Self.octets("AT+CMGF?"))?.end == .result(at: 1))
    }

    @Test("A connection's answers are for that connection: the next one begins with its first command")
    func connections() throws {
        var replay = Replay(
            try Self.trace([
                (0, "--", "open: /dev/ttyUSB2"), (1, "→", "AT\\r"), (2, "←", "OK\\r\\n"),
                (3, "→", "AT+CSQ\\r"), (4, "←", "+CSQ: 1,9\\r\\n"), (4, "←", "OK\\r\\n"),
                (10, "--", "closed: it is opened again"), (900, "--", "open: /dev/ttyUSB2"),
                (901, "→", "AT\\r"), (902, "←", "+PBREADY\\r\\n"), (902, "←", "OK\\r\\n"),
                (903, "→", "AT+CSQ\\r"), (904, "←", "+CSQ: 2,9\\r\\n"), (904, "←", "OK\\r\\n"),
            ]))
        _ = replay.command(Self.octets("AT"))
        #expect(Self.said(replay.command(Self.octets("AT+CSQ")))?.first == "1 +CSQ: 1,9\r\n")
        // Once more in the same connection.
        #expect(Self.said(replay.command(Self.octets("AT+CSQ")))?.first == "1 +CSQ: 1,9\r\n")
        #expect(Self.said(replay.command(Self.octets("AT")))?.first == "1 +PBREADY\r\n")
        #expect(Self.said(replay.command(Self.octets("AT+CSQ")))?.first == "1 +CSQ: 2,9\r\n")
    }

    @Test("Codes and numbers that the record has masked do not keep a command from its answer")
    func masked() throws {
        var replay = Replay(
            try Self.trace([
                (0, "→", "AT+CPIN=\"0142\"\\r"), (9, "←", "OK\\r\\n"), (10, "→", "AT+CUSD=1,\"x000x\",15\\r"),
                (19, "←", "OK\\r\\n"), (20, "→", "AT+CUSD=2\\r"), (29, "←", "ERROR\\r\\n"),
            ]))
        #expect(Self.said(replay.command(Self.octets("AT+CPIN=\"4711\""))) == ["9 OK\r\n"])
        #expect(Self.said(replay.command(Self.octets("AT+CUSD=2"))) == ["9 ERROR\r\n"])
        #expect(Self.said(replay.command(Self.octets("AT+CUSD=1,\"*101#\",15"))) == ["9 OK\r\n"])
    }

    @Test("Of a port beside the one that serves, only what was said unasked counts")
    func aside() throws {
        var replay = Replay(
            try Self.trace([
                (0, "→", "AT\\r"), (1, "←", "OK\\r\\n"), (2, "-- /dev/ttyUSB3", "open: /dev/ttyUSB3"),
                (3, "→ /dev/ttyUSB3", "AT\\r"), (4, "← /dev/ttyUSB3", "OK\\r\\n"),
                (5, "← /dev/ttyUSB3", "+CMTI: \"SM\",4\\r\\n"),
            ]))
        #expect(Self.said(replay.command(Self.octets("AT"))) == ["1 OK\r\n", "5 +CMTI: \"SM\",4\r\n"])
        #expect(replay.isAtEnd)
    }

    @Test("Where entries are missing, the time that passed there is not waited for")
    func gap() throws {
        var replay = Replay(
            try Self.trace([
                (0, "→", "AT\\r"), (1, "←", "OK\\r\\n"), (30_000, "--", "812 entries are not kept any more"),
                (30_000, "←", "+CMTI: \"SM\",4\\r\\n"), (30_009, "→", "AT+CSQ\\r"), (30_010, "←", "OK\\r\\n"),
            ]))
        #expect(Self.said(replay.command(Self.octets("AT"))) == ["1 OK\r\n"])
        #expect(Self.said(replay.command(Self.octets("AT+CSQ"))) == ["0 +CMTI: \"SM\",4\r\n", "1 OK\r\n"])
    }

    @Test(
        "A file that is no trace, or not of this form, is refused with its line",
        arguments: [
            ("", "t:1: expected a trace"), ("hello\n", "t:1: expected a trace"),
            ("# conductor trace 2: modem 1\n", "t:1: this trace has form 2; form 1 is understood here"),
            (head + "yesterday  →  AT\\r", "t:2: expected a time"),
            (head + "2026-11-29T18:40:00.123Z  ~  AT", "t:2: expected →, ← or --, not ~"),
            (head + "2026-11-29T18:40:00.123Z  →", "t:2: expected two spaces"),
            (head + "2026-11-29T18:40:00.123Z  →  AT\\q", "t:2: expected \\r"),
            (head + "2026-11-29T18:40:00.123Z  →  AT\\x1", "t:2: expected two hex digits"),
        ])
    func refused(_ source: String, _ message: String) {
        let error = #expect(throws: ScriptError.self) { try RecordedTrace(source, name: "t") }
        #expect(error?.description.hasPrefix(message) == true, "\(error?.description ?? "")")
    }

    @Test("A file that went through a mail program is read, too")
    func mailed() throws {
        let trace = try RecordedTrace(
            "# conductor trace 1: modem 1\r\n2026-12-31T23:59:59.999Z  ->  AT\\r\r\n2027-01-01T00:00:00.004Z  <-  OK\\r\\n\r\n",
            name: "t")
        #expect(trace.entries.map(\.time) == [.zero, .milliseconds(5)])
        #expect(trace.entries.map(\.kind) == [.sent, .received])
    }

    @Test("A simulated modem answers from the record, tells what is not in it, and answers that for itself")
    func replayed() throws {
        let notes = Notes()
        let trace = try Self.trace([
            (0, "→", "ATE0\\r"), (1, "←", "ATE0\\r"), (1, "←", "\\r\\nOK\\r\\n"),
            (2, "→", "AT+CGMI\\r"), (3, "←", "\\r\\nACME\\r\\n"), (3, "←", "\\r\\nOK\\r\\n"),
            (9, "←", "\\r\\nRING\\r\\n"),
            (10, "→", "AT+CMGS=15\\r"), (11, "←", "\\r\\n> "), (12, "→", "00\\x1A"), (13, "←", "\\r\\n+CMGS: 9\\r\\n"),
            (13, "←", "\\r\\nOK\\r\\n"),
        ])
        let bench = try Bench { configuration in
            configuration.replay = trace
            configuration.note = { notes.add($0) }
        }
        let terminal = try bench.open()
        terminal.ask("ATE0\r", "ATE0\r\r\nOK\r\n")
        terminal.ask("AT+CGMI\r", "\r\nACME\r\n\r\nOK\r\n\r\nRING\r\n")
        terminal.ask("AT+CGMM\r", "\r\nSimulated Modem\r\n\r\nOK\r\n")
        terminal.ask("AT+XYZ\r", "\r\nERROR\r\n")
        terminal.ask("AT+CMGS=15\r", "\r\n> ")
        terminal.ask(Sample.submit + "\u{1A}", "\r\n+CMGS: 9\r\n\r\nOK\r\n")
        terminal.ask("AT+CGMI\r", "\r\nACME\r\n\r\nOK\r\n")
        #expect(
            notes.all.map { $0.prefix(51) } == [
                "modem0: the record has no answer to AT+CGMM, or no ",
                "modem0: the record has no answer to AT+XYZ, or no f",
            ])
        #expect(bench.count(.submitted) == 0)
    }
}

private final class Notes: Sendable {
    private let kept = Mutex<[String]>([])
    var all: [String] { kept.withLock { $0 } }
    func add(_ note: String) { kept.withLock { $0.append(note) } }
}
