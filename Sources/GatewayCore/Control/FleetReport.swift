public import PluginKit

/// `conductor status --fleet`: the gateways that work on the storage that serves.
public struct FleetReport: Sendable, Hashable, Codable {
    /// In the order of their names.
    public var gateways: [Member]
    /// Why storage does not say; the gateways are then those it named last.
    public var problem: String?

    /// One gateway.
    public struct Member: Sendable, Hashable, Codable {
        /// `gateway.id` of its configuration.
        public var gateway: String
        /// Tells its state folder from another one of the same id.
        public var journal: String
        public var version: String
        /// When it spoke last, by storage's clock.
        public var seen: Timestamp
        /// The same where that is too long ago; else nil.
        public var silentSince: Timestamp?
        public var modems: Int
        /// ICCID or IMSI of each.
        public var sims: [String]
        /// Rows that it may begin now.
        public var claimed: Int
        /// Rows that are its own until it settles them.
        public var sending: Int
        /// The one that was asked.
        public var isThis: Bool

        /// As rows name their owner.
        public var name: String { journal.isEmpty ? gateway : "\(gateway)/\(journal)" }

        public init(
            gateway: String, journal: String, version: String, seen: Timestamp, silentSince: Timestamp? = nil,
            modems: Int, sims: [String], claimed: Int = 0, sending: Int = 0, isThis: Bool = false
        ) {
            self.gateway = gateway
            self.journal = journal
            self.version = version
            self.seen = seen
            self.silentSince = silentSince
            self.modems = modems
            self.sims = sims
            self.claimed = claimed
            self.sending = sending
            self.isThis = isThis
        }
    }

    public init(gateways: [Member], problem: String? = nil) {
        self.gateways = gateways
        self.problem = problem
    }

    /// - Parameter asker: has just been heard, and so tells what storage's clock says.
    init(_ presences: [GatewayPresence], asker: String, silentMilliseconds: Int64) {
        let now = presences.first { $0.gateway == asker }?.seen
        self.init(
            gateways: presences.map { presence in
                let parts = presence.gateway.split(separator: "/", omittingEmptySubsequences: false)
                let silence = (now ?? presence.seen).milliseconds - presence.seen.milliseconds
                return Member(
                    gateway: parts.count > 1 ? parts.dropLast().joined(separator: "/") : presence.gateway,
                    journal: parts.count > 1 ? parts.last.map(String.init) ?? "" : "", version: presence.version,
                    seen: presence.seen, silentSince: silence >= silentMilliseconds ? presence.seen : nil,
                    modems: Int(presence.modems), sims: presence.sims, claimed: Int(presence.claimed),
                    sending: Int(presence.sending), isThis: presence.gateway == asker)
            })
    }
}
