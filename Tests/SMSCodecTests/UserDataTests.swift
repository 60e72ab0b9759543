import SMSCodec
import Testing

struct UserDataTests {
    private func part(coding: UInt8, hasHeader: Bool = false, length: UInt8, _ octets: String) throws -> UserData {
        let start = Hex.decode((hasHeader ? "40" : "00") + "0391" + "21F3" + "00") ?? []
        let bytes = start + [coding] + (Hex.decode("11101021436500") ?? []) + [length] + (Hex.decode(octets) ?? [])
        guard case .deliver(let message) = try TPDU.decode(bytes, hasServiceCentre: false) else {
            return UserData(text: "not a deliver")
        }
        return message.userData
    }

    @Test(
        "the data coding scheme tells the alphabet and the class",
        arguments: [
            (0x00, .gsm7, nil), (0x04, .octets, nil), (0x08, .ucs2, nil), (0x0C, .gsm7, nil), (0x03, .gsm7, nil),
            (0x10, .gsm7, 0), (0x19, .ucs2, 1), (0x16, .octets, 2), (0x48, .ucs2, nil), (0x53, .gsm7, 3),
            (0x80, .gsm7, nil), (0xB8, .gsm7, nil), (0xC8, .gsm7, nil), (0xD0, .gsm7, nil), (0xE8, .ucs2, nil),
            (0xF1, .gsm7, 1), (0xF5, .octets, 1), (0xFB, .gsm7, 3),
        ] as [(UInt8, Encoding, UInt8?)])
    func coding(octet: UInt8, encoding: Encoding, messageClass: UInt8?) throws {
        let scheme = DataCoding(rawValue: octet)
        #expect(scheme.encoding == encoding)
        #expect(scheme.messageClass == messageClass)
        #expect(!scheme.isCompressed)
        #expect(try part(coding: octet, length: 2, "3119").encoding == encoding)
    }

