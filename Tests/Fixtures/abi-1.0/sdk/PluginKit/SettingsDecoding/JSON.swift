/// A JSON value, members in the order they were written.
enum JSON: Sendable {
    case null
    case bool(Bool)
    /// As written.
    case number(String)
    case string(String)
    case array([JSON])
    case object([(String, JSON)])

    /// What a person calls it.
    var kind: String {
        switch self {
        case .null: "nothing"
        case .bool: "true or false"
        case .number: "a number"
        case .string: "a text"
        case .array: "a list"
        case .object: "a mapping"
        }
    }

    /// Reads RFC 8259 text, at most 64 levels deep.
    init(parsing text: String) throws(PluginError) {
        var parser = JSONParser(bytes: Array(text.utf8))
        self = try parser.document()
    }
}

private struct JSONParser {
    let bytes: [UInt8]
    var index = 0
    var depth = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func document() throws(PluginError) -> JSON {
        let value = try value()
        skipSpace()
        guard index == bytes.count else { throw wrong("something follows the value") }
        return value
    }

    private func wrong(_ what: String) -> PluginError {
        PluginError(.invalid, "settings: no JSON: \(what) at byte \(index)")
    }

    private mutating func skipSpace() {
        while index < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[index]) { index += 1 }
    }

    private mutating func take(_ byte: Character) -> Bool {
        guard index < bytes.count, bytes[index] == byte.asciiValue else { return false }
        index += 1
        return true
    }

    private mutating func word(_ text: String, _ value: JSON) throws(PluginError) -> JSON {
        guard bytes[index...].starts(with: text.utf8) else { throw wrong("an unknown word") }
        index += text.utf8.count
        return value
    }

    private mutating func value() throws(PluginError) -> JSON {
        skipSpace()
        guard index < bytes.count else { throw wrong("it ends too early") }
        switch bytes[index] {
        case UInt8(ascii: "{"): return try nested { (parser) throws(PluginError) in try parser.object() }
        case UInt8(ascii: "["): return try nested { (parser) throws(PluginError) in try parser.array() }
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return try number()
        }
    }

    private mutating func nested(
        _ body: (inout JSONParser) throws(PluginError) -> JSON
    ) throws(PluginError) -> JSON {
        guard depth < 64 else { throw wrong("it is nested deeper than 64 levels") }
        depth += 1
        index += 1
        let value = try body(&self)
        depth -= 1
        return value
    }

    private mutating func object() throws(PluginError) -> JSON {
        var members: [(String, JSON)] = []
        skipSpace()
        if take("}") { return .object([]) }
        repeat {
            skipSpace()
            guard index < bytes.count, bytes[index] == UInt8(ascii: "\"") else { throw wrong("a key is missing") }
            let key = try string()
            skipSpace()
            guard take(":") else { throw wrong("a colon is missing") }
            members.append((key, try value()))
            skipSpace()
        } while take(",")
        guard take("}") else { throw wrong("a mapping does not end") }
        return .object(members)
    }

    private mutating func array() throws(PluginError) -> JSON {
        var elements: [JSON] = []
        skipSpace()
        if take("]") { return .array([]) }
        repeat {
            elements.append(try value())
            skipSpace()
        } while take(",")
        guard take("]") else { throw wrong("a list does not end") }
        return .array(elements)
    }

    private mutating func number() throws(PluginError) -> JSON {
        let start = index
        while index < bytes.count, "+-.0123456789eE".utf8.contains(bytes[index]) { index += 1 }
        let text = String(decoding: bytes[start..<index], as: UTF8.self)
        guard let first = text.utf8.first, first != UInt8(ascii: "+"), first != UInt8(ascii: "."), Double(text) != nil
        else { throw wrong("an unknown word") }
        return .number(text)
    }

    private mutating func string() throws(PluginError) -> String {
        index += 1
        var result: [UInt8] = []
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: result, as: UTF8.self)
            case UInt8(ascii: "\\"): result.append(contentsOf: try escape())
            case 0..<0x20: throw wrong("a control character in a text")
            default: result.append(byte)
            }
        }
        throw wrong("a text does not end")
    }

    private mutating func escape() throws(PluginError) -> [UInt8] {
        guard index < bytes.count else { throw wrong("a text does not end") }
        let byte = bytes[index]
        index += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0C]
        case UInt8(ascii: "n"): return [0x0A]
        case UInt8(ascii: "r"): return [0x0D]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "u"):
            var units = [try unit()]
            if UTF16.isLeadSurrogate(units[0]), bytes[index...].starts(with: "\\u".utf8) {
                index += 2
                units.append(try unit())
            }
            return Array(String(decoding: units, as: UTF16.self).utf8)
        default: throw wrong("an unknown escape")
        }
    }

    private mutating func unit() throws(PluginError) -> UInt16 {
        guard index + 4 <= bytes.count,
            let value = UInt16(String(decoding: bytes[index..<index + 4], as: UTF8.self), radix: 16)
        else { throw wrong("an unknown escape") }
        index += 4
        return value
    }
}
