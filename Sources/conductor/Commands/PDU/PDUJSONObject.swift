/// A JSON object whose members stay in the order in which they were added.
struct PDUJSONObject {
    private var bytes: [UInt8] = [0x7B]

    /// The object in UTF-8.
    var octets: [UInt8] { bytes + [0x7D] }

    /// The object as one line.
    var line: [UInt8] { octets + [0x0A] }

    /// Adds a text; nil is null.
    mutating func add(_ key: String, _ value: String?) {
        begin(key)
        if let value { Self.append(value, to: &bytes) } else { bytes += "null".utf8 }
    }

    /// Adds a number.
    mutating func add(_ key: String, _ value: some BinaryInteger) {
        begin(key)
        bytes += String(value).utf8
    }

    /// Adds a truth value.
    mutating func add(_ key: String, _ value: Bool) {
        begin(key)
        bytes += (value ? "true" : "false").utf8
    }

    /// Adds an object.
    mutating func add(_ key: String, _ value: PDUJSONObject) {
        begin(key)
        bytes += value.octets
    }

    /// Adds a list of objects.
    mutating func add(_ key: String, _ values: [PDUJSONObject]) {
        begin(key)
        bytes += Self.list(values.map(\.octets))
    }

    /// Adds a list of texts.
    mutating func add(_ key: String, _ values: [String]) {
        begin(key)
        bytes += Self.list(
            values.map { value in
                var text: [UInt8] = []
                Self.append(value, to: &text)
                return text
            })
    }

    /// Adds a list of numbers.
    mutating func add(_ key: String, _ values: [Int]) {
        begin(key)
        bytes += Self.list(values.map { Array(String($0).utf8) })
    }

    private mutating func begin(_ key: String) {
        if bytes.count > 1 { bytes.append(0x2C) }
        Self.append(key, to: &bytes)
        bytes.append(0x3A)
    }

    private static func list(_ items: [[UInt8]]) -> [UInt8] {
        [0x5B] + items.joined(separator: [0x2C]) + [0x5D]
    }

    private static func append(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(0x22)
        for octet in text.utf8 {
            switch octet {
            case 0x22, 0x5C: bytes += [0x5C, octet]
            case 0x0A: bytes += "\\n".utf8
            case 0x0D: bytes += "\\r".utf8
            case ..<0x20, 0x7F:
                let digits = Array("0123456789abcdef".utf8)
                bytes += "\\u00".utf8
                bytes += [digits[Int(octet >> 4)], digits[Int(octet & 0x0F)]]
            default: bytes.append(octet)
            }
        }
        bytes.append(0x22)
    }
}
