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
        let offset = Int(offsetMinutes.magnitude)
        guard (0...9_999).contains(local.year), offset < 6_000 else {
            return "\(unixSeconds) s after 1970, \(offsetMinutes) min ahead of UTC"
        }
        // Fixed places: a time is made for every line of `pdu decode`.
        return String(unsafeUninitializedCapacity: 25) { place in
            Self.write(local.year / 100, 0x30, to: place, at: 0)
            Self.write(local.year % 100, 0x2D, to: place, at: 2)
            Self.write(local.month, 0x2D, to: place, at: 5)
            Self.write(local.day, 0x54, to: place, at: 8)
            Self.write(local.hour, 0x3A, to: place, at: 11)
            Self.write(local.minute, 0x3A, to: place, at: 14)
            Self.write(local.second, offsetMinutes < 0 ? 0x2D : 0x2B, to: place, at: 17)
            Self.write(offset / 60, 0x3A, to: place, at: 20)
            place[23] = UInt8(offset % 60 / 10) + 0x30
            place[24] = UInt8(offset % 60 % 10) + 0x30
            return 25
        }
    }

    /// Two digits and the character behind them.
    @inline(__always)
    private static func write(_ value: Int, _ next: UInt8, to place: UnsafeMutableBufferPointer<UInt8>, at index: Int) {
        place[index] = UInt8(value / 10) + 0x30
        place[index + 1] = UInt8(value % 10) + 0x30
        place[index + 2] = next
    }
}
