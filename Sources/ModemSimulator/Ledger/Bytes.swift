extension [UInt8] {
    /// Appends `bytes` in upper-case hex, as TS 27.005 prints PDUs.
    mutating func append(hex bytes: [UInt8]) {
        for byte in bytes {
            append(Self.hexDigit(byte >> 4))
            append(Self.hexDigit(byte & 15))
        }
    }

    private static func hexDigit(_ nibble: UInt8) -> UInt8 { nibble < 10 ? 48 + nibble : 55 + nibble }

    mutating func append(decimal value: Int64) {
        append(contentsOf: String(value).utf8)
    }

    mutating func append(key: StaticString, number: Int?) {
        guard let number else { return }
        append(key: key)
        append(decimal: Int64(number))
    }

    mutating func append(key: StaticString, string: String?) {
        guard let string else { return }
        append(key: key)
        append(UInt8(ascii: "\""))
        for byte in string.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                append(UInt8(ascii: "\\"))
                append(byte)
            case 0..<32, 127:
                append(contentsOf: "\\u00".utf8)
                append(Self.hexDigit(byte >> 4))
                append(Self.hexDigit(byte & 15))
            default: append(byte)
            }
        }
        append(UInt8(ascii: "\""))
    }

    private mutating func append(key: StaticString) {
        append(contentsOf: ",\"".utf8)
        key.withUTF8Buffer { append(contentsOf: $0) }
        append(contentsOf: "\":".utf8)
    }

    /// The octets that hex `digits` stand for; nil where a digit is none or one is left over.
    static func octets(hex digits: some Sequence<UInt8>) -> [UInt8]? {
        var octets: [UInt8] = []
        var high: UInt8?
        for digit in digits {
            let value: UInt8
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = digit - 48
            case UInt8(ascii: "A")...UInt8(ascii: "F"): value = digit - 55
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = digit - 87
            default: return nil
            }
            if let first = high {
                octets.append(first << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        return high == nil ? octets : nil
    }
}
