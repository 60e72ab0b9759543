/// Hexadecimal digits to octets and back.
public enum Hex {
    /// The octets that `digits`, ASCII codes in upper or lower case, stand for; nil when there is another character or
    /// the count is odd.
    public static func decode(_ digits: some Sequence<UInt8>) -> [UInt8]? {
        var octets: [UInt8] = []
        octets.reserveCapacity(digits.underestimatedCount / 2)
        var high: UInt8?
        for digit in digits {
            guard let value = value(of: digit) else { return nil }
            if let first = high {
                octets.append(first << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        return high == nil ? octets : nil
    }

    /// The octets that `text` stands for; nil when there is another character or the count is odd.
    public static func decode(_ text: some StringProtocol) -> [UInt8]? {
        decode(text.utf8)
    }

    /// Two upper-case digits an octet.
    public static func encode(_ octets: some Sequence<UInt8>) -> String {
        var digits: [UInt8] = []
        digits.reserveCapacity(octets.underestimatedCount * 2)
        for octet in octets {
            digits.append(digit(octet >> 4))
            digits.append(digit(octet & 0x0F))
        }
        return String(decoding: digits, as: UTF8.self)
    }

    @inline(__always)
    private static func value(of digit: UInt8) -> UInt8? {
        switch digit {
        case 0x30...0x39: digit - 0x30
        case 0x41...0x46: digit - 0x37
        case 0x61...0x66: digit - 0x57
        default: nil
        }
    }

    @inline(__always)
    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? value + 0x30 : value + 0x37
    }
}
