/// TP-FCS: why a message was refused (TS 23.040 §9.2.3.22).
public struct FailureCause: RawRepresentable, Sendable, Hashable {
    /// The octet as it came.
    public var rawValue: UInt8

    /// The cause `rawValue`.
    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// The cause in words.
    public var meaning: String {
        switch rawValue {
        case 0x80: "telematic interworking not supported"
        case 0x81: "short message type 0 not supported"
        case 0x82: "cannot replace the short message"
        case 0x8F: "unspecified error of the protocol identifier"
        case 0x90: "alphabet not supported"
        case 0x91: "message class not supported"
        case 0x9F: "unspecified error of the data coding scheme"
        case 0xA0: "command cannot be actioned"
        case 0xA1: "command not supported"
        case 0xAF: "unspecified error of the command"
        case 0xB0: "message type not supported"
        case 0xC0: "service centre busy"
        case 0xC1: "no subscription to the service centre"
        case 0xC2: "failure of the service centre"
        case 0xC3: "invalid address"
        case 0xC4: "destination barred"
        case 0xC5: "rejected as a duplicate"
        case 0xC6: "format of the validity period not supported"
        case 0xC7: "validity period not supported"
        case 0xD0: "SIM storage full"
        case 0xD1: "no storage on the SIM"
        case 0xD2: "error in the phone"
        case 0xD3: "memory exceeded"
        case 0xD4: "SIM application busy"
        case 0xD5: "SIM data download error"
        case 0xE0...0xFE: "cause of an application (\(rawValue))"
        case 0xFF: "unspecified error"
        default: "reserved cause (\(rawValue))"
        }
    }

    /// Reads what follows the first octet of a report: TP-FCS and TP-PI where it goes with an RP-ERROR, TP-PI alone
    /// where it goes with an RP-ACK (TS 23.040 §9.2.2.1a and §9.2.2.2a).
    ///
    /// Nothing in the TPDU tells the two apart, and the layer that would is not at hand. A TP-PI that announces
    /// defined fields alone is 0...7, a TP-FCS that has a meaning 128 or more; what lies between is taken as a TP-FCS
    /// with a reserved value, for that is what test tools send.
    static func readIfPresent(_ reader: inout ByteReader) throws(PDUError) -> FailureCause? {
        var ahead = reader
        let octet = try ahead.octet("failure cause or parameter indicator")
        let known = OptionalParameters.identifierBit | OptionalParameters.codingBit | OptionalParameters.userDataBit
        guard octet > known else { return nil }
        reader = ahead
        return FailureCause(rawValue: octet)
    }
}
