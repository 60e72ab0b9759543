/// A moment as a service centre writes it, with the offset of its local time.
public struct ServiceCentreTime: Sendable, Hashable, CustomStringConvertible {
    /// Seconds since 1970-01-01T00:00:00Z.
    public var unixSeconds: Int64
    /// Minutes that local time is ahead of UTC; quarters of an hour on the air, -1185...1185.
    public var offsetMinutes: Int

    /// The moment `unixSeconds` UTC, written in the local time `offsetMinutes` ahead of it.
    public init(unixSeconds: Int64, offsetMinutes: Int) {
        self.unixSeconds = unixSeconds
        self.offsetMinutes = offsetMinutes
    }

    /// ISO 8601 in local time with its offset, as `2011-02-28T11:50:50-05:00`.
    public var description: String {
        let local = CalendarTime(secondsSince1970: unixSeconds + Int64(offsetMinutes) * 60)
        let offset = offsetMinutes.magnitude
        let sign = offsetMinutes < 0 ? "-" : "+"
        return "\(Self.digits(local.year, 4))-\(Self.digits(local.month, 2))-\(Self.digits(local.day, 2))"
            + "T\(Self.digits(local.hour, 2)):\(Self.digits(local.minute, 2)):\(Self.digits(local.second, 2))"
            + "\(sign)\(Self.digits(Int(offset / 60), 2)):\(Self.digits(Int(offset % 60), 2))"
    }

    private static func digits(_ value: Int, _ width: Int) -> String {
        let text = String(value)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }
}
