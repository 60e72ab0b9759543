import SMSCodec
import Testing

struct SegmentationTests {
    @Test(
        "a text takes the fewest parts, and each fits",
        arguments: [
            ("a", 160, false, 1, Encoding.gsm7), ("a", 161, false, 2, .gsm7), ("a", 306, false, 2, .gsm7),
            ("a", 307, false, 3, .gsm7), ("a", 304, true, 2, .gsm7), ("a", 305, true, 3, .gsm7),
            ("€", 80, false, 1, .gsm7), ("€", 81, false, 2, .gsm7), ("€", 152, false, 2, .gsm7),
            ("€", 153, false, 3, .gsm7), ("ж", 70, false, 1, .ucs2), ("ж", 71, false, 2, .ucs2),
            ("ж", 134, false, 2, .ucs2), ("ж", 135, false, 3, .ucs2), ("ж", 132, true, 2, .ucs2),
            ("ж", 133, true, 3, .ucs2), ("😀", 35, false, 1, .ucs2), ("😀", 36, false, 2, .ucs2),
            ("😀", 66, false, 2, .ucs2), ("😀", 67, false, 3, .ucs2), ("a", 39_015, false, 255, .gsm7),
            ("ж", 17_085, false, 255, .ucs2),
        ])
    func sizes(unit: String, count: Int, isWide: Bool, parts: Int, encoding: Encoding) throws {
        let text = String(repeating: unit, count: count)
        let result = try Segmentation.split(text, reference: 0x1234, wideReference: isWide)
        #expect(result.encoding == encoding)
        #expect(result.parts.count == parts)
        #expect(result.parts.allSatisfy { $0.octetCount <= 140 })
        #expect(result.parts.allSatisfy { !$0.text.contains("\u{FFFD}") })
        if parts == 1 {
            #expect(result.parts[0].header == nil)
        } else {
            let places = result.parts.compactMap(\.concatenation)
            #expect(places.map { Int($0.sequence) } == Array(1...parts))
            #expect(places.allSatisfy { Int($0.total) == parts && $0.isWide == isWide })
            #expect(places.allSatisfy { $0.reference == (isWide ? 0x1234 : 0x34) })
        }
    }

    @Test("B8: an empty text is an error")
    func empty() {
        #expect {
            try Segmentation.split("", reference: 1)
        } throws: { error in
            (error as? PDUError)?.code == .emptyText
        }
    }

    @Test("more than 255 parts are an error", arguments: [("a", 39_016), ("ж", 17_086)])
    func tooLong(unit: String, count: Int) {
        #expect {
            try Segmentation.split(String(repeating: unit, count: count), reference: 1)
        } throws: { error in
            (error as? PDUError)?.code == .tooManyParts
        }
    }

    @Test(
        "B8: no character is replaced or dropped",
        arguments: [
            ("€5", Encoding.gsm7), ("Café", .gsm7), ("😀", .ucs2), ("👩‍👩‍👧‍👦🇲🇽", .ucs2), ("‘quoted’", .ucs2),
            ("ação", .ucs2), ("cafe\u{301}", .ucs2), ("a\r\nb", .gsm7), ("\u{0}", .ucs2), ("tab\t", .ucs2),
        ])
    func exact(text: String, encoding: Encoding) throws {
        let result = try Segmentation.split(text, reference: 1)
        #expect(result.encoding == encoding)
        #expect(Array(Reassembly.text(of: result.parts).unicodeScalars) == Array(text.unicodeScalars))
    }

    @Test(
        "A2: texts that look like a modem's answers come back whole",
        arguments: [
            "OK", "ERROR", "+CMGL: 1", "> ", "\r\nOK\r\n", "line\n\n\nline", "\"quoted\"", "\u{1A}", "a\u{1A}b",
            "\u{1B}",
            "+CMGL: 1,1,,24\r\n0791", "AT+CMGD=1", " ", "\n", "@",
        ])
    func modemAnswers(text: String) throws {
        let parts = try Segmentation.split(text, reference: 1).parts.map { try RoundTrip.part(of: $0) }
        #expect(Array(Reassembly.text(of: parts).unicodeScalars) == Array(text.unicodeScalars))
    }

    @Test("any text comes back from its parts", arguments: 0..<40 as Range<UInt64>)
    func anyText(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for _ in 0..<25 {
            let text = random.text()
            let isWide = Bool.random(using: &random)
            let result = try Segmentation.split(
                text, reference: .random(in: 0...UInt16.max, using: &random), wideReference: isWide)
            #expect(result.parts.allSatisfy { $0.octetCount <= 140 })
            let parts = try result.parts.map { try RoundTrip.part(of: $0) }
            #expect(parts == result.parts)
            #expect(parts.map(\.text).joined() == text, "no part is cut inside a character's code")
            #expect(Array(Reassembly.text(of: parts).unicodeScalars) == Array(text.unicodeScalars))
        }
    }
}
