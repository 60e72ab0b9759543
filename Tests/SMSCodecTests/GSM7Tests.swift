import SMSCodec
import Testing

struct GSM7Tests {
    @Test(
        "septets are squeezed to octets",
        arguments: [
            ("", ""), ("A", "41"), ("hellohello", "E8329BFD4697D9EC37"), ("@", "00"), ("@@@@@@@@", "00000000000000"),
            ("1234567", "31D98C56B3DD00"), ("12345678", "31D98C56B3DD70"), ("€", "9B32"), ("[]", "1BDEC607"),
        ])
    func packing(text: String, octets: String) throws {
        let septets = try #require(GSM7.septets(of: text))
        #expect(Hex.encode(GSM7.pack(septets)) == octets)
        #expect(GSM7.unpack(Hex.decode(octets) ?? [], count: septets.count) == septets)
        #expect(GSM7.text(of: septets) == text)
    }

    @Test("the count of septets decides about a trailing @", arguments: 1...24)
    func trailingAt(count: Int) throws {
        let text = String(repeating: "x", count: count - 1) + "@"
        let septets = try #require(GSM7.septets(of: text))
        let part = UserData(encoding: .gsm7, content: septets)
        #expect(try RoundTrip.text(of: part) == text)
    }

    @Test("every septet of both tables shows one character and comes back from it")
    func tables() throws {
        var characters: Set<String> = []
        for septet in UInt8(0)...127 where septet != 0x1B {
            let text = GSM7.text(of: [septet])
            #expect(text.unicodeScalars.count == 1)
            #expect(GSM7.septets(of: text) == [septet])
            characters.insert(text)
        }
        #expect(characters.count == 127)
        let extended: [(UInt8, String)] = [
            (0x0A, "\u{0C}"), (0x14, "^"), (0x28, "{"), (0x29, "}"), (0x2F, "\\"), (0x3C, "["), (0x3D, "~"),
            (0x3E, "]"), (0x40, "|"), (0x65, "€"),
        ]
        for (code, character) in extended {
            #expect(GSM7.text(of: [0x1B, code]) == character)
            #expect(GSM7.septets(of: character) == [0x1B, code])
        }
    }

    @Test("an escape before a code the extension table lacks is passed over")
    func unassigned() {
        #expect(GSM7.text(of: [0x1B, 0x41]) == "A")
        #expect(GSM7.text(of: [0x1B, 0x00]) == "@")
    }

    @Test("an escape alone is a space")
    func loneEscape() {
        #expect(GSM7.text(of: [0x41, 0x1B]) == "A ")
        #expect(GSM7.text(of: [0x1B, 0x1B, 0x41]) == " A")
    }

    @Test(
        "a character outside both tables makes the text no 7-bit text",
        arguments: ["ç", "`", "\u{1B}", "Á", "e\u{301}"])
    func outside(text: String) {
        #expect(GSM7.septets(of: text) == nil)
    }

    @Test(
        "USSD fills seven spare bits with a carriage return, and takes it away",
        arguments: ["1234567", "1234567\r", "*100#"])
    func ussd(text: String) throws {
        let octets = USSDText.pack(try #require(GSM7.septets(of: text)))
        #expect(USSDText.text(of: octets) == text)
    }
}

/// A part on the air and back.
enum RoundTrip {
    static func part(of part: UserData) throws -> UserData {
        let message = Deliver(sender: Address(number: "+15550100"), time: nil, userData: part)
        guard case .deliver(let back) = try TPDU.decode(message.encode()) else { return UserData(text: "") }
        return back.userData
    }

    static func text(of part: UserData) throws -> String { try self.part(of: part).text }
}
