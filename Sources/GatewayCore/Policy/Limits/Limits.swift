/// How much may be sent: what carriers take for a person's use of a SIM, and what no program should exceed. Nil is no
/// limit. A minute is any 60 seconds, a day a calendar day of the shop's time zone.
public struct Limits: Sendable, Hashable {
    /// Of one SIM, in parts: so the network counts.
    public struct SIM: Sendable, Hashable {
        public var perMinute: Int? = 15
        public var perDay: Int? = 1_000
        public var recipientsPerDay: Int? = 200

        public init() {}
    }

    /// In texts, of whatever length.
    public struct Rate: Sendable, Hashable {
        public var perMinute: Int?
        public var perDay: Int?

        public init(perMinute: Int?, perDay: Int?) {
            self.perMinute = perMinute
            self.perDay = perDay
        }
    }

    public var sim = SIM()
    /// To one number, from all SIMs.
    public var recipient = Rate(perMinute: 10, perDay: 100)
    /// Of one plugin: what it sends, and what it answers.
    public var plugin = Rate(perMinute: 60, perDay: 1_000)

    public init() {}

    /// No limit at all.
    public static let off: Limits = {
        var limits = Limits()
        limits.sim.perMinute = nil
        limits.sim.perDay = nil
        limits.sim.recipientsPerDay = nil
        limits.recipient = Rate(perMinute: nil, perDay: nil)
        limits.plugin = Rate(perMinute: nil, perDay: nil)
        return limits
    }()
}

/// Parts that all SIMs together may send in a day of the shop's.
public struct Budget: Sendable, Hashable {
    /// Nil: as many as the limits allow.
    public var perDay: Int?
    /// Percent of it at which an alarm says so.
    public var alarmAt = 80

    public init() {}
}

/// When a SIM is paused because its texts no longer arrive: networks filter silently, "sent" and dropped.
public struct DeliveredShare: Sendable, Hashable {
    /// Percent of the parts looked at that must have been delivered; nil: nothing is looked at.
    public var least: Int? = 50
    /// How many parts are looked at: the latest ones, of a day at most; with fewer nothing is said.
    public var parts = 20
    /// How old a part must be that has no report yet to count as not delivered.
    public var afterMilliseconds: Int64 = 1_800_000

    public init() {}
}
