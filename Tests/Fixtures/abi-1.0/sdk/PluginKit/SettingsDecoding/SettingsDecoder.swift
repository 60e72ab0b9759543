/// Remembers which keys of every mapping were asked for, to name those that nobody reads.
///
/// Safety: made, used and dropped within one synchronous `Settings.decode`.
final class KeyUsage {
    private var mappings: [String: (present: [String], asked: Set<String>)] = [:]
    private var order: [String] = []

    func opened(_ path: String, keys: [String]) {
        if mappings[path] == nil {
            order.append(path)
            mappings[path] = (keys, [])
        }
    }

    func asked(_ key: String, in path: String) { mappings[path]?.asked.insert(key) }

    /// Everything below is taken as it is: a dictionary with free keys.
    func takesAll(_ path: String) {
        guard let mapping = mappings[path] else { return }
        mappings[path]?.asked.formUnion(mapping.present)
    }

    var firstStranger: PluginError? {
        for path in order {
            guard let mapping = mappings[path] else { continue }
            if let key = mapping.present.first(where: { !mapping.asked.contains($0) }) {
                return Settings.unknownKey(key, in: path, known: mapping.asked)
            }
        }
        return nil
    }
}

/// Decodes one JSON value. Errors are worded for the person who writes the drop-in.
struct SettingsDecoder: Decoder {
    let value: JSON
    let path: String
    let codingPath: [any CodingKey]
    let usage: KeyUsage
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    static func path(of codingPath: [any CodingKey]) -> String {
        codingPath.reduce(into: "settings") { path, key in
            path += key.intValue.map { "[\($0)]" } ?? "." + key.stringValue
        }
    }

    func wrong(_ message: String) -> PluginError { PluginError(.invalid, "\(path): \(message)") }

    func mismatch(_ wanted: String) -> PluginError { wrong("must be \(wanted), but is \(value.kind)") }

    func child(_ value: JSON, key: any CodingKey) -> SettingsDecoder {
        SettingsDecoder(
            value: value, path: path + (key.intValue.map { "[\($0)]" } ?? "." + key.stringValue),
            codingPath: codingPath + [key], usage: usage)
    }

    func read<T: Decodable>(_ type: T.Type) throws -> T {
        switch type {
        case is Bool.Type: return try cast(bool())
        case is String.Type: return try cast(string())
        case is Double.Type: return try cast(double())
        case is Float.Type: return try cast(Float(double()))
        default:
            if let integer = type as? any FixedWidthInteger.Type { return try cast(self.integer(integer)) }
            let result = try T(from: self)
            // A dictionary asks for every key there is; an empty or foreign one is its own.
            if result is any FreelyKeyed { usage.takesAll(path) }
            return result
        }
    }

    private func cast<T>(_ value: Any) throws -> T {
        guard let value = value as? T else { throw mismatch("a \(T.self)") }
        return value
    }

    func bool() throws -> Bool {
        guard case .bool(let value) = value else { throw mismatch("true or false") }
        return value
    }

    func string() throws -> String {
        guard case .string(let text) = value else { throw mismatch("a text (put it in quotes)") }
        return text
    }

    func double() throws -> Double {
        guard case .number(let text) = value, let number = Double(text) else { throw mismatch("a number") }
        return number
    }

    func integer<I: FixedWidthInteger>(_ type: I.Type) throws -> I {
        guard case .number(let text) = value else { throw mismatch("a whole number") }
        guard let number = I(text) ?? Double(text).flatMap({ I(exactly: $0) }) else {
            throw wrong("must be a whole number from \(I.min) to \(I.max)")
        }
        return number
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard case .object(let members) = value else { throw mismatch("a mapping of keys to values") }
        usage.opened(path, keys: members.map(\.0))
        return KeyedDecodingContainer(SettingsKeyedContainer<Key>(decoder: self, members: members))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard case .array(let elements) = value else { throw mismatch("a list") }
        return SettingsListContainer(decoder: self, elements: elements)
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer { SettingsValueContainer(decoder: self) }
}

private protocol FreelyKeyed {}
extension Dictionary: FreelyKeyed {}

/// The key of a list's element.
struct ListIndex: CodingKey {
    let intValue: Int?
    var stringValue: String { "\(intValue ?? 0)" }
    init(_ index: Int) { intValue = index }
    init?(intValue: Int) { self.init(intValue) }
    init?(stringValue: String) { nil }
}
