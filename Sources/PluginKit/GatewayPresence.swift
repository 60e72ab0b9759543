/// A gateway that works on a storage: `Storage.heartbeat`.
public struct GatewayPresence: Sendable, Hashable, Codable {
    /// As it claims: its id and its journal's.
    public var gateway: String
    public var version: String
    /// The SIMs in its modems, as the `sim` of rows names them.
    public var sims: [String]
    public var modems: Int32
    /// When it said so last, by the clock of where this is kept.
    public var seen: Timestamp
    /// Rows that it may begin now.
    public var claimed: Int64
    /// Rows that are its own until it settles them.
    public var sending: Int64

    /// What a gateway says of itself leaves the rest out.
    public init(
        gateway: String, version: String, sims: [String], modems: Int32, seen: Timestamp = Timestamp(milliseconds: 0),
        claimed: Int64 = 0, sending: Int64 = 0
    ) {
        self.gateway = gateway
        self.version = version
        self.sims = sims
        self.modems = modems
        self.seen = seen
        self.claimed = claimed
        self.sending = sending
    }
}
