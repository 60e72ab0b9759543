import SMSCodec
import Testing

@testable import ModemKit

@Suite("What a trace keeps of a line")
struct TraceMaskTests {
    struct Line: Sendable, CustomTestStringConvertible {
        var said: [String]
        var kept: [String]

        /// Those that go to the modem begin with `>`; `#` in what is kept stands for any digit.
        init(_ said: String..., keeps kept: String...) {
            self.said = said
            self.kept = kept.isEmpty ? said : kept
        }

        var testDescription: String { said.joined(separator: " | ") }
    }

    static let lines: [Line] = [
        // Nothing of a person: whole.
        Line(">AT\r"), Line(">ATE0\r"), Line(">ATI\r"), Line(">AT+CPIN?\r", "+CPIN: SIM PIN"),
        Line(">AT+CPMS=\"ME\",\"SM\",\"MT\"\r", "+CPMS: 12,100,3,20,3,20"),
        Line(">AT+CPMS=?\r", "+CPMS: (\"ME\",\"SM\"),(\"ME\",\"SM\"),(\"ME\",\"SM\")"),
        Line(">AT+CNMI=2,1,0,2,0\r", "OK"), Line(">AT+CMGL=4\r", "+CMS ERROR: 321"),
        Line(">AT+CGSN\r", "490154203237518", "OK"), Line(">AT+CGMI\r", "Sierra Wireless, Inc."),
        Line(">AT+CPINR=\"SIM PIN\"\r", "+CPINR: SIM PIN,3,3"), Line("+CMTI: \"SM\",3"), Line("RING"),
        Line(">AT+COPS?\r", "+COPS: 0,0,\"Example\",7"), Line("+CME ERROR: SIM busy"), Line("NO CARRIER"),
        Line("^SYSSTART"), Line("+QIND: SMS DONE"), Line("NORMAL POWER DOWN"), Line("SMS Ready"), Line("> "),
        Line("+CSQ: 20,99"),
        Line("\u{1B}", keeps: "\u{1B}"),
        // Telephone numbers.
        Line("+CLIP: \"+16195550123\",145,,,,0", keeps: "+CLIP: \"+1#0#55501##\",145,,,,0"),
        Line("+CLIP: \"6195550123\",129", keeps: "+CLIP: \"#0#55501##\",129"),
        Line(
            ">AT+CNUM\r", "+CNUM: \"Anna\",\"+447911123456\",145",
            keeps: ">AT+CNUM\r", "+CNUM: \"xxxx\",\"+447700900###\",145"),
        Line(">AT+CSCA=\"+16195550123\",145\r", keeps: ">AT+CSCA=\"+1#0#55501##\",145\r"),
        Line("+CSCA: \"002B0031003600310039\",145", keeps: "+CSCA: \"002B00300031003#003#\",145"),
        Line("+CCWA: \"+16195550123\",145,1", keeps: "+CCWA: \"+1#0#55501##\",145,1"),
        Line(">ATD+16195550123;\r", keeps: ">ATDx00000000000x\r"),
        Line(
            ">AT+CPBR=1,9\r", "+CPBR: 1,\"+16195550123\",145,\"Anna Bell\"",
            keeps: ">AT+CPBR=1,9\r", "+CPBR: 1,\"+1#0#55501##\",145,\"xxxx xxxx\""),
        // Codes.
        Line(">AT+CPIN=\"4711\"\r", keeps: ">AT+CPIN=\"01##\"\r"),
        Line(">AT+CPIN=\"12345678\",\"4711\"\r", keeps: ">AT+CPIN=\"055501##\",\"01##\"\r"),
        Line(">AT+CPIN=4711\r", keeps: ">AT+CPIN=01##\r"),
        Line(">AT+CLCK=\"SC\",1,\"4711\"\r", keeps: ">AT+CLCK=\"xx\",1,\"01##\"\r"),
        Line(">AT+CPWD=\"SC\",\"4711\",\"8000\"\r", keeps: ">AT+CPWD=\"xx\",\"01##\",\"01##\"\r"),
        Line(">AT+CSQ;+CPIN=\"4711\"\r", keeps: ">AT+CSQ;+xxxx=\"01##\"\r"),
        Line(">AT+XKEY=secret99\r", keeps: ">AT+XKEY=xxxxxx99\r"),
        // The SIM.
        Line(">AT+CIMI\r", "310260000001234", keeps: ">AT+CIMI\r", "310260000000034"),
        Line(">AT+CCID\r", "+CCID: 8901260000000012345F", keeps: ">AT+CCID\r", "+CCID: 8901260000000000045F"),
        Line("^ICCID: \"89012600000000123456\"", keeps: "^ICCID: \"89012600000000000056\""),
        Line(
            ">AT+CREG?\r", "+CREG: 2,1,\"1A2B\",\"01C3D4E5\",7",
            keeps: ">AT+CREG?\r", "+CREG: 2,1,\"0000\",\"00000000\",7"),
        // USSD: words, hex of UCS-2, hex of septets, over several lines.
        Line(">AT+CUSD=1,\"*100#\",15\r", keeps: ">AT+CUSD=1,\"x000x\",15\r"),
        Line("+CUSD: 0,\"10.50 left, Anna\",15", keeps: "+CUSD: 0,\"00x00xxxxxxxxxxx\",15"),
        Line("+CUSD: 0,\"004100420043\",72", keeps: "+CUSD: 0,\"007800780078\",72"),
        Line("+CUSD: 0,\"C8329BFD06\",15", keeps: "+CUSD: 0,\"783C1E8FC7\",15"),
        Line(
            "+CUSD: 1,\"Menu", "1 Balance", "2 Anna\",15", "OK",
            keeps: "+CUSD: 1,\"xxxx", "0xxxxxxxx", "0xxxxx\",15", "OK"),
        Line("+CUSD: 1,\"left: 10,50", "Anna\",15", keeps: "+CUSD: 1,\"xxxxxx00x00", "xxxx\",15"),
        Line("+CUSD: hello", keeps: "+CUSD: xxxxx"),
        Line(
            ">ATI\r", "IMEI: 490154203237518", "IMSI: 310260000001234", "Revision: 11.2.3",
            keeps: ">ATI\r", "IMEI: 490154203237518", "IMSI: 310260000000034", "Revision: 11.2.3"),
        Line("+16195550123 called", keeps: "x00000000000xxxxxxx"), Line("+CPIN=\"4711\"", keeps: "xxxxxxx0000x"),
        Line("+CMT: ,23", "! call Anna", "OK", keeps: "+CMT: ,23", "xxxxxxxxxxx", "OK"),
        // Texts in text mode, and what nobody knows.
        Line(
            "+CMT: \"+16195550123\",,\"26/11/29,10:00:00-32\"", "Call me, 4711", "or not", "OK",
            keeps: "+CMT: \"+1#0#55501##\",,\"00/00/00,00:00:00-00\"", "xxxxxxxxx0000", "xxxxxx", "OK"),
        Line(
            ">AT+CGMM\r", "E3531", "OK", "Anna is here",
            keeps: ">AT+CGMM\r", "E3531", "OK", "xxxxxxxxxxxx"),
        Line("+CMT: \"Anna\",23", keeps: "+CMT: \"xxxx\",23"),
        Line(">AT+CSQ\r", "Anna is here 4711", keeps: ">AT+CSQ\r", "xxxxxxxxxxxxx0000"),
        Line("+XYZ: hello,12", keeps: "+XYZ: xxxxx,12"), Line("*EVENT=12345", keeps: "xxxxxxx00000"),
        Line("caf\u{E9}", keeps: "xxxxx"), Line("0041004E004E0041", keeps: "0000000x000x0000"),
    ]

