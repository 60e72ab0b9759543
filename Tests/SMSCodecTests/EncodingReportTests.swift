import SMSCodec
import Testing

struct EncodingReportTests {
    private let plain = String(repeating: "a", count: 99)

    @Test("a text of the alphabet has nothing to be said of it")
    func nothing() throws {
        let report = try EncodingReport("Your order is ready.")
        #expect(report.causes.isEmpty && report.suggestion == nil && report.advice == nil)
        #expect(report.cost.encoding == .gsm7 && report.cost.parts == 1)
        #expect(report.cost.units == 20 && report.cost.unitsLeft == 140)
        #expect(throws: PDUError.self) { try EncodingReport("") }
    }

    @Test("what forces UCS-2 is told with its places and what would do instead")
    func causes() throws {
        let report = try EncodingReport("It’s “here” – don’t wait…")
        #expect(report.cost.encoding == .ucs2 && report.cost.units == 25 && report.cost.unitsLeft == 45)
        #expect(report.causes.map(\.character) == ["’", "“", "”", "–", "…"])
        #expect(report.causes.map(\.positions) == [[3, 18], [6], [11], [13], [25]])
        #expect(report.causes.map(\.replacement) == ["'", "\"", "\"", "-", "..."])
        #expect(report.causes.allSatisfy { $0.reason == .notInAlphabet })
        #expect(report.suggestion == "It's \"here\" - don't wait...")
        #expect(report.suggestedCost?.encoding == .gsm7 && report.suggestedCost?.units == 27)
        #expect(report.advice == nil, "it is one part either way")
    }

