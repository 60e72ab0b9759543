/// What a data coding scheme octet says (TS 23.038 §4). Codings it reserves are the default alphabet.
public struct DataCoding: Sendable, Hashable {
    /// The octet.
    public var rawValue: UInt8

    /// What the octet `rawValue` says.
    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// The coding for a text that is sent: `messageClass` 0...3, where 0 shows at once and is not stored.
    public init(encoding: Encoding, messageClass: UInt8? = nil) {
        let alphabet: UInt8 =
            switch encoding {
            case .gsm7: 0x00
            case .octets: 0x04
            case .ucs2: 0x08
            }
        rawValue = alphabet | (messageClass.map { 0x10 | $0 & 0x03 } ?? 0)
    }

    /// How the user data is written.
    public var encoding: Encoding {
        switch rawValue >> 4 {
        case 0x0...0x7:
            switch rawValue >> 2 & 0x03 {
            case 1: .octets
            case 2: .ucs2
            default: .gsm7
            }
        case 0xE: .ucs2
        case 0xF: rawValue & 0x04 != 0 ? .octets : .gsm7
        default: .gsm7
        }
    }

    /// True when the user data is compressed.
    public var isCompressed: Bool { rawValue & 0xA0 == 0x20 }

    /// The message class, 0...3, where the octet has a meaning for one.
    public var messageClass: UInt8? {
        switch rawValue >> 4 {
        case 0x0...0x7: rawValue & 0x10 != 0 ? rawValue & 0x03 : nil
        case 0xF: rawValue & 0x03
        default: nil
        }
    }

    /// What is waiting for the person, where the octet is of a message-waiting group.
    public var messageWaiting: MessageWaiting? {
        guard (0xC...0xE).contains(rawValue >> 4) else { return nil }
        return MessageWaiting(
            kind: MessageWaiting.Kind(rawValue: rawValue & 0x03) ?? .other, isActive: rawValue & 0x08 != 0,
            isStored: rawValue >> 4 != 0xC)
    }
}
