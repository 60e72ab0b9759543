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
    /// then a locking one, then both.
    ///
    /// `reference` is the text's number in the concatenation headers; its low 8 bits count unless `wideReference`.
    /// `ports` is for texts to a program. An empty text and one of more than 255 parts are errors.
    public static func split(
        _ text: String, reference: UInt16, wideReference: Bool = false, tables: ShiftTables = .none,
        ports: ApplicationPorts? = nil
    ) throws(PDUError) -> Segmentation {
        guard !text.isEmpty else { throw PDUError(.emptyText, detail: "it has no character") }
        let header = TextHeader(reference: reference, isWide: wideReference, ports: ports)
        // What most texts are: one part, which nothing can beat.
        let alone = header.capacity(.gsm7, .none, isAlone: true)
        if text.utf8.count <= alone * 3, let septets = GSM7.septets(of: text), septets.count <= alone {
            let octets = header.octets(.none, sequence: 1, total: 1)
            return Segmentation(
                encoding: .gsm7, shift: .none,
                parts: [UserData(header: octets, encoding: .gsm7, content: septets)])
        }
        let forms = TextForms(text)
        let form = forms.best(tables: tables, header: header)
        guard form.parts <= maximumParts else {
            throw PDUError(.tooManyParts, detail: "\(form.parts) parts, at most \(maximumParts) are possible")
        }
        let ranges = form.ranges(
            of: forms.scalars, capacity: header.capacity(form.encoding, form.shift, isAlone: form.parts == 1))
        var parts: [UserData] = []
        parts.reserveCapacity(ranges.count)
        for (index, range) in ranges.enumerated() {
            parts.append(
                UserData(
                    header: header.octets(form.shift, sequence: index + 1, total: ranges.count),
                    encoding: form.encoding, content: forms.content(range, form: form)))
        }
        return Segmentation(encoding: form.encoding, shift: form.shift, parts: parts)
    }

    private init(encoding: Encoding, shift: NationalShift, parts: [UserData]) {
        self.encoding = encoding
        self.shift = shift
        self.parts = parts
    }

    /// Code units of the text: septets, where a character behind an escape is two, or UTF-16 units; headers not counted.
    public var unitCount: Int { parts.reduce(0) { $0 + $1.unitCount } }

    /// How many more code units the last part has room for. A text that grows from one part to two has less room in
    /// each.
    public var unitsLeft: Int { parts.last?.unitsLeft ?? 0 }
}
