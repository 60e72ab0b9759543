/// TP-PI and what it announces: TP-PID, TP-DCS and TP-UD at the end of a report (TS 23.040 §9.2.3.27).
struct OptionalParameters: Sendable, Hashable {
    /// TP-PI as it came; nil when the report ends before it.
    var indicator: UInt8?
    /// The octets that continue TP-PI; they announce nothing that is defined.
    var extensions: [UInt8] = []
    var protocolIdentifier: UInt8?
    var dataCoding: UInt8?
    var userData: UserData?

    static let identifierBit: UInt8 = 0x01
    static let codingBit: UInt8 = 0x02
    static let userDataBit: UInt8 = 0x04
    /// Bits without a meaning, which a receiver ignores.
    private static let keptBits: UInt8 = 0x78
    private static let moreBit: UInt8 = 0x80

    init() {}

    /// Reads TP-PI alone, with the octets that continue it.
    init(indicatorFrom reader: inout ByteReader) throws(PDUError) {
        let first = try reader.octet("parameter indicator")
        indicator = first
        var last = first
        while last & Self.moreBit != 0 {
            last = try reader.octet("parameter indicator")
            extensions.append(last)
        }
    }

    /// Reads what TP-PI announces.
    mutating func read(_ reader: inout ByteReader, hasHeader: Bool) throws(PDUError) {
        let indicator = indicator ?? 0
        if indicator & Self.identifierBit != 0 { protocolIdentifier = try reader.octet("protocol identifier") }
        if indicator & Self.codingBit != 0 { dataCoding = try reader.octet("data coding scheme") }
        guard indicator & Self.userDataBit != 0 else { return }
        // Without a TP-DCS the default alphabet is meant.
        userData = try UserData.read(&reader, coding: DataCoding(rawValue: dataCoding ?? 0), hasHeader: hasHeader)
    }

    /// The indicator to write: its bits follow what is there, those without a meaning stay as they came.
    private var writtenIndicator: UInt8 {
        FirstOctet.make(
            (indicator ?? 0) & Self.keptBits, (protocolIdentifier != nil, Self.identifierBit),
            (dataCoding != nil, Self.codingBit), (userData != nil, Self.userDataBit),
            (!extensions.isEmpty, Self.moreBit))
    }

    /// True when there is anything to write.
    var isPresent: Bool { indicator != nil || writtenIndicator != 0 }

    /// Writes TP-PI.
    func writeIndicator(to bytes: inout [UInt8]) {
        bytes.append(writtenIndicator)
        bytes += extensions
    }

    /// Writes what TP-PI announces.
    func write(to bytes: inout [UInt8]) {
        if let protocolIdentifier { bytes.append(protocolIdentifier) }
        if let dataCoding { bytes.append(dataCoding) }
        userData?.write(to: &bytes)
    }
}
