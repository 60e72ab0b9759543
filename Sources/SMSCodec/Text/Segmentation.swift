/// A text cut into the parts that carry it.
public struct Segmentation: Sendable, Hashable {
    /// How all parts are written.
    public let encoding: Encoding
    /// The parts in order; more than one carry concatenation headers.
    public let parts: [UserData]

    /// Code units of a lone part.
    private static let aloneSeptets = 160
    private static let aloneUnits = 70
    private static let maximumParts = 255

    /// Cuts `text` into the fewest parts: in the 7-bit alphabet when that has every character (no character is ever
    /// replaced), else in UCS-2. An escape stays with its character and a surrogate pair together.
    ///
    /// `reference` is the text's number in the concatenation headers; its low 8 bits count unless `wideReference`. An
    /// empty text and one of more than 255 parts are errors.
    public static func split(
        _ text: String, reference: UInt16, wideReference: Bool = false
    ) throws(PDUError) -> Segmentation {
        guard !text.isEmpty else { throw PDUError(.emptyText, detail: "it has no character") }
        if let septets = GSM7.septets(of: text) {
            // 140 octets less the header are 153 septets, or 152.
            let cuts = ranges(
                of: septets, alone: aloneSeptets, together: wideReference ? 152 : 153,
                bindsNext: { $0 == GSM7.escape })
            return try Segmentation(
                .gsm7, cuts.map { Array(septets[$0]) }, reference: reference, wideReference: wideReference)
        }
        let units = Array(text.utf16)
        let cuts = ranges(
            of: units, alone: aloneUnits, together: wideReference ? 66 : 67, bindsNext: { $0 & 0xFC00 == 0xD800 })
        return try Segmentation(
            .ucs2, cuts.map { UTF16Text.octets(of: units[$0]) }, reference: reference, wideReference: wideReference)
    }

    private init(
        _ encoding: Encoding, _ contents: [[UInt8]], reference: UInt16, wideReference: Bool
    ) throws(PDUError) {
        guard contents.count <= Self.maximumParts else {
            throw PDUError(.tooManyParts, detail: "\(contents.count) parts, at most \(Self.maximumParts) are possible")
        }
        self.encoding = encoding
        guard contents.count > 1 else {
            parts = contents.map { UserData(encoding: encoding, content: $0) }
            return
        }
        let total = UInt8(contents.count)
        var parts: [UserData] = []
        parts.reserveCapacity(contents.count)
        for (index, content) in contents.enumerated() {
            let place = Concatenation(
                reference: wideReference ? reference : reference & 0xFF, isWide: wideReference, total: total,
                sequence: UInt8(index + 1))
            parts.append(UserData(header: place.header, encoding: encoding, content: content))
        }
        self.parts = parts
    }

    /// One range when `alone` units hold all, else ranges of at most `together`; no cut after a unit that
    /// `bindsNext`.
    private static func ranges<Unit>(
        of units: [Unit], alone: Int, together: Int, bindsNext: (Unit) -> Bool
    ) -> [Range<Int>] {
        guard units.count > alone else { return [units.indices] }
        var ranges: [Range<Int>] = []
        var start = 0
        while start < units.count {
            var end = min(start + together, units.count)
            if end < units.count, bindsNext(units[end - 1]) { end -= 1 }
            ranges.append(start..<end)
            start = end
        }
        return ranges
    }
}
