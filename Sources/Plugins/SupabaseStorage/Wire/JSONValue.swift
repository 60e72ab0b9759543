/// What a server answered. Members that are absent and members that are null read the same.
enum JSONValue: Sendable, Hashable {
    case null
    case bool(Bool)
    case integer(Int64)
    /// As written.
    case decimal(String)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])

    /// Why a text is no JSON; holds nothing of it.
    struct Malformed: Error, Hashable {
        var byte: Int
    }

    init(parsing bytes: [UInt8]) throws(Malformed) {
        var parser = JSONReader(bytes: bytes)
        self = try parser.document()
    }

    subscript(_ key: String) -> JSONValue {
        if case .object(let members) = self { return members[key] ?? .null }
        return .null
    }

    var isNull: Bool { self == .null }

    var elements: [JSONValue]? {
        if case .array(let values) = self { return values }
        return nil
    }

    var isObject: Bool {
        if case .object = self { return true }
        return false
    }

    /// A text; a number or a truth as it is written.
    var text: String? {
        switch self {
        case .string(let text), .decimal(let text): text
        case .integer(let number): String(number)
        case .bool(let value): value ? "true" : "false"
        case .null, .array, .object: nil
        }
    }

    /// A whole number, or a text that is one: rows of old tables have either.
    var integer: Int64? {
        switch self {
        case .integer(let number): number
        case .decimal(let text): Double(text).flatMap { Int64(exactly: $0) }
        case .string(let text): Int64(text)
        case .null, .bool, .array, .object: nil
        }
    }

    var number: Int32? { integer.flatMap { Int32(exactly: $0) } }

    var truth: Bool {
        switch self {
        case .bool(let value): value
        case .integer(let number): number == 1
        default: false
        }
    }

    /// JSON text.
    var written: String {
        var writer = JSONWriter()
        writer.element(self)
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
