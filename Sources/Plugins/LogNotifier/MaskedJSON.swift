/// Copies JSON (RFC 8259) byte by byte, checks it on the way, and hides what belongs to people. No tree is built: this
/// runs for every event of the gateway.
struct MaskedJSON {
    /// How deep values may be nested.
    private static let deepest = 64

    private let source: [UInt8]
    private let mask: Bool
    private var index = 0
    private var result: [UInt8]

    /// Appends `text`; false when it is no JSON, and then what was appended is to be thrown away.
    static func copy(_ text: String, mask: Bool, to line: inout [UInt8]) -> Bool {
        var copy = MaskedJSON(source: Array(text.utf8), mask: mask, result: line)
        line = []
        let isSound = copy.value(.other, depth: 0) && copy.isAtEnd()
        line = copy.result
        return isSound
    }

    /// Appends a text as a JSON string.
    static func append(_ text: String, to line: inout [UInt8]) {
        line.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): line += [UInt8(ascii: "\\"), byte]
            case 0x0A: line += #"\n"#.utf8
            case 0x0D: line += #"\r"#.utf8
            case 0x09: line += #"\t"#.utf8
            case 0..<0x20: line += (byte < 16 ? #"\u000"# : #"\u00"#).utf8 + Array(String(byte, radix: 16).utf8)
            default: line.append(byte)
            }
        }
        line.append(UInt8(ascii: "\""))
    }

    // MARK: Values

    private mutating func value(_ key: Masking.Key, depth: Int) -> Bool {
        skipSpace()
        guard index < source.count, depth <= Self.deepest else { return false }
        switch source[index] {
        case UInt8(ascii: "{"): return members(depth: depth)
        case UInt8(ascii: "["): return elements(key, depth: depth)
        case UInt8(ascii: "\""):
            guard let string = string() else { return false }
            write(string, key)
            return true
        default:
            guard let end = endOfWordOrNumber() else { return false }
            if mask, key != .other {
                result += #""<hidden>""#.utf8
            } else {
                result += source[index..<end]
            }
            index = end
            return true
        }
    }

    private mutating func members(depth: Int) -> Bool {
        open()
        if close("}") { return true }
        repeat {
            skipSpace()
            guard let name = string() else { return false }
            result.append(UInt8(ascii: "\""))
            result += source[name.range]
            result.append(UInt8(ascii: "\""))
            guard take(":"), value(mask ? Masking.Key(text(name)) : .other, depth: depth + 1) else { return false }
        } while take(",")
        return close("}")
    }

    private mutating func elements(_ key: Masking.Key, depth: Int) -> Bool {
        open()
        if close("]") { return true }
        repeat {
            guard value(key, depth: depth + 1) else { return false }
        } while take(",")
        return close("]")
    }

    private mutating func open() {
        result.append(source[index])
        index += 1
    }

    private mutating func close(_ byte: Unicode.Scalar) -> Bool { take(byte) }

    /// Copies one structural byte, if it is the next.
    private mutating func take(_ byte: Unicode.Scalar) -> Bool {
        skipSpace()
        guard index < source.count, source[index] == UInt8(ascii: byte) else { return false }
        result.append(source[index])
        index += 1
        return true
    }

    private mutating func skipSpace() {
        while index < source.count, [0x20, 0x09, 0x0A, 0x0D].contains(source[index]) { index += 1 }
    }

    private mutating func isAtEnd() -> Bool {
        skipSpace()
        return index == source.count
    }

    private func endOfWordOrNumber() -> Int? {
        for word in ["true", "false", "null"] where source[index...].starts(with: word.utf8) {
            return index + word.utf8.count
        }
        var end = index
        func digits() -> Bool {
            let start = end
            while end < source.count, (0x30...0x39).contains(source[end]) { end += 1 }
            return end > start
        }
        func next(_ bytes: String) -> Bool { end < source.count && bytes.utf8.contains(source[end]) }
        if next("-") { end += 1 }
        guard digits() else { return nil }
        if next(".") {
            end += 1
            guard digits() else { return nil }
        }
        if next("eE") {
            end += 1
            if next("+-") { end += 1 }
            guard digits() else { return nil }
        }
        return end
    }

    // MARK: Strings

    /// A string as it stands in the source, without its quotes.
    private struct Quoted {
        var range: Range<Int>
        var hasEscapes: Bool
    }

    private mutating func string() -> Quoted? {
        guard index < source.count, source[index] == UInt8(ascii: "\"") else { return nil }
        let start = index + 1
        var end = start
        var hasEscapes = false
        while end < source.count {
            switch source[end] {
            case UInt8(ascii: "\""):
                index = end + 1
                return Quoted(range: start..<end, hasEscapes: hasEscapes)
            case UInt8(ascii: "\\"):
                hasEscapes = true
                guard let length = escape(at: end)?.length else { return nil }
                end += length
            case 0..<0x20: return nil
            default: end += 1
            }
        }
        return nil
    }

    private mutating func write(_ string: Quoted, _ key: Masking.Key) {
        let mayHoldNumber = string.hasEscapes || source[string.range].contains(UInt8(ascii: "+"))
        if mask, key != .other || mayHoldNumber {
            Self.append(Masking.shown(text(string), key), to: &result)
        } else {
            result.append(UInt8(ascii: "\""))
            result += source[string.range]
            result.append(UInt8(ascii: "\""))
        }
    }

    /// What the string says.
    private func text(_ string: Quoted) -> String {
        guard string.hasEscapes else { return String(decoding: source[string.range], as: UTF8.self) }
        var text = ""
        var position = string.range.lowerBound
        var plain = position
        var units: [UInt16] = []
        while position < string.range.upperBound {
            guard source[position] == UInt8(ascii: "\\"), let (unit, length) = escape(at: position) else {
                position += 1
                continue
            }
            if plain < position {
                text += String(decoding: units, as: UTF16.self)
                units = []
                text += String(decoding: source[plain..<position], as: UTF8.self)
            }
            units.append(unit)
            position += length
            plain = position
        }
        text += String(decoding: units, as: UTF16.self)
        return text + String(decoding: source[plain..<string.range.upperBound], as: UTF8.self)
    }

    /// The UTF-16 code unit that the escape at `position` stands for, and how many bytes the escape has.
    private func escape(at position: Int) -> (unit: UInt16, length: Int)? {
        guard position + 1 < source.count else { return nil }
        switch source[position + 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return (UInt16(source[position + 1]), 2)
        case UInt8(ascii: "b"): return (0x08, 2)
        case UInt8(ascii: "f"): return (0x0C, 2)
        case UInt8(ascii: "n"): return (0x0A, 2)
        case UInt8(ascii: "r"): return (0x0D, 2)
        case UInt8(ascii: "t"): return (0x09, 2)
        case UInt8(ascii: "u"):
            guard position + 6 <= source.count else { return nil }
            var unit: UInt16 = 0
            for byte in source[(position + 2)..<(position + 6)] {
                guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { return nil }
                unit = unit << 4 | UInt16(digit)
            }
            return (unit, 6)
        default: return nil
        }
    }
}

extension MaskedJSON {
    private init(source: [UInt8], mask: Bool, result: [UInt8]) {
        self.source = source
        self.mask = mask
        self.result = result
    }
}
