/// One element of a user data header (TS 23.040 §9.2.3.24).
public struct InformationElement: Sendable, Hashable {
    /// What the element is about.
    public var identifier: UInt8
    /// What it says.
    public var data: [UInt8]

    /// The element `identifier` with `data`, at most 255 octets.
    public init(identifier: UInt8, data: [UInt8]) {
        self.identifier = identifier
        self.data = data
    }

    static let concatenation: UInt8 = 0x00
    static let specialMessage: UInt8 = 0x01
    static let ports8: UInt8 = 0x04
    static let ports16: UInt8 = 0x05
    static let wideConcatenation: UInt8 = 0x08
    static let singleShift: UInt8 = 0x24
    static let lockingShift: UInt8 = 0x25

    /// The elements of a header (without its length octet); none when the last one does not end with the header, for
    /// then the whole header is void.
    static func all(in header: [UInt8]) -> [InformationElement] {
        var elements: [InformationElement] = []
        var index = 0
        while index < header.count {
            guard index + 1 < header.count else { return [] }
            let end = index + 2 + Int(header[index + 1])
            guard end <= header.count else { return [] }
            elements.append(InformationElement(identifier: header[index], data: Array(header[index + 2..<end])))
            index = end
        }
        return elements
    }
}