    @Test("compressed text is refused by name", arguments: [0x20, 0x2C, 0x34, 0x68] as [UInt8])
    func compressed(octet: UInt8) {
        #expect {
            try part(coding: octet, length: 2, "3119")
        } throws: { error in
            (error as? PDUError)?.code == .compressed
        }
    }

    @Test("message waiting groups tell what waits and whether the text is kept")
    func waiting() {
        #expect(
            DataCoding(rawValue: 0xC8).messageWaiting
                == MessageWaiting(kind: .voicemail, isActive: true, isStored: false))
        #expect(
            DataCoding(rawValue: 0xD2).messageWaiting == MessageWaiting(kind: .email, isActive: false, isStored: true))
        #expect(
            DataCoding(rawValue: 0xEB).messageWaiting == MessageWaiting(kind: .other, isActive: true, isStored: true))
        #expect(DataCoding(rawValue: 0xF1).messageWaiting == nil)
    }

    @Test("A7: UCS-2 is read as UTF-16, and what is broken shows as U+FFFD")
    func ucs2() throws {
        #expect(try part(coding: 8, length: 4, "D83DDE00").text == "😀")
        #expect(try part(coding: 8, length: 4, "D83D0041").text == "\u{FFFD}A")
        #expect(try part(coding: 8, length: 4, "DE000041").text == "\u{FFFD}A")
        #expect(try part(coding: 8, length: 2, "D83D").text == "\u{FFFD}")
        #expect(try part(coding: 8, length: 3, "004100").text == "A")
        #expect(try part(coding: 8, length: 6, "00E920AC0000").text == "é€\u{0}")
    }

    @Test("A7: 8-bit data are octets and never guessed to be text")
    func octets() throws {
        let part = try part(coding: 4, length: 3, "48690A")
        #expect(part.content == [0x48, 0x69, 0x0A])
        #expect(part.text == "48690A")
    }

    @Test("a text under a header begins on a septet boundary, whatever the header's length", arguments: 0...12)
    func fillBits(headerLength: Int) throws {
        // One element of free form fills the header; a header of one octet alone is void, and only skipped.
        let header: [UInt8] =
            headerLength < 2
            ? [UInt8](repeating: 0x70, count: headerLength)
            : [0x70, UInt8(headerLength - 2)] + [UInt8](repeating: 0xFF, count: headerLength - 2)
        let alone = UserData(header: header, encoding: .gsm7, content: [])
        #expect(try RoundTrip.part(of: alone) == alone)
        for count in 0...40 {
            for last in ["@", "~", "z"] {
                let text = String(repeating: "a{@", count: count / 3) + String(repeating: "b", count: count % 3) + last
                let sent = UserData(header: header, encoding: .gsm7, content: GSM7.septets(of: text) ?? [])
                let back = try RoundTrip.part(of: sent)
                #expect(back == sent)
                #expect(back.text == text)
            }
        }
    }

    @Test("the last concatenation element wins, of whichever kind")
    func lastWins() {
        let narrow: [UInt8] = [0x00, 3, 7, 2, 1]
        let wide: [UInt8] = [0x08, 4, 1, 2, 3, 2]
        let both = UserData(header: narrow + wide, encoding: .gsm7, content: [])
        #expect(both.concatenation == Concatenation(reference: 258, isWide: true, total: 3, sequence: 2))
        let other = UserData(header: wide + narrow, encoding: .gsm7, content: [])
        #expect(other.concatenation == Concatenation(reference: 7, isWide: false, total: 2, sequence: 1))
    }

    @Test(
        "an impossible place is no place",
        arguments: [
            [0x00, 3, 7, 0, 1], [0x00, 3, 7, 2, 0], [0x00, 3, 7, 2, 3], [0x00, 2, 7, 2], [0x08, 3, 7, 2, 1],
        ]
            as [[UInt8]])
    func impossible(header: [UInt8]) {
        #expect(UserData(header: header, encoding: .gsm7, content: []).concatenation == nil)
        #expect(UserData(header: header, encoding: .gsm7, content: []).elements.count == 1)
    }

    @Test("a last element that does not end with the header voids it all, and the text is read")
    func voidHeader() throws {
        for header in ["0600037F020109", "06000370020108"] {
            let part = try part(coding: 4, hasHeader: true, length: 8, header + "41")
            #expect(part.elements.isEmpty)
            #expect(part.concatenation == nil)
            #expect(part.content == [0x41])
        }
    }

    @Test("elements that say no place are passed over for it")
    func unknownElements() throws {
        let part = try part(coding: 0, hasHeader: true, length: 8, "06" + "240101250101" + "82")
        #expect(part.elements.map(\.identifier) == [0x24, 0x25])
        #expect(part.concatenation == nil)
    }

    @Test("a header that is announced and not there is refused", arguments: [(0, ""), (2, "0241"), (3, "FF4141")])
    func missingHeader(length: UInt8, octets: String) {
        #expect {
            try part(coding: 4, hasHeader: true, length: length, octets)
        } throws: { error in
            (error as? PDUError)?.code == .headerMissing
        }
    }

    @Test("an empty header is a header")
    func emptyHeader() throws {
        let part = try part(coding: 4, hasHeader: true, length: 2, "0041")
        #expect(part.header == [])
        #expect(part.content == [0x41])
    }

    @Test("user data that end early are refused with the place")
    func truncated() {
        #expect {
            try part(coding: 0, length: 10, "E8329BFD")
        } throws: { error in
            (error as? PDUError)?.code == .userDataTruncated && (error as? PDUError)?.offset == 14
        }
    }

    @Test("ports tell a WAP push")
    func ports() {
        let wide = UserData(header: [0x05, 4, 0x0B, 0x84, 0x23, 0xF0], encoding: .octets, content: [])
        #expect(wide.ports == ApplicationPorts(destination: 2948, source: 9200, isWide: true))
        let narrow = UserData(header: [0x04, 2, 245, 1], encoding: .octets, content: [])
        #expect(narrow.ports == ApplicationPorts(destination: 245, source: 1, isWide: false))
    }
}
