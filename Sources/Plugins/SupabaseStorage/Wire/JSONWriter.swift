/// Writes JSON text, member by member. Batches of a thousand texts go through it, so it makes no tree.
struct JSONWriter {
    private(set) var bytes: [UInt8] = []
    private var needsComma = false

    mutating func object(_ key: String? = nil, _ members: (inout JSONWriter) -> Void) {
        nested(key, UInt8(ascii: "{"), UInt8(ascii: "}"), members)
    }

    mutating func array(_ key: String? = nil, _ elements: (inout JSONWriter) -> Void) {
        nested(key, UInt8(ascii: "["), UInt8(ascii: "]"), elements)
    }

    mutating func member(_ key: String, _ value: String?) {
        begin(key)
        if let value { string(value) } else { word("null") }
    }

    mutating func member(_ key: String, _ value: (some BinaryInteger)?) {
        begin(key)
        word(value.map { String($0) } ?? "null")
    }

    mutating func member(_ key: String, _ value: Bool) {
        begin(key)
        word(value ? "true" : "false")
    }

    /// As `member`, and nothing for what is not there.
    mutating func present(_ key: String, _ value: String?) {
        if let value { member(key, value) }
    }

    /// As `member`, and nothing for what is not there.
    mutating func present(_ key: String, _ value: (some BinaryInteger)?) {
        if let value { member(key, value) }
    }

    mutating func element(_ value: String) {
        begin(nil)
        string(value)
    }

    mutating func element(_ value: JSONValue, key: String? = nil) {
        begin(key)
        switch value {
        case .null: word("null")
        case .bool(let value): word(value ? "true" : "false")
        case .integer(let value): word(String(value))
        case .decimal(let text): word(text)
        case .string(let text): string(text)
        case .array(let values):
            needsComma = false
            bytes.append(UInt8(ascii: "["))
            for value in values { element(value) }
            end(UInt8(ascii: "]"))
        case .object(let members):
            needsComma = false
            bytes.append(UInt8(ascii: "{"))
            for (key, value) in members.sorted(by: { $0.key < $1.key }) { element(value, key: key) }
            end(UInt8(ascii: "}"))
        }
    }

    // MARK: Bytes

    private mutating func nested(
        _ key: String?, _ opening: UInt8, _ closing: UInt8, _ body: (inout JSONWriter) -> Void
    ) {
        begin(key)
        bytes.append(opening)
        needsComma = false
        body(&self)
        end(closing)
    }

    private mutating func begin(_ key: String?) {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = true
        guard let key else { return }
        string(key)
        bytes.append(UInt8(ascii: ":"))
    }

    private mutating func end(_ closing: UInt8) {
        bytes.append(closing)
        needsComma = true
    }

    private mutating func word(_ text: String) { bytes.append(contentsOf: text.utf8) }

    private mutating func string(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        // Most texts need no escape, and go in one piece.
        let isPlain = text.utf8.allSatisfy { $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
        if isPlain {
            bytes.append(contentsOf: text.utf8)
            bytes.append(UInt8(ascii: "\""))
            return
        }
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            // PostgreSQL keeps no such character in a text; the rest of the text must not be lost over it.
            case 0: bytes.append(contentsOf: "\u{FFFD}".utf8)
            case 1..<0x20:
                let digits = String(byte, radix: 16)
                word("\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits)
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
