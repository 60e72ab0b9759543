/// The ports that a part for a program is addressed to (TS 23.040 §9.2.3.24.3 and §9.2.3.24.4): 2948 is a WAP push, as
/// an MMS notice is.
public struct ApplicationPorts: Sendable, Hashable {
    /// Where it goes.
    public var destination: UInt16
    /// Where it comes from.
    public var source: UInt16
    /// True when the ports are of 16 bits.
    public var isWide: Bool

    /// From `source` to `destination`.
    public init(destination: UInt16, source: UInt16, isWide: Bool) {
        self.destination = destination
        self.source = source
        self.isWide = isWide
    }

    init?(_ element: InformationElement) {
        let data = element.data
        switch (element.identifier, data.count) {
        case (InformationElement.ports8, 2):
            self.init(destination: UInt16(data[0]), source: UInt16(data[1]), isWide: false)
        case (InformationElement.ports16, 4):
            self.init(
                destination: UInt16(data[0]) << 8 | UInt16(data[1]), source: UInt16(data[2]) << 8 | UInt16(data[3]),
                isWide: true)
        default: return nil
        }
    }

    /// The element's octets; ports of 8 bits are the low ones of both numbers.
    var header: [UInt8] {
        let numbers = [destination, source]
        return isWide
            ? [InformationElement.ports16, 4] + numbers.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
            : [InformationElement.ports8, 2] + numbers.map { UInt8($0 & 0xFF) }
    }
}
