/// Hexadecimal as modems print and take PDUs.
enum HexBytes {
    /// The octets of an even number of hex digits in either case; nil for anything else.
    static func decode(_ digits: some Collection<UInt8>) -> [UInt8]? {
        let count = digits.count
        guard count.isMultiple(of: 2) else { return nil }
        var octets: [UInt8] = []
        octets.reserveCapacity(count / 2)
        var high: UInt8?
        for digit in digits {
            guard let value = value(digit) else { return nil }
            if let upper = high {
                octets.append(upper << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        return octets
    }

    /// Appends the octets as upper-case hex digits.
    static func append(_ octets: [UInt8], to bytes: inout [UInt8]) {
        bytes.reserveCapacity(bytes.count + 2 * octets.count + 2)
        for octet in octets {
            bytes.append(digit(octet >> 4))
            bytes.append(digit(octet & 15))
        }
    }

    static func isHex(_ bytes: some Collection<UInt8>) -> Bool {
        !bytes.isEmpty && bytes.allSatisfy { value($0) != nil }
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? 0x30 + value : 0x37 + value
    }

    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case 0x30...0x39: digit - 0x30
        case 0x41...0x46: digit - 0x37
        case 0x61...0x66: digit - 0x57
        default: nil
        }
    }
}
