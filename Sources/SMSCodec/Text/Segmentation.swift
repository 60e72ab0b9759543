/// A text cut into the parts that carry it.
public struct Segmentation: Sendable, Hashable {
    /// How all parts are written.
    public let encoding: Encoding
    /// The tables that all parts are written in.
    public let shift: NationalShift
    /// The parts in order; more than one carry concatenation headers.
    public let parts: [UserData]

    /// The most parts that a concatenation header can number.
    public static let maximumParts = 255

    /// Cuts `text` into the fewest parts that any form allows: the default alphabet, one with the national `tables` that
    /// may be used, or UCS-2. No character is ever replaced, an escape stays with its character and a surrogate pair
    /// together, and where that costs no part, so does what a reader sees as one character.
    ///
    /// Among forms of as many parts the default alphabet comes first. With `.automatic`, UCS-2 follows, for every phone
    /// reads it; with one language, its tables do, for they were asked for. Of those a single-shift table is preferred,
    /// for a phone that does not know it still shows most of the text, then a locking one, then both.
    ///
    /// `reference` is the text's number in the concatenation headers; its low 8 bits count unless `wideReference`.
    /// `ports` is for texts to a program. An empty text and one of more than 255 parts are errors.
    public static func split(
        _ text: String, reference: UInt16, wideReference: Bool = false, tables: ShiftTables = .none,
        ports: ApplicationPorts? = nil
    ) throws(PDUError) -> Segmentation {
        guard !text.isEmpty else { throw PDUError(.emptyText, detail: "it has no character") }
        let header = TextHeader(reference: reference, isWide: wideReference, ports: ports)
        let septets = GSM7.septets(of: text)
        if let septets, let contents = plainContents(septets, tables: tables, header: header) {
            return try Segmentation(.gsm7, .none, contents, header)
        }
        let forms = TextForms(text, isPlain: septets != nil, tables: tables, header: header)
        let form = forms.best()
        try check(form.parts)
        return try Segmentation(form.encoding, form.shift, forms.contents(form), header)
    }

    /// The parts of a text of the default alphabet; nil when another form may take fewer, or when a cut would part what
    /// a reader sees as one character.
    private static func plainContents(_ septets: [UInt8], tables: ShiftTables, header: TextHeader) -> [[UInt8]]? {
        guard septets.count > header.capacity(.gsm7, .none, isAlone: true) else { return [septets] }
        let together = header.capacity(.gsm7, .none, isAlone: false)
        var contents: [[UInt8]] = []
        contents.reserveCapacity(septets.count / together + 1)
        var start = 0
        while start < septets.count {
            var end = min(start + together, septets.count)
            if end < septets.count {
                if septets[end - 1] == GSM7.escape { end -= 1 }
                // A carriage return and a line feed, the only such character of this alphabet.
                if septets[end - 1] == 0x0D, septets[end] == 0x0A { return nil }
            }
            contents.append(Array(septets[start..<end]))
            start = end
        }
        if tables == .none { return contents }
        // No table has less than a septet for a character, and none comes without an element of the header.
        let escapes = septets.reduce(0) { $0 + ($1 == GSM7.escape ? 1 : 0) }
        return contents.count == (septets.count - escapes + together - 1) / together ? contents : nil
    }

    private static func check(_ parts: Int) throws(PDUError) {
        guard parts <= maximumParts else {
            throw PDUError(.tooManyParts, detail: "\(parts) parts, at most \(maximumParts) are possible")
        }
    }

    private init(
        _ encoding: Encoding, _ shift: NationalShift, _ contents: [[UInt8]], _ header: TextHeader
    ) throws(PDUError) {
        try Self.check(contents.count)
        self.encoding = encoding
        self.shift = shift
        var parts: [UserData] = []
        parts.reserveCapacity(contents.count)
        for (index, content) in contents.enumerated() {
            let octets = header.octets(shift, sequence: index + 1, total: contents.count)
            parts.append(UserData(header: octets, encoding: encoding, content: content))
        }
        self.parts = parts
    }

    /// Code units of the text: septets, where a character behind an escape is two, or UTF-16 units; headers not counted.
    public var unitCount: Int { parts.reduce(0) { $0 + $1.unitCount } }

    /// How many more code units the last part has room for. A text that grows from one part to two has less room in
    /// each.
    public var unitsLeft: Int { parts.last?.unitsLeft ?? 0 }
}
