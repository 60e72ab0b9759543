import SMSCodec
import Testing

struct FewestPartsTests {
    private static let all = Set(1...13 as ClosedRange<UInt8>)
    private static let slow = SlowSegmentation()

    @Test("no form and no cut gives fewer parts", arguments: RandomTexts.allCases)
    func minimum(kind: RandomTexts) throws {
        var random = SeededRandom(seed: UInt64(kind.rawValue.utf8.count) << 8 | UInt64(kind.rawValue.utf8.first ?? 0))
        var forms: [String: Int] = [:]
        for round in 0..<1_700 {
            let text = kind.text(upTo: round % 10 == 0 ? 900 : 350, using: &random)
            let isWide = Bool.random(using: &random)
            let hasPorts = Int.random(in: 0..<6, using: &random) == 0
            let language = NationalLanguage.allCases.randomElement(using: &random) ?? .turkish
            let choices: [(ShiftTables, Set<UInt8>)] = [
                (.automatic, Self.all), (.none, []), (.language(language), [language.rawValue]),
            ]
            for (tables, languages) in round % 5 == 0 ? choices[...] : choices.prefix(1) {
                let result = try Segmentation.split(
                    text, reference: UInt16(round), wideReference: isWide, tables: tables,
                    ports: hasPorts ? ApplicationPorts(destination: 2948, source: 9200, isWide: true) : nil)
                let least = Self.slow.parts(text, languages: languages, isWide: isWide, ports: hasPorts ? 6 : 0)
                try #require(result.parts.count == least, "\(tables), round \(round): \(text.debugDescription)")
                try #require(result.parts.allSatisfy { $0.octetCount <= 140 && $0.shift == result.shift })
                if tables == .automatic {
                    let shift =
                        (result.shift.single == nil ? "" : " single") + (result.shift.locking == nil ? "" : " locking")
                    forms[result.encoding.rawValue + shift, default: 0] += 1
                    try #require(Reassembly.text(of: try result.parts.map { try RoundTrip.part(of: $0) }) == text)
                }
            }
        }
        switch kind {
        case .english: #expect(forms["gsm7", default: 0] > 1_000, "\(forms)")
        case .spanish, .portuguese: #expect(forms["gsm7 single", default: 0] > 300, "\(forms)")
        case .turkish, .hindi:
            #expect(forms.filter { $0.key.contains("locking") }.values.reduce(0, +) > 300, "\(forms)")
        case .emoji: #expect(forms["ucs2", default: 0] > 1_000, "\(forms)")
        }
    }

    /// The table of the closing lines of TS 23.040 §9.2.3.24, one row a combination: what fits in a lone part, and in
    /// each of several.
    struct Limit: Sendable {
        var repeated: String
        /// What else the text has, with the units that it takes, so that it needs these tables.
        var extra = ""
        var extraUnits = 0
        var tables = ShiftTables.none
        var ports = false
        var isWide = false
        var alone: Int
        var together: Int
    }

    @Test(
        "each combination of headers leaves the room it should",
        arguments: [
            Limit(repeated: "a", alone: 160, together: 153),
            Limit(repeated: "a", isWide: true, alone: 160, together: 152),
            Limit(repeated: "ж", alone: 70, together: 67), Limit(repeated: "ж", isWide: true, alone: 70, together: 66),
            Limit(repeated: "a", ports: true, alone: 152, together: 146),
            Limit(repeated: "a", ports: true, isWide: true, alone: 152, together: 145),
            Limit(repeated: "ж", ports: true, alone: 66, together: 64),
            Limit(repeated: "ж", ports: true, isWide: true, alone: 66, together: 63),
            Limit(repeated: "ş", tables: .language(.turkish), alone: 155, together: 149),
            Limit(repeated: "ş", tables: .language(.turkish), isWide: true, alone: 155, together: 148),
            Limit(repeated: "ş", tables: .automatic, alone: 155, together: 149),
            Limit(repeated: "a", extra: "á", extraUnits: 2, tables: .language(.spanish), alone: 155, together: 149),
            Limit(
                repeated: "a", extra: "á", extraUnits: 2, tables: .language(.spanish), isWide: true, alone: 155,
                together: 148),
            Limit(repeated: "ş", extra: "á", extraUnits: 2, tables: .automatic, alone: 152, together: 146),
            Limit(
                repeated: "ş", extra: "á", extraUnits: 2, tables: .automatic, isWide: true, alone: 152, together: 145),
            Limit(repeated: "ş", extra: "á", extraUnits: 2, tables: .automatic, ports: true, alone: 145, together: 139),
            Limit(repeated: "न", extra: "A", extraUnits: 2, tables: .language(.hindi), alone: 152, together: 146),
        ])
    func limits(limit: Limit) throws {
        func split(_ units: Int) throws -> Segmentation {
            let text = limit.extra + String(repeating: limit.repeated, count: units - limit.extraUnits)
            return try Segmentation.split(
                text, reference: 1, wideReference: limit.isWide, tables: limit.tables,
                ports: limit.ports ? ApplicationPorts(destination: 1, source: 2, isWide: true) : nil)
        }
        for parts in [1, 2, 3, 7, 255] {
            let most = parts == 1 ? limit.alone : limit.together * parts
            let full = try split(most)
            #expect(full.parts.count == parts && full.unitsLeft == 0 && full.unitCount == most)
            #expect(full.parts.allSatisfy { $0.octetCount <= 140 && ($0.ports != nil) == limit.ports })
            if parts < 255 {
                #expect(try split(most + 1).parts.count == parts + 1)
                #expect(try split(most - 1).unitsLeft == 1)
            } else {
                #expect(throws: PDUError.self) { try split(most + 1) }
            }
        }
    }

