import FoundationEssentials

/// JSON as `/api/v1` speaks it: keys in snake_case, times as `YYYY-MM-DDTHH:MM:SS.sssZ`, absent optionals left out.
///
/// Server and command line share it, so that neither can drift from the other.
public enum APICoding {
    /// The JSON of `value`, keys sorted so that two answers can be compared.
    ///
    /// - Parameter pretty: indented, for people.
    public static func encode(_ value: some Encodable, pretty: Bool = false) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .custom { path in
            Key(snakeCase(path.last?.stringValue ?? ""))
        }
        encoder.outputFormatting =
            pretty ? [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted] : [.sortedKeys, .withoutEscapingSlashes]
        return [UInt8](try encoder.encode(value))
    }

    /// Reads a value of `type`.
    ///
    /// - Throws: `DecodingError`; its coding path names the key that is wrong.
    public static func decode<Value: Decodable>(_ type: Value.Type, from bytes: some Sequence<UInt8>) throws -> Value {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .custom { path in
            Key(camelCase(path.last?.stringValue ?? ""))
        }
        return try decoder.decode(type, from: Data(bytes))
    }

    /// `modemUTCOffset` → `modem_utc_offset`; a run of capitals is one word.
    static func snakeCase(_ name: String) -> String {
        if let known = exceptions.first(where: { $0.camel == name }) { return known.snake }
        var out = ""
        let letters = Array(name)
        for (index, letter) in letters.enumerated() {
            if letter.isUppercase, index > 0 {
                let nextIsLower = index + 1 < letters.count && letters[index + 1].isLowercase
                if !letters[index - 1].isUppercase || nextIsLower { out.append("_") }
            }
            out.append(contentsOf: letter.lowercased())
        }
        return out
    }

    /// The inverse of `snakeCase` for the names our types have.
    static func camelCase(_ name: String) -> String {
        if let known = exceptions.first(where: { $0.snake == name }) { return known.camel }
        let words = name.split(separator: "_")
        guard let first = words.first else { return name }
        return words.dropFirst().reduce(String(first)) { camel, word in
            camel + word.prefix(1).uppercased() + word.dropFirst()
        }
    }

    /// Names with a run of capitals, from which the way back cannot be guessed.
    private static let exceptions: [(camel: String, snake: String)] = [
        ("signalDBm", "signal_dbm"),
        ("storageID", "storage_id"),
        ("modemUTCOffset", "modem_utc_offset"),
        ("processID", "process_id"),
        ("messageUID", "message_uid"),
    ]

    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(_ name: String) { stringValue = name }
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
}
