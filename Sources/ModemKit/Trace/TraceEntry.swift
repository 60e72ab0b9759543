/// One thing that happened on a modem's port, as it is kept: with numbers, texts and codes masked.
public struct TraceEntry: Sendable, Hashable {
    /// What it was.
    public enum Kind: String, Sendable, Hashable, Codable {
        /// Octets went to the modem.
        case sent
        /// A line, or a prompt, came from it.
        case received
        /// Nothing on the line: the port was opened or lost, a step was taken, a time was over.
        case note
    }

    /// Rises by one from entry to entry of a modem; where it leaps, entries are not kept any more.
    public var number: Int
    /// Milliseconds since 1970, by the wall clock as it was when the trace was asked for.
    public var at: Int64
    public var kind: Kind
    /// The path of the port, where it is another than the one that the modem is served on.
    public var port: String?
    /// ASCII, with its control characters; of a note its words.
    public var data: String

    public init(number: Int, at: Int64, kind: Kind, port: String? = nil, data: String) {
        self.number = number
        self.at = at
        self.kind = kind
        self.port = port
        self.data = data
    }
}
