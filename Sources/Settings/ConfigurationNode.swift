import Glibc

/// One value of a YAML file, with its place. Scalars follow YAML 1.2's core schema, so that `yes`, `no` and `on` are
/// words, and a number with a leading `+` or `0` is a text: telephone numbers stay whole.
public struct ConfigurationNode: Sendable {
    /// What stands there.
    public enum Content: Sendable {
        /// A text, and whether it stands without quotes.
        case scalar(String, plain: Bool)
        case list([ConfigurationNode])
        /// In the order of the file.
        case mapping([Entry])
    }

    /// A key with its value.
    public struct Entry: Sendable {
        public let key: String
        public let line: Int
        public let column: Int
        public let value: ConfigurationNode
    }

    public let file: String
    /// From 1.
    public let line: Int
    /// From 1.
    public let column: Int
    /// As `modems[0].match`; "" at the top.
    public let path: String
    public let content: Content

    /// An error at this place, its message begun with the path.
    public func error(_ message: String) -> ConfigurationError {
        ConfigurationError(
            file: file, line: line, column: column, message: path.isEmpty ? message : "\(path): \(message)")
    }

    /// Nothing, `~` or `null`.
    public var isNull: Bool {
        guard case .scalar(let text, plain: true) = content else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(text)
    }

    var kind: String {
        switch content {
        case .scalar: isNull ? "empty" : "a single value"
        case .list: "a list"
        case .mapping: "a mapping"
        }
    }

    // MARK: Reading

    /// A mapping whose keys are all among `keys`; nothing at all counts as an empty one.
    ///
    /// - Throws: at the first other key, with the nearest known one.
    public func mapping(keys: [String]) throws(ConfigurationError) -> ConfigurationMapping {
        if isNull { return ConfigurationMapping(node: self, entries: [:]) }
        guard case .mapping(let entries) = content else {
            throw error("must be a mapping of keys to values, but is \(kind)")
        }
        var found: [String: ConfigurationNode] = [:]
        for entry in entries {
            guard keys.contains(entry.key) else { throw unknownKey(entry, known: keys) }
            found[entry.key] = entry.value
        }
        return ConfigurationMapping(node: self, entries: found)
    }

    /// The elements of a list; nothing at all counts as an empty one.
    public func list() throws(ConfigurationError) -> [ConfigurationNode] {
        if isNull { return [] }
        guard case .list(let elements) = content else { throw error("must be a list, but is \(kind)") }
        return elements
    }

    /// A text that is not empty, quoted or not.
    public func string() throws(ConfigurationError) -> String {
        guard case .scalar(let text, _) = content, !isNull, !text.isEmpty else {
            throw error("must be a text, but is \(kind)")
        }
        return text
    }

    /// A whole number within `range`.
    public func integer(in range: ClosedRange<Int>) throws(ConfigurationError) -> Int {
        guard case .scalar(let text, plain: true) = content, let number = Int(text), range.contains(number) else {
            throw error("must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// `true` or `false`.
    public func bool() throws(ConfigurationError) -> Bool {
        guard case .scalar(let text, plain: true) = content, let value = Self.booleans[text] else {
            throw error("must be true or false")
        }
        return value
    }

    /// One of the given words.
    public func word(among words: [String]) throws(ConfigurationError) -> String {
        let text = try string()
        guard words.contains(text) else {
            throw error("\"\(text)\" is not one of \(words.joined(separator: ", "))")
        }
        return text
    }

    /// A time span as `250ms`, `30s`, `15m`, `1h` or `7d`.
    public func duration() throws(ConfigurationError) -> Duration {
        let text = try string()
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let amount = Int64(digits), amount <= 1_000_000_000,
            let unit = Self.units[String(text.dropFirst(digits.count))]
        else { throw error("must be a time span as 30s, 15m, 1h or 7d") }
        return unit * Int(amount)
    }

    static let booleans = [
        "true": true, "True": true, "TRUE": true, "false": false, "False": false, "FALSE": false,
    ]
    private static let units: [String: Duration] = [
        "ms": .milliseconds(1), "s": .seconds(1), "m": .seconds(60), "h": .seconds(3600), "d": .seconds(86_400),
    ]
}

/// A mapping whose keys have been checked.
public struct ConfigurationMapping: Sendable {
    /// Where it stands.
    public let node: ConfigurationNode
    private let entries: [String: ConfigurationNode]

    init(node: ConfigurationNode, entries: [String: ConfigurationNode]) {
        self.node = node
        self.entries = entries
    }

    /// The value of a key; nil when it is absent or empty.
    public subscript(key: String) -> ConfigurationNode? {
        entries[key].flatMap { $0.isNull ? nil : $0 }
    }

    /// The value of a key.
    ///
    /// - Throws: when it is absent or empty.
    public func require(_ key: String) throws(ConfigurationError) -> ConfigurationNode {
        guard let value = self[key] else { throw node.error("the key \"\(key)\" is missing") }
        return value
    }
}
