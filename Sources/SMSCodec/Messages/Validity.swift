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

    /// The period in seconds, where it is a relative one or an enhanced one that says how long (§9.2.3.12.3): as the
    /// relative format does, in seconds, or in hours, minutes and seconds. Nil for a moment, for an enhanced one that
    /// gives no period, and for values that the specification reserves.
    public var seconds: Int? {
        switch self {
        case .relative(let octet): return Self.seconds(ofRelative: octet)
        case .absolute: return nil
        case .enhanced(let octets):
            guard octets.count > 3 else { return nil }
            // A set top bit says that another indicator follows, which moves the value one octet on.
            let start = octets.prefix(4).prefix { $0 & 0x80 != 0 }.count + 1
            guard start + 2 < octets.count else { return nil }
            switch octets[0] & 0x07 {
            case 1: return Self.seconds(ofRelative: octets[start])
            case 2: return octets[start] == 0 ? nil : Int(octets[start])
            case 3:
                let values = octets[start..<start + 3].compactMap { Self.decimal($0) }
                guard values.count == 3, values[0] < 24, values[1] < 60, values[2] < 60 else { return nil }
                return values[0] * 3_600 + values[1] * 60 + values[2]
            default: return nil
            }
        }
    }

    /// True when the service centre shall try once only: an enhanced period can say so (§9.2.3.12.3).
    public var isSingleShot: Bool {
        guard case .enhanced(let octets) = self else { return false }
        return (octets.first ?? 0) & 0x40 != 0
    }

    /// Two digits of which the first is the low half octet.
    private static func decimal(_ octet: UInt8) -> Int? {
        let (tens, ones) = (Int(octet & 0x0F), Int(octet >> 4))
        return tens <= 9 && ones <= 9 ? tens * 10 + ones : nil
    }

    private static func seconds(ofRelative octet: UInt8) -> Int {
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
