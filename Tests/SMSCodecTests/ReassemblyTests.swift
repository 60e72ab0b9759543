import SMSCodec
import Testing

struct ReassemblyTests {
    private func part(_ text: String) -> UserData { UserData(text: text) }

    @Test("A8: a part that is missing shows")
    func missing() {
        #expect(Reassembly.text(of: [part("one "), nil, part(" three")]) == "one […] three")
        #expect(Reassembly.text(of: [nil, part("two")]) == "[…]two")
        #expect(Reassembly.text(of: [part("one"), nil, nil]) == "one[…][…]")
        #expect(Reassembly.text(of: [nil]) == "[…]")
        #expect(Reassembly.text(of: []) == "")
    }

    @Test("A8: a surrogate pair that the sender cut is whole again")
    func surrogates() {
        let parts = [
            UserData(encoding: .ucs2, content: [0x00, 0x41, 0xD8, 0x3D]),
            UserData(encoding: .ucs2, content: [0xDE, 0x00, 0x00, 0x42]),
        ]
        #expect(Reassembly.text(of: parts) == "A😀B")
        #expect(Reassembly.text(of: [parts[0], nil]) == "A\u{FFFD}[…]")
        #expect(Reassembly.text(of: [parts[0], nil, parts[1]]) == "A\u{FFFD}[…]\u{FFFD}B")
    }

    @Test("A8: a UTF-16 unit that the sender cut is whole again")
    func units() {
        let parts = [
            UserData(encoding: .ucs2, content: [0x00, 0x41, 0x20]), UserData(encoding: .ucs2, content: [0xAC]),
        ]
        #expect(Reassembly.text(of: parts) == "A€")
    }

    @Test("A8: an escape that the sender cut from its character is whole again")
    func escapes() {
        let parts = [UserData(encoding: .gsm7, content: [0x41, 0x1B]), UserData(encoding: .gsm7, content: [0x65])]
        #expect(Reassembly.text(of: parts) == "A€")
    }

    @Test("parts of different alphabets each are read in their own")
    func mixed() {
        #expect(Reassembly.text(of: [part("abc"), part("где"), part("xyz@")]) == "abcгдеxyz@")
        let octets = UserData(encoding: .octets, content: [0x01, 0xAB])
        #expect(Reassembly.text(of: [octets, octets]) == "01AB01AB")
    }
}
