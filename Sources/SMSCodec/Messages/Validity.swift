/// How long the service centre tries to deliver a text (TS 23.040 §9.2.3.12).
public enum Validity: Sendable, Hashable {
    /// TP-VP of one octet: five minutes in steps up to 63 weeks.
    case relative(UInt8)
    /// Until a moment.
    case absolute(TimeStamp)
    /// The enhanced format, seven octets that are kept as they are.
    case enhanced([UInt8])

    /// The shortest relative period that is at least `minutes`, at most 63 weeks.
    public init(minutes: Int) {
        let value: Int
        switch minutes {
        case ...720: value = (max(minutes, 5) + 4) / 5 - 1
        case ...1_440: value = 143 + (minutes - 720 + 29) / 30
        case ...43_200: value = 166 + (minutes + 1_439) / 1_440
        default: value = 192 + (min(minutes, 635_040) + 10_079) / 10_080
        }
        self = .relative(UInt8(clamping: value))
    }

    /// The period in seconds, where it is a relative one.
    public var seconds: Int? {
        guard case .relative(let octet) = self else { return nil }
        let value = Int(octet)
        switch value {
        case ...143: return (value + 1) * 300
        case ...167: return 43_200 + (value - 143) * 1_800
        case ...196: return (value - 166) * 86_400
        default: return (value - 192) * 604_800
        }
    }

    /// TP-VPF, bits 4 and 3 of the first octet.
    var format: UInt8 {
        switch self {
        case .enhanced: 0x08
        case .relative: 0x10
        case .absolute: 0x18
        }
    }

    /// Reads what the first octet `first` announces; nil when it announces nothing.
    static func read(_ reader: inout ByteReader, first: UInt8) throws(PDUError) -> Validity? {
        switch first & 0x18 {
        case 0x10: .relative(try reader.octet("validity period"))
        case 0x18: .absolute(TimeStamp(octets: try reader.octets(TimeStamp.length, "validity period")))
        case 0x08: .enhanced(Array(try reader.octets(7, "validity period")))
        default: nil
        }
    }

    /// Writes the field; an enhanced one is always seven octets.
    func write(to bytes: inout [UInt8]) {
        switch self {
        case .relative(let octet): bytes.append(octet)
        case .absolute(let stamp): bytes += stamp.octets
        case .enhanced(let octets): bytes += (octets + [0, 0, 0, 0, 0, 0, 0]).prefix(7)
        }
    }
}
