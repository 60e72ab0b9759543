import SMSCodec
import Testing

struct NationalTextTests {
    private func part(_ header: [UInt8], _ content: [UInt8], _ encoding: Encoding = .gsm7) -> UserData {
        UserData(header: header, encoding: encoding, content: content)
    }

    @Test(
        "the tables that the header names are read",
        arguments: [
            ([0x24, 1, 1], NationalShift(single: .turkish), "ğ\u{E4}"),
            ([0x25, 1, 1], NationalShift(locking: .turkish), "gä"),
            ([0x25, 1, 3, 0x24, 1, 3], NationalShift(locking: .portuguese, single: .portuguese), "gã"),
            ([0x24, 1, 13, 0x25, 1, 6], NationalShift(locking: .hindi, single: .urdu), "g\u{972}"),
            // The last one wins, and what is reserved is the default.
            ([0x24, 1, 2, 0x24, 1, 1], NationalShift(single: .turkish), "ğä"),
            ([0x24, 1, 1, 0x24, 1, 14], .none, "gä"), ([0x24, 1, 0, 0x25, 1, 255], .none, "gä"),
            ([0x25, 1, 6, 0x25, 1, 2], .none, "gä"),
            // An element of another length is none.
            ([0x24, 1, 1, 0x24, 2, 6, 6, 0x25, 0], NationalShift(single: .turkish), "ğä"),
            // A last element that does not end with the header voids all.
            ([0x24, 1, 1, 0x25, 2, 1], .none, "gä"), ([0x24, 1, 1, 0x25], .none, "gä"), ([0x24], .none, "gä"),
        ])
    func headers(header: [UInt8], shift: NationalShift, text: String) throws {
        let sent = part(header, [0x1B, 0x67, 0x7B])
        #expect(sent.shift == shift && sent.singleShift == shift.single && sent.lockingShift == shift.locking)
        #expect(try RoundTrip.text(of: sent) == text)
    }

    @Test("tables are for the 7-bit alphabet alone")
    func otherEncodings() {
        #expect(part([0x24, 1, 1], [0x00, 0x67], .ucs2).text == "g")
        #expect(part([0x24, 1, 1], [0x00, 0x67], .ucs2).shift == .none)
        #expect(part([0x25, 1, 6], [0x67], .octets).text == "67")
    }

    @Test("A8: only parts of the same tables are joined before they are read")
    func joining() {
        let turkish: [UInt8] = [0x24, 1, 1]
        #expect(Reassembly.text(of: [part(turkish, [0x1B]), part(turkish, [0x67])]) == "ğ")
        #expect(Reassembly.text(of: [part(turkish, [0x1B]), part([0x24, 1, 2], [0x67])]) == " g")
        #expect(Reassembly.text(of: [part(turkish, [0x1B, 0x67]), part([0x25, 1, 1], [0x40])]) == "ğİ")
        #expect(Reassembly.text(of: [part(turkish, [0x1B, 0x67]), UserData(text: "é€")]) == "ğé€")
        #expect(Reassembly.text(of: [part(turkish, [0x1B]), nil, part(turkish, [0x67])]) == " […]g")
    }

    @Test(
        "public vectors that force tables read as expected",
        .enabled(if: VectorFile.path != nil, "CONDUCTOR_TEST_DATA names no folder with pdu-vectors.json"))
    func vectors() throws {
        var tried = 0
        for vector in try VectorFile.all() {
            guard let wanted = vector.expect["text_with_tables"] as? String,
                case .deliver(let message) = try vector.decode(vector.pdu).tpdu
            else { continue }
            let shift = NationalShift(
                locking: NationalLanguage(rawValue: UInt8(vector.expect["force_locking"] as? Int ?? 0)),
                single: NationalLanguage(rawValue: UInt8(vector.expect["force_single"] as? Int ?? 0)))
            #expect(GSM7.text(of: message.userData.content, shift: shift) == wanted, "\(vector.id)")
            tried += 1
        }
        #expect(tried == 7)
    }
}
