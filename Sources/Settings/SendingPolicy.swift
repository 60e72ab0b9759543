/// What conductor.yaml says of when and how much is sent; nil where it says nothing.
public struct SendingPolicy: Sendable, Hashable {
    /// A number, or `off`.
    public enum Cap: Sendable, Hashable {
        case off
        case most(Int)

        /// Nil: no limit.
        public var number: Int? {
            switch self {
            case .off: nil
            case .most(let number): number
            }
        }
    }

    /// A time span, or `off`.
    public enum Wait: Sendable, Hashable {
        case off
        case most(Duration)
    }

    /// Hours of some days of the week.
    public struct Hours: Sendable, Hashable {
        /// 0 is Sunday, 6 Saturday.
        public var days: Set<Int>
        /// Minutes of the day, 0..<1440.
        public var start: Int
        /// 0...1440; at or before `start` it is meant of the following day.
        public var end: Int
    }

    /// When texts of a class may leave.
    public enum Window: Sendable, Hashable {
        case always
        case hours([Hours])
    }

    public struct Windows: Sendable, Hashable {
        /// `recipient` or `shop`.
        public var zone: String?
        public var conversation: Window?
        public var notice: Window?
        public var promotion: Window?
        public var afterContact: Duration?

        public init() {}
    }

    public struct Limits: Sendable, Hashable {
        public var simMinute: Cap?
        public var simDay: Cap?
        public var simRecipients: Cap?
        public var recipientMinute: Cap?
        public var recipientDay: Cap?
        public var pluginMinute: Cap?
        public var pluginDay: Cap?

        public init() {}

        /// `limits: off`
        static let off: Limits = {
            var limits = Limits()
            (limits.simMinute, limits.simDay, limits.simRecipients) = (.off, .off, .off)
            (limits.recipientMinute, limits.recipientDay) = (.off, .off)
            (limits.pluginMinute, limits.pluginDay) = (.off, .off)
            return limits
        }()
    }

    public struct DeliveredShare: Sendable, Hashable {
        /// Percent, 1...100.
        public var least: Cap?
        /// 5...1000.
        public var parts: Int?
        public var after: Duration?

        public init() {}
    }

    public var windows = Windows()
    public var limits = Limits()
    public var budget: Cap?
    /// Percent, 1...100.
    public var budgetAlarm: Int?
    public var deliveredShare = DeliveredShare()
    public var maxWait: Wait?

    public init() {}
}