    @Test("Lines are kept whole, or with what is about a person masked, in their length", arguments: lines)
    func table(_ line: Line) {
        var mask = TraceMask()
        for (said, kept) in zip(line.said, line.kept) {
            let isSent = said.first == ">" && said != "> "
            var octets = Array((isSent ? said.dropFirst() : said[...]).utf8)
            let count = octets.count
            if isSent { mask.sent(&octets) } else { mask.received(&octets) }
            let wanted = isSent ? String(kept.dropFirst()) : kept
            let got = String(decoding: octets, as: UTF8.self)
            #expect(octets.count == count)
            #expect(Self.fits(got, wanted), "\(got) is not \(wanted)")
        }
    }

    private static func fits(_ got: String, _ wanted: String) -> Bool {
        got.utf8.count == wanted.utf8.count
            && zip(got.utf8, wanted.utf8).allSatisfy { $0 == $1 || $1 == UInt8(ascii: "#") && FieldMask.isDigit($0) }
    }

    @Test("The same number is the same one in a trace, and another one is another")
    func same() {
        let one = NumberMask.digits(for: [1, 6, 1, 9, 5, 5, 5, 0, 1, 2, 3])
        #expect(one == NumberMask.digits(for: [1, 6, 1, 9, 5, 5, 5, 0, 1, 2, 3]))
        let many = Set((0..<100).map { NumberMask.digits(for: [1, 6, 1, 9, 5, 5, 5, 0, 1, $0 / 10, $0 % 10]) })
        #expect(many.count > 90)
        for count in 0...22 { #expect(NumberMask.digits(for: [UInt8](repeating: 7, count: count)).count == count) }
    }

    @Test("The body of an empty slot, and an indication between header and body, do not let a text through")
    func between() {
        let pdu = "07911326040000F0040B911346610089F60000208062917314080CC8F71D14969741F977FD07"
        for between in ["+CMTI: \"SM\",2", "RING", "+CMGL: 2,1,,0"] {
            var mask = TraceMask()
            var kept: [String] = []
            for said in ["+CMGL: 1,1,,30", between, pdu] {
                var octets = Array(said.utf8)
                mask.received(&octets)
                kept.append(String(decoding: octets, as: UTF8.self))
            }
            #expect(!kept.joined().contains("C8F71D14969741F977FD07"), "\(between)")
            #expect(kept[2].count == pdu.count)
        }
    }

    @Test("Whatever is said, lines keep their length, and nothing beyond ASCII is kept")
    func anything() {
        let words = [
            "+CMGL: ", "+CMT: ", "+CUSD: ", "AT+CMGS=", "AT+CUSD=1,", "+CLIP: ", "AT+CIMI", "+CCID: ", "OK", "RING",
            "\"",
            "\"+1619", "0791", "00", "FF", "41", ",", ";", "*", "^", "> ", "\r", "\n", "\u{1A}", "\u{1B}", " ", "é",
            "世",
        ]
        var random = SystemRandomNumberGenerator()
        for _ in 0..<2_000 {
            var mask = TraceMask()
            for _ in 0..<20 {
                let line = (0..<Int.random(in: 0...12, using: &random)).flatMap { _ -> [UInt8] in
                    Int.random(in: 0...3, using: &random) > 0
                        ? Array((words.randomElement(using: &random) ?? "").utf8)
                        : [UInt8.random(in: 0...255, using: &random)]
                }
                var masked = line
                switch Int.random(in: 0...2, using: &random) {
                case 0: mask.sent(&masked)
                case 1: mask.received(&masked)
                default: mask.cut(&masked)
                }
                #expect(masked.count == line.count)
                #expect(masked.allSatisfy { $0 < 0x80 })
            }
        }
    }
}
