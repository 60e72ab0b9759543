/// One figure for `/metrics`: `Host.metrics`. It appears as `conductor_plugin_NAME{plugin="DROP-IN",…}`, a
/// counter with `_total` at its name's end.
public struct MetricSample: Sendable, Hashable {
    public enum Kind: UInt32, Sendable, Hashable {
        /// Adds; not negative.
        case counter = 1
        /// Sets.
        case gauge = 2
        /// Puts a value into its bucket; seconds where it is a time.
        case histogram = 3
    }

    public var kind: Kind
    /// Lower-case letters, digits and `_`, beginning with a letter; at most 64 bytes. One name has one kind.
    /// It does not end in `_bucket`, `_count` or `_sum`, and in `_total` only where it counts.
    public var name: String
    /// At most 8, in any order; names as above. No numbers of people, please: each value is a series of its own, and a
    /// plugin has at most 200.
    public var labels: [String: String]
    public var value: Double

    public init(_ kind: Kind, name: String, labels: [String: String] = [:], value: Double) {
        self.kind = kind
        self.name = name
        self.labels = labels
        self.value = value
    }
}
