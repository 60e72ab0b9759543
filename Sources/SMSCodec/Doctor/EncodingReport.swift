/// What it costs to send a text, and why: the encoding doctor.
///
/// It only says and suggests. No character is ever replaced without the writer.
public struct EncodingReport: Sendable, Hashable {
    /// A character that makes the text cost what it does.
    public struct Cause: Sendable, Hashable {
        /// Why it costs.
        public enum Reason: String, Sendable, Hashable {
            /// The alphabet lacks it, and so all of the text is in another.
            case notInAlphabet = "not_in_alphabet"
            /// It takes two septets, for an escape goes before it.
            case twoSeptets = "two_septets"
        }

        /// The character, as a reader sees one.
        public var character: String
        /// Why it costs.
        public var reason: Reason
        /// Where it stands, in characters from 1, in order.
        public var positions: [Int]
        /// What a writer may put there; empty for a character that does not show; nil when nothing stands for it.
        public var replacement: String?
    }

    /// A text and what it costs.
    public struct Cost: Sendable, Hashable {
        /// How the parts are written.
        public var encoding: Encoding
        /// The tables they are written in.
        public var shift: NationalShift
        /// How many there are; each is paid for.
        public var parts: Int
        /// Code units of the text: septets or UTF-16 units.
        public var units: Int
        /// Code units that the last part has left.
        public var unitsLeft: Int

        init(_ segmentation: Segmentation) {
            encoding = segmentation.encoding
            shift = segmentation.shift
            parts = segmentation.parts.count
            units = segmentation.unitCount
            unitsLeft = segmentation.unitsLeft
        }
    }

    /// What the text costs as it is.
    public let cost: Cost
    /// What makes it cost more than a text of the alphabet, in the order of the text; each character once.
    public let causes: [Cause]
    /// The text with all replacements made; nil when there is none to make.
    public let suggestion: String?
    /// What that text costs.
    public let suggestedCost: Cost?
    /// Parts that the text would take if the causes without a replacement were not there either.
    public let leastParts: Int

    /// What `text` costs with the national `tables` that may be used; the other arguments and the errors are those of
    /// `Segmentation.split`.
    public init(
        _ text: String, wideReference: Bool = false, tables: ShiftTables = .none, ports: ApplicationPorts? = nil
    ) throws(PDUError) {
        func price(of text: String) throws(PDUError) -> Cost {
            Cost(
                try Segmentation.split(
                    text, reference: 0, wideReference: wideReference, tables: tables, ports: ports))
        }
        let cost = try price(of: text)
        self.cost = cost
        let alphabet = Self.alphabet(of: text, cost: cost, tables: tables)
        var causes: [Cause] = []
        var places: [Character: Int] = [:]
        var suggested = ""
        var least = ""
        for (index, character) in text.enumerated() {
            if let place = places[character] {
                causes[place].positions.append(index + 1)
            } else if let reason = alphabet.reason(for: character) {
                places[character] = causes.count
                let other = Replacement.of(character) { alphabet.isFree($0) }
                causes.append(
                    Cause(character: String(character), reason: reason, positions: [index + 1], replacement: other))
            }
            guard let place = places[character] else {
                suggested.append(character)
                least.append(character)
                continue
            }
            suggested += causes[place].replacement ?? String(character)
            least += causes[place].replacement ?? ""
        }
        self.causes = causes
        if causes.contains(where: { $0.replacement != nil }), !suggested.isEmpty {
            suggestion = suggested
            suggestedCost = try price(of: suggested)
        } else {
            suggestion = nil
            suggestedCost = nil
        }
        leastParts = least.isEmpty ? cost.parts : min(cost.parts, try price(of: least).parts)
    }

    /// The alphabet that the text is measured by: with UCS-2 the permitted one that lacks the fewest of its characters,
    /// else the default alphabet.
    private static func alphabet(of text: String, cost: Cost, tables: ShiftTables) -> Alphabet {
        let plain = Alphabet(shift: .none, countsEscapes: cost.encoding == .gsm7 && cost.shift == .none)
        guard cost.encoding == .ucs2, tables != .none else { return plain }
        var counts: [Unicode.Scalar: Int] = [:]
        for scalar in text.unicodeScalars { counts[scalar, default: 0] += 1 }
        let scalars = counts.map { ($0.key, $0.value) }
        var best = (alphabet: plain, lacks: plain.lacks(of: scalars))
        let languages = [nil] + NationalLanguage.allCases.filter { tables.mask >> UInt16($0.rawValue) & 1 != 0 }
        for locking in languages {
            for single in languages {
                let alphabet = Alphabet(shift: NationalShift(locking: locking, single: single), countsEscapes: false)
                let lacks = alphabet.lacks(of: scalars)
                // One that lacks nothing would have taken no fewer parts: then it is the default alphabet's lacks
                // that are told.
                if lacks > 0, lacks < best.lacks { best = (alphabet, lacks) }
            }
        }
        return best.alphabet
    }

    /// The tables that a text is measured by.
    private struct Alphabet {
        var shift: NationalShift
        /// True where two septets for a character are worth a word.
        var countsEscapes: Bool

        func reason(for character: Character) -> Cause.Reason? {
            if !character.unicodeScalars.allSatisfy(isThere) { return .notInAlphabet }
            return character.unicodeScalars.allSatisfy(isFree) ? nil : .twoSeptets
        }

        /// How many characters of a text with so many of each are in neither table.
        func lacks(of scalars: [(Unicode.Scalar, count: Int)]) -> Int {
            scalars.reduce(0) { $0 + (isThere($1.0) ? 0 : $1.count) }
        }

        /// In one septet, or in two where that is not counted.
        func isFree(_ scalar: Unicode.Scalar) -> Bool { countsEscapes ? isMain(scalar) : isThere(scalar) }

        private func isMain(_ scalar: Unicode.Scalar) -> Bool {
            let repertoire = Repertoire.shared
            return repertoire.lockingMasks[Int(repertoire.entry(of: scalar))] >> UInt16(shift.tables.locking) & 1 != 0
        }

        private func isThere(_ scalar: Unicode.Scalar) -> Bool {
            let repertoire = Repertoire.shared
            let entry = Int(repertoire.entry(of: scalar))
            return isMain(scalar) || repertoire.singleMasks[entry] >> UInt16(shift.tables.single) & 1 != 0
        }
    }
}
