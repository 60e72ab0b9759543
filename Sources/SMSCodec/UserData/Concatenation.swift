/// The place of a part in its text (TS 23.040 §9.2.3.24.1 and §9.2.3.24.8).
public struct Concatenation: Sendable, Hashable {
    /// The sender's number for the text; 8 bits unless `isWide`.
    public var reference: UInt16
    /// True when the reference is one of 16 bits. The two kinds never belong to one text.
    public var isWide: Bool
    /// How many parts the text has, from 1.
    public var total: UInt8
    /// Which one this is, from 1.
    public var sequence: UInt8

    /// Part `sequence` of `total`.
    public init(reference: UInt16, isWide: Bool, total: UInt8, sequence: UInt8) {
        self.reference = reference
        self.isWide = isWide
        self.total = total
        self.sequence = sequence
    }

    /// The place that the element gives, or nil where its contents are impossible, which the specification says to
    /// ignore.
    init?(_ element: InformationElement) {
        let data = element.data
        switch (element.identifier, data.count) {
        case (InformationElement.concatenation, 3):
            self.init(reference: UInt16(data[0]), isWide: false, total: data[1], sequence: data[2])
        case (InformationElement.wideConcatenation, 4):
            self.init(
                reference: UInt16(data[0]) << 8 | UInt16(data[1]), isWide: true, total: data[2], sequence: data[3])
        default: return nil
        }
        guard total > 0, sequence > 0, sequence <= total else { return nil }
    }

    /// The header octets (without their length) of a part that has this place and nothing else.
    var header: [UInt8] {
        let low = UInt8(truncatingIfNeeded: reference)
        return isWide
            ? [InformationElement.wideConcatenation, 4, UInt8(reference >> 8), low, total, sequence]
            : [InformationElement.concatenation, 3, low, total, sequence]
    }
}
