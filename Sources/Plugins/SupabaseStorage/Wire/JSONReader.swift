/// Reads RFC 8259 text, at most 64 levels deep.
struct JSONReader {
    let bytes: [UInt8]
    private var index = 0
    private var depth = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func document() throws(JSONValue.Malformed) -> JSONValue {
        let value = try value()
        skipSpace()
        guard index == bytes.count else { throw wrong }
        return value
    }

    private var wrong: JSONValue.Malformed { JSONValue.Malformed(byte: index) }

    private var next: UInt8? { index < bytes.count ? bytes[index] : nil }

    private mutating func skipSpace() {
        while let byte = next, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { index += 1 }
    }

    private mutating func take(_ byte: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: byte) else { return false }
        index += 1
        return true
    }

    private mutating func value() throws(JSONValue.Malformed) -> JSONValue {
        skipSpace()
        switch next {
        case UInt8(ascii: "{"): return try object()
        case UInt8(ascii: "["): return try array()
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return try number()
        }
    }

    private mutating func word(_ text: String, _ value: JSONValue) throws(JSONValue.Malformed) -> JSONValue {
        guard bytes[index...].starts(with: text.utf8) else { throw wrong }
        index += text.utf8.count
        return value
    }

    private mutating func deeper() throws(JSONValue.Malformed) {
        index += 1
        depth += 1
        guard depth <= 64 else { throw wrong }
    }

    private mutating func object() throws(JSONValue.Malformed) -> JSONValue {
        try deeper()
        var members: [String: JSONValue] = [:]
        skipSpace()
        if !take("}") {
            repeat {
                skipSpace()
                guard next == UInt8(ascii: "\"") else { throw wrong }
                let key = try string()
                skipSpace()
                guard take(":") else { throw wrong }
                members[key] = try value()
                skipSpace()
            } while take(",")
            guard take("}") else { throw wrong }
        }
        depth -= 1
        return .object(members)
    }

    private mutating func array() throws(JSONValue.Malformed) -> JSONValue {
        try deeper()
        var elements: [JSONValue] = []
        skipSpace()
        if !take("]") {
            repeat {
                elements.append(try value())
                skipSpace()
            } while take(",")
            guard take("]") else { throw wrong }
        }
        depth -= 1
        return .array(elements)
    }

    private mutating func number() throws(JSONValue.Malformed) -> JSONValue {
        let start = index
        var isWhole = true
        while let byte = next {
            switch byte {
            case 0x30...0x39, UInt8(ascii: "-"): break
            case UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"), UInt8(ascii: "+"): isWhole = false
            default:
                return try finished(start, isWhole)
            }
            index += 1
        }
        return try finished(start, isWhole)
    }

    private func finished(_ start: Int, _ isWhole: Bool) throws(JSONValue.Malformed) -> JSONValue {
        let text = String(decoding: bytes[start..<index], as: UTF8.self)
        if isWhole, let number = Int64(text) { return .integer(number) }
        guard Double(text) != nil else { throw wrong }
        return .decimal(text)
    }

    private mutating func string() throws(JSONValue.Malformed) -> String {
        index += 1
        let start = index
        while let byte = next, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") { index += 1 }
        if take("\"") { return String(decoding: bytes[start..<index - 1], as: UTF8.self) }
        var text = Array(bytes[start..<index])
        while let byte = next {
            index += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"): text.append(contentsOf: String(try escaped()).utf8)
            default: text.append(byte)
            }
        }
        throw wrong
    }

    private mutating func escaped() throws(JSONValue.Malformed) -> Unicode.Scalar {
        guard let byte = next else { throw wrong }
        index += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"):
            let first = try unit()
            guard (0xD800..<0xDC00).contains(first), take("\\"), take("u") else {
                return Unicode.Scalar(first) ?? "\u{FFFD}"
            }
            let second = try unit()
            guard (0xDC00..<0xE000).contains(second) else { return "\u{FFFD}" }
            return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)) ?? "\u{FFFD}"
        default: throw wrong
        }
    }

    private mutating func unit() throws(JSONValue.Malformed) -> UInt32 {
        guard index + 4 <= bytes.count else { throw wrong }
        var value: UInt32 = 0
        for byte in bytes[index..<index + 4] {
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { throw wrong }
            value = value << 4 | UInt32(digit)
        }
        index += 4
        return value
    }
}
