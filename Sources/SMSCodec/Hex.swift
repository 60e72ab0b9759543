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
        var octets: [UInt8] = []
        octets.reserveCapacity(digits.count / 2)
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = value(of: digits[index]), let low = value(of: digits[index + 1]) else { return nil }
            octets.append(high << 4 | low)
        }
        return octets
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
