/// The seven octets of a time stamp as they were on the air (TS 23.040 §9.2.3.11): they are kept, because some networks
/// write a time that does not exist.
public struct TimeStamp: Sendable, Hashable {
    /// The octets, the first one highest; the top octet is zero.
    private var bits: UInt64

    static let length = 7

    /// 2000-01-01T00:00:00 and 2099-12-31T23:59:59.
    private static let firstSecond: Int64 = 946_684_800
    private static let lastSecond: Int64 = 4_102_444_799

    init(octets: ArraySlice<UInt8>) {
        bits = octets.reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// The time stamp of `time`; nil gives seven zero octets, which are no time. Offsets are whole quarters of an hour,
    /// and years two digits: a moment outside 2000...2099 becomes the first or the last of these.
    public init(_ time: ServiceCentreTime?) {
        guard let time else {
            bits = 0
            return
        }
        let quarters = max(-79, min(79, time.offsetMinutes / 15))
        let century = Self.firstSecond...Self.lastSecond
        let seconds = min(max(time.unixSeconds, century.lowerBound), century.upperBound) + Int64(quarters * 15 * 60)
        let local = CalendarTime(secondsSince1970: min(max(seconds, century.lowerBound), century.upperBound))
        let fields = [local.year - 2000, local.month, local.day, local.hour, local.minute, local.second]
        bits = fields.reduce(0) { $0 << 8 | UInt64(Self.swapped($1)) }
        bits = bits << 8 | UInt64(Self.swapped(abs(quarters)) | (quarters < 0 ? 0x08 : 0))
    }

    /// The moment, or nil when the octets are none: a digit that is not decimal, a month 13, a 30 February.
    public var time: ServiceCentreTime? {
        guard let year = number(0), let month = number(1), let day = number(2), let hour = number(3),
            let minute = number(4), let second = number(5)
        else { return nil }
        // The sign is bit 3 of the last octet, where the tens digit leaves room for it.
        let zone = UInt8(truncatingIfNeeded: bits)
        let (tens, ones) = (Int(zone & 0x07), Int(zone >> 4))
        guard ones <= 9 else { return nil }
        let minutes = (tens * 10 + ones) * 15
        let offset = zone & 0x08 == 0 ? minutes : -minutes
        let local = CalendarTime(
            year: 2000 + year, month: month, day: day, hour: hour, minute: minute, second: second)
        guard local.isValid else { return nil }
        return ServiceCentreTime(
            unixSeconds: local.secondsSince1970 - Int64(offset) * 60, offsetMinutes: offset)
    }

    /// The seven octets.
    public var octets: [UInt8] {
        (0..<Self.length).map { octet($0) }
    }

    private func octet(_ index: Int) -> UInt8 {
        UInt8(truncatingIfNeeded: bits >> UInt64(8 * (Self.length - 1 - index)))
    }

    private func number(_ index: Int) -> Int? {
        let octet = octet(index)
        let (tens, ones) = (Int(octet & 0x0F), Int(octet >> 4))
        return tens <= 9 && ones <= 9 ? tens * 10 + ones : nil
    }

    private static func swapped(_ number: Int) -> UInt8 {
        UInt8((number % 10) << 4 | number / 10)
    }
}
