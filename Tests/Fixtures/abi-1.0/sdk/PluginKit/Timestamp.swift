/// A moment: milliseconds since 1970-01-01T00:00:00Z, without leap seconds.
///
/// Its text form is `YYYY-MM-DDTHH:MM:SS.sssZ` everywhere: in SQLite, in the API, in events.
public struct Timestamp: Hashable, Comparable, Sendable {
    /// Milliseconds since the epoch; negative before it.
    public var milliseconds: Int64

    public init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    public static func < (left: Self, right: Self) -> Bool {
        left.milliseconds < right.milliseconds
    }
}