    @Test(
        "each character has the replacement a writer would choose",
        arguments: [
            ("á", "a"), ("ã", "a"), ("Ő", "O"), ("ł", "l"), ("ç", "c"), ("Ç", nil), ("é", nil), ("e\u{301}", "é"),
            ("a\u{301}", "a"), ("n\u{303}", "ñ"), ("œ", "oe"), ("ı", "i"), ("\u{A0}", " "), ("\u{200B}", ""),
            ("\u{FEFF}", ""), ("\t", " "), ("—", "-"), ("‚", ","), ("«", "\""), ("`", "'"), ("´", "'"), ("™", "TM"),
            ("Ａ", "A"), ("\u{202F}", " "),
        ] as [(String, String?)])
    func replacements(character: String, replacement: String?) throws {
        let report = try EncodingReport("x" + character)
        #expect(report.causes.first?.replacement == replacement)
        #expect(report.causes.isEmpty == (replacement == nil))
        if let replacement { #expect(report.suggestion == "x" + replacement) }
    }

    @Test("nothing stands for what has a meaning of its own", arguments: ["😀", "👩‍👩‍👧‍👦", "❤️", "1️⃣", "ж", "न", "中", "क्षि", "α"])
    func noReplacement(character: String) throws {
        let report = try EncodingReport("Hi " + character)
        #expect(report.causes.map(\.character) == [character] && report.causes.first?.positions == [4])
        #expect(report.causes.first?.reason == .notInAlphabet && report.causes.first?.replacement == nil)
        #expect(report.suggestion == nil && report.suggestedCost == nil)
    }

    @Test(
        "one line says which few characters cost parts",
        arguments: [
            ("’", "2 parts instead of 1: “’” (character 100) is not in the GSM alphabet; \"'\" is"),
            ("’’", "2 parts instead of 1: “’” (characters 100 and 101) is not in the GSM alphabet; \"'\" is"),
            ("’’’’’", "2 parts instead of 1: “’” (character 100 and 4 more) is not in the GSM alphabet; \"'\" is"),
            (
                "“x”–",
                "2 parts instead of 1: ““” (character 100), “”” (character 102) and “–” (character 103) are not in the GSM "
                    + "alphabet; \"\"\" and \"-\" are"
            ),
            ("\u{A0}", "2 parts instead of 1: “U+00A0” (character 100) is not in the GSM alphabet; \" \" is"),
            (
                "\u{200B}",
                "2 parts instead of 1: “U+200B” (character 100) is not in the GSM alphabet, and does not show"
            ),
            ("😀", "2 parts instead of 1: “😀” (character 100) is not in the GSM alphabet"),
            (
                "😀’",
                "2 parts instead of 1: “😀” (character 100) and “’” (character 101) are not in the GSM alphabet"
            ),
        ])
    func advice(end: String, line: String) throws {
        #expect(try EncodingReport(plain + end).advice == line)
    }

    @Test("characters of two septets are told where they cost a part")
    func twoSeptets() throws {
        let report = try EncodingReport("[b]" + String(repeating: "a", count: 156))
        #expect(report.cost.parts == 2 && report.leastParts == 1)
        #expect(report.causes.map(\.reason) == [.twoSeptets, .twoSeptets])
        #expect(
            report.advice
                == "2 parts instead of 1: “[” (character 1) and “]” (character 3) take two septets; \"(\" and \")\" take one"
        )
        #expect(try EncodingReport("€5").advice == nil)
        #expect(try EncodingReport("€5").causes.map(\.character) == ["€"])
        #expect(
            try EncodingReport("€" + String(repeating: "a", count: 159)).advice
                == "2 parts instead of 1: “€” (character 1) takes two septets")
    }

    @Test("a text in a language that needs UCS-2 gets no advice to do without")
    func otherLanguage() throws {
        let report = try EncodingReport(String(repeating: "Привет, ", count: 20))
        #expect(report.causes.count == 6 && report.advice == nil)
    }

    @Test("with a language's tables only what those lack is to blame")
    func tables() throws {
        let text = String(repeating: "güzel şehir ", count: 12) + "’"
        let none = try EncodingReport(text)
        #expect(none.causes.map(\.character) == ["ş", "’"] && none.causes.map(\.replacement) == ["s", "'"])
        let turkish = try EncodingReport(text, tables: .language(.turkish))
        #expect(turkish.cost.encoding == .ucs2 && turkish.cost.parts == 3)
        #expect(turkish.causes.map(\.character) == ["’"])
        #expect(turkish.suggestedCost?.shift == NationalShift(locking: .turkish) && turkish.suggestedCost?.parts == 1)
        #expect(try EncodingReport(text, tables: .automatic).causes == turkish.causes)
        // Where the tables are used, their characters are what the header is for.
        let shifted = try EncodingReport(String(text.dropLast()), tables: .automatic)
        #expect(shifted.cost.shift == NationalShift(locking: .turkish))
        #expect(shifted.causes.map(\.character) == ["ş"])
    }

    @Test(
        "A suggestion costs no more, and its characters are the writer's but for the causes",
        arguments: 0..<10 as Range<UInt64>)
    func property(seed: UInt64) throws {
        var random = SeededRandom(seed: seed &+ 90)
        for _ in 0..<12 {
            let kind = RandomTexts.allCases.randomElement(using: &random) ?? .emoji
            let text = Bool.random(using: &random) ? random.text() : kind.text(upTo: 300, using: &random)
            for tables in [ShiftTables.none, .automatic] {
                let report = try EncodingReport(text, tables: tables)
                let split = try Segmentation.split(text, reference: 0, tables: tables)
                #expect(report.cost.parts == split.parts.count && report.cost.units == split.unitCount)
                #expect(report.leastParts <= report.cost.parts)
                let characters = Array(text)
                for cause in report.causes {
                    #expect(cause.positions.allSatisfy { characters[$0 - 1] == Character(cause.character) })
                }
                if report.cost.encoding == .ucs2 { #expect(!report.causes.isEmpty) }
                guard let suggestion = report.suggestion, let cost = report.suggestedCost else { continue }
                #expect(suggestion != text || !report.causes.isEmpty)
                if cost.encoding == .gsm7, report.cost.encoding == .ucs2 { #expect(report.leastParts <= cost.parts) }
            }
        }
    }
}
