/// The user data of one part: its header and its text or octets (TS 23.040 §9.2.3.24).
public struct UserData: Sendable, Hashable {
    /// The header's octets without the length before them; nil when there is none.
    public var header: [UInt8]?
    /// How `content` is written.
    public var encoding: Encoding
    /// The code units after the header: one septet an octet, or octets, or big-endian UTF-16.
    public var content: [UInt8]

    /// `content` in `encoding` under `header`: at most 140 octets on the air, where a septet takes seven bits. What is
    /// longer is not cut here; `octetCount` tells.
    public init(header: [UInt8]? = nil, encoding: Encoding, content: [UInt8]) {
        self.header = header
        self.encoding = encoding
        self.content = content
    }

    /// `text` in one part, without a header, however long it is: in the 7-bit alphabet where that has every character,
    /// else in UCS-2. `Segmentation` is for texts that may be longer than one part.
    public init(text: String) {
        if let septets = GSM7.septets(of: text) {
            self.init(encoding: .gsm7, content: septets)
        } else {
            self.init(encoding: .ucs2, content: UTF16Text.octets(of: Array(text.utf16)))
        }
    }

    /// The text of this part alone; 8-bit content as upper-case hexadecimal digits. Half a surrogate pair at an edge
    /// shows as U+FFFD: `Reassembly` joins parts before it reads them.
    public var text: String { Self.text(of: content, encoding: encoding, shift: shift) }

    /// How many code units the text has: septets, octets, or UTF-16 units.
    public var unitCount: Int { encoding == .ucs2 ? content.count / 2 : content.count }

    /// The header's elements in order; none when the header is void.
    public var elements: [InformationElement] { header.map { InformationElement.all(in: $0) } ?? [] }

    /// The part's place in its text; the last valid element wins (TS 23.040 §9.2.3.24).
    public var concatenation: Concatenation? {
        guard header != nil else { return nil }
        return elements.lazy.reversed().compactMap { Concatenation($0) }.first
    }

    /// The ports it is addressed to; the last valid element wins.
    public var ports: ApplicationPorts? {
        guard header != nil else { return nil }
        return elements.lazy.reversed().compactMap { ApplicationPorts($0) }.first
    }

    static func text(of content: [UInt8], encoding: Encoding, shift: NationalShift) -> String {
        switch encoding {
        case .gsm7: GSM7.text(of: content, shift: shift)
        case .octets: Hex.encode(content)
        case .ucs2: UTF16Text.text(of: content)
        }
    }
}
