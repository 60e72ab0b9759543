/// Hexadecimal digits to octets and back.
public enum Hex {
    /// The octets that `digits`, ASCII codes in upper or lower case, stand for; nil when there is another character or
    /// the count is odd.
    public static func decode(_ digits: some Sequence<UInt8>) -> [UInt8]? {
        // Doubly optional: without the outer value the digits are not in one piece.
        if let octets = digits.withContiguousStorageIfAvailable({ decode(contiguous: $0) }) { return octets }
        return Array(digits).withUnsafeBufferPointer { decode(contiguous: $0) }
    }

    /// The octets that `text` stands for; nil when there is another character or the count is odd.
    public static func decode(_ text: some StringProtocol) -> [UInt8]? {
        decode(text.utf8)
    }

    /// Two upper-case digits an octet.
    public static func encode(_ octets: some Sequence<UInt8>) -> String {
        octets.withContiguousStorageIfAvailable { encode(contiguous: $0) }
            ?? Array(octets).withUnsafeBufferPointer { encode(contiguous: $0) }
    }

    private static func decode(contiguous digits: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        guard digits.count % 2 == 0 else { return nil }
        // One test at the end: a character that is no digit has a value above 15, and the tops of all are collected.
        var tops: UInt8 = 0
        let octets = [UInt8](unsafeUninitializedCapacity: digits.count / 2) { octets, count in
            values.withUnsafeBufferPointer { values in
                for index in 0..<digits.count / 2 {
                    let (high, low) = (values[Int(digits[2 * index])], values[Int(digits[2 * index + 1])])
                    tops |= high | low
                    octets[index] = high << 4 | low & 0x0F
                }
            }
            count = digits.count / 2
        }
        return tops & 0xF0 == 0 ? octets : nil
    }

    private static func encode(contiguous octets: UnsafeBufferPointer<UInt8>) -> String {
        String(unsafeUninitializedCapacity: octets.count * 2) { digits in
            for (index, octet) in octets.enumerated() {
                digits[2 * index] = digit(octet >> 4)
                digits[2 * index + 1] = digit(octet & 0x0F)
            }
            return octets.count * 2
        }
    }

    /// The value of each character, 0xFF where it is no digit.
    private static let values: [UInt8] = (UInt8.min...UInt8.max).map { digit in
        switch digit {
        case 0x30...0x39: digit - 0x30
        case 0x41...0x46: digit - 0x37
        case 0x61...0x66: digit - 0x57
        default: 0xFF
        }
    }

    @inline(__always)
    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? value + 0x30 : value + 0x37
    }
}
