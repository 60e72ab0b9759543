/// How far a SIM is in its limits; a limit that is nil is none.
public struct LimitUse: Sendable, Hashable, Codable {
    /// ICCID, or IMSI where the modem does not tell it.
    public var sim: String
    /// Parts within the last 60 seconds.
    public var minute: Int
    public var perMinute: Int?
    /// Parts today, by the shop's time zone.
    public var day: Int
    public var perDay: Int?
    /// Numbers written to today.
    public var recipients: Int
    public var recipientsPerDay: Int?
    /// Why nothing is sent from it until a person resumes it; nil when it is not paused.
    public var paused: String?

    public init(
        sim: String, minute: Int, perMinute: Int?, day: Int, perDay: Int?, recipients: Int, recipientsPerDay: Int?,
        paused: String?
    ) {
        self.sim = sim
        self.minute = minute
        self.perMinute = perMinute
        self.day = day
        self.perDay = perDay
        self.recipients = recipients
        self.recipientsPerDay = recipientsPerDay
        self.paused = paused
    }
}

/// The gateway's daily budget.
public struct BudgetUse: Sendable, Hashable, Codable {
    /// Parts of all SIMs today.
    public var spent: Int
    public var perDay: Int

    public init(spent: Int, perDay: Int) {
        self.spent = spent
        self.perDay = perDay
    }
}
