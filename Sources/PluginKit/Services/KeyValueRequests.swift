/// A value to keep: `Host.keyValue.set`.
public struct KeyValueEntry: Sendable, Hashable {
    /// 1 to 256 bytes.
    public var key: String
    /// At most 65,536 bytes; all of a plugin's values together at most 1 MiB.
    public var value: [UInt8]
    /// When it is forgotten by itself; nil means never.
    public var expiresAt: Timestamp?

    public init(key: String, value: [UInt8], expiresAt: Timestamp? = nil) {
        self.key = key
        self.value = value
        self.expiresAt = expiresAt
    }
}

/// Which keys to list: `Host.keyValue.keys`.
public struct KeyValueQuery: Sendable, Hashable {
    /// "" for all.
    public var prefix: String
    /// Only keys that come after this one in the order of their bytes.
    public var after: String?
    /// 1...1000.
    public var limit: Int32

    public init(prefix: String = "", after: String? = nil, limit: Int32 = 1000) {
        self.prefix = prefix
        self.after = after
        self.limit = limit
    }
}
