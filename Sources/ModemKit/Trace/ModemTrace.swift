/// What is kept of the traffic with a modem.
public struct ModemTrace: Sendable, Hashable {
    /// The modem; nil for a port that leads to none.
    public var modem: ModemID?
    public var port: String
    /// Another one means that numbering began anew: the gateway was started since.
    public var run: String
    /// The number of the last entry there is, whether or not it was asked for.
    public var newest: Int
    /// Oldest first.
    public var entries: [TraceEntry]

    public init(modem: ModemID?, port: String, run: String, newest: Int, entries: [TraceEntry]) {
        self.modem = modem
        self.port = port
        self.run = run
        self.newest = newest
        self.entries = entries
    }
}
