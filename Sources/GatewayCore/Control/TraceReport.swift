public import ModemKit
public import PluginKit

/// The AT traffic with a modem as it is kept, with numbers, texts and codes masked: `GET /api/v1/modems/{imei}/trace`.
public struct TraceReport: Sendable, Hashable, Codable {
    /// One thing that happened on a port.
    public struct Entry: Sendable, Hashable, Codable {
        /// Rises by one; where it leaps, entries are not kept any more.
        public var number: Int
        public var at: Timestamp
        public var kind: TraceEntry.Kind
        /// The path of a port beside the one that the modem is served on.
        public var port: String?
        /// ASCII with its control characters; of a `note` its words.
        public var data: String

        public init(number: Int, at: Timestamp, kind: TraceEntry.Kind, port: String? = nil, data: String) {
            self.number = number
            self.at = at
            self.kind = kind
            self.port = port
            self.data = data
        }
    }

    /// Absent for a port that leads to no modem.
    public var imei: String?
    public var port: String
    /// Another one than before means that numbers began anew.
    public var run: String
    /// The number of the last entry there is.
    public var newest: Int
    /// Oldest first.
    public var entries: [Entry]

    public init(imei: String?, port: String, run: String, newest: Int, entries: [Entry]) {
        self.imei = imei
        self.port = port
        self.run = run
        self.newest = newest
        self.entries = entries
    }

    init(_ trace: ModemTrace) {
        self.init(
            imei: trace.modem?.rawValue, port: trace.port, run: trace.run, newest: trace.newest,
            entries: trace.entries.map { entry in
                Entry(
                    number: entry.number, at: Timestamp(milliseconds: entry.at), kind: entry.kind, port: entry.port,
                    data: entry.data)
            })
    }
}