    @Test(
        "headers leave room for octets too",
        arguments: [(0, 140), (5, 134), (6, 133), (11, 128), (12, 127), (139, 0), (140, 0)])
    func octets(header: Int, room: Int) {
        #expect(UserData.capacity(of: .octets, headerOctets: header) == room)
        guard room > 0 else { return }
        let element = header > 0 ? [UInt8(0x70), UInt8(header - 2)] + [UInt8](repeating: 0, count: header - 2) : nil
        let full = UserData(header: element, encoding: .octets, content: [UInt8](repeating: 1, count: room))
        #expect(full.octetCount == 140 && full.unitsLeft == 0)
    }

    @Test(
        "of forms with as many parts the one is taken that most phones read",
        arguments: [
            ("günaydın", ShiftTables.none, Encoding.ucs2, NationalShift.none), ("günaydın", .automatic, .ucs2, .none),
            ("günaydın", .language(.turkish), .gsm7, NationalShift(single: .turkish)),
            ("günaydın", .language(.hindi), .ucs2, .none), ("gün", .language(.turkish), .gsm7, .none),
            (String(repeating: "a", count: 100) + "á", .automatic, .gsm7, NationalShift(single: .spanish)),
            (
                String(repeating: "a", count: 100) + "á", .language(.portuguese), .gsm7,
                NationalShift(single: .portuguese)
            ),
            (String(repeating: "ş", count: 100), .automatic, .gsm7, NationalShift(locking: .turkish)),
            (String(repeating: "ş", count: 70), .automatic, .ucs2, .none),
            (String(repeating: "न", count: 100), .automatic, .gsm7, NationalShift(locking: .hindi)),
            (String(repeating: "€", count: 100), .automatic, .gsm7, NationalShift(locking: .turkish)),
            (String(repeating: "€", count: 100), .none, .gsm7, .none),
            (String(repeating: "न", count: 100) + "😀", .automatic, .ucs2, .none),
        ])
    func ties(text: String, tables: ShiftTables, encoding: Encoding, shift: NationalShift) throws {
        let result = try Segmentation.split(text, reference: 0, tables: tables)
        #expect(result.encoding == encoding && result.shift == shift)
    }

    @Test(
        "what a reader sees as one character stays in one part where that costs none",
        arguments: ["👩‍👩‍👧‍👦", "🇲🇽", "e\u{301}", "क्षि", "\r\n", "👍🏽"])
    func characters(character: String) throws {
        let isLineBreak = character == "\r\n"
        for before in 55..<70 {
            // Room for the character before the cut or behind it.
            let text =
                String(repeating: isLineBreak ? "a" : "ж", count: isLineBreak ? before + 90 : before)
                + character + String(repeating: "z", count: 40)
            let result = try Segmentation.split(text, reference: 0)
            #expect(result.parts.map(\.text).joined() == text)
            #expect(result.parts.filter { $0.text.unicodeScalars.contains(character.unicodeScalars.first!) }.count == 1)
            #expect(result.parts.contains { $0.text.contains(character) }, "\(before)")
        }
    }

    @Test("a character is cut when keeping it would cost a part")
    func fullParts() throws {
        // 134 units are two parts only when both are full.
        let text = String(repeating: "ж", count: 66) + "e\u{301}" + String(repeating: "ж", count: 66)
        let result = try Segmentation.split(text, reference: 0)
        #expect(result.parts.count == 2)
        #expect(Array(Reassembly.text(of: result.parts).unicodeScalars) == Array(text.unicodeScalars))
        // Longer than a part, it is cut as units allow, and stays whole behind the cut.
        let long = "a" + String(repeating: "\u{301}", count: 200)
        let cut = try Segmentation.split(long, reference: 0)
        #expect(cut.parts.count == 3)
        #expect(Array(Reassembly.text(of: cut.parts).unicodeScalars) == Array(long.unicodeScalars))
    }

    @Test("any text comes back from its parts in any tables", arguments: 0..<30 as Range<UInt64>)
    func anyText(seed: UInt64) throws {
        var random = SeededRandom(seed: seed &+ 7_000)
        for _ in 0..<20 {
            let kind = RandomTexts.allCases.randomElement(using: &random) ?? .english
            let text = Bool.random(using: &random) ? random.text() : kind.text(upTo: 500, using: &random)
            let language = NationalLanguage.allCases.randomElement(using: &random) ?? .urdu
            for tables in [ShiftTables.none, .automatic, .language(language)] {
                let result = try Segmentation.split(text, reference: 0x1FF, wideReference: true, tables: tables)
                let parts = try result.parts.map { try RoundTrip.part(of: $0) }
                #expect(parts == result.parts)
                #expect(Array(parts.map(\.text).joined().unicodeScalars) == Array(text.unicodeScalars))
                #expect(Array(Reassembly.text(of: parts).unicodeScalars) == Array(text.unicodeScalars))
            }
        }
    }
}
