import Foundation
import PluginKit

/// What people write after `--at`.
enum SendTime {
    private typealias Day = (year: Int32, month: Int32, day: Int32)
    private typealias Clock = (hour: Int32, minute: Int32, second: Int32)

    /// What is written, before it is known whose clock counts.
    private enum Written {
        case moment(Timestamp)
        case wall(Day, Clock)
        case next(Clock)
    }

    /// A time that is left out when the clocks are put forward.
    struct Gap: Error, Equatable {
        /// What is said of it.
        var sentence: String
    }

    /// Whether it can be read, and means nothing without a time zone.
    static func needsZone(_ text: String) -> Bool {
        switch read(text, now: HumanTime.now) {
        case .wall, .next: true
        case .moment, nil: false
        }
    }

    /// `+30m`, `+2h`, `+1d`; `09:00` (the next one); `2026-11-24 09:00` (both by the clock of `zone`);
    /// `2026-11-24T09:00:00Z` or with an offset. nil for anything else. A time that comes twice, when the clocks are put
    /// back, is the first of both.
    static func parse(
        _ text: String, now: Timestamp, zone: TimeZone = .current
    ) throws(Gap) -> Timestamp? {
        switch read(text, now: now) {
        case nil: return nil
        case .moment(let time): return time
        case .wall(let day, let clock): return try moment(dayNumber(day), clock, zone)
        case .next(let clock):
            let wall = now.milliseconds / 1_000 + offset(now.milliseconds / 1_000, zone)
            let today = try moment(wall / 86_400, clock, zone)
            return today > now ? today : try moment(wall / 86_400 + 1, clock, zone)
        }
    }

    private static func read(_ text: String, now: Timestamp) -> Written? {
        if text.hasPrefix("+") { return relative(text.dropFirst(), now: now).map(Written.moment) }
        let halves = text.split(whereSeparator: { $0 == " " || $0 == "T" })
        if halves.count == 1, let clock = clock(halves[0]) { return .next(clock) }
        guard halves.count == 2, let day = day(halves[0]) else { return nil }
        let (time, offset) = splitOffset(halves[1])
        guard let clock = clock(time) else { return nil }
        guard let offset else { return .wall(day, clock) }
        guard let minutes = offsetMinutes(offset) else { return nil }
        let seconds = dayNumber(day) * 86_400 + ofDay(clock) - minutes * 60
        return .moment(Timestamp(milliseconds: seconds * 1_000))
    }

    private static func relative(_ text: Substring, now: Timestamp) -> Timestamp? {
        let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
        guard let unit = text.last.flatMap({ units[$0] }), let count = Int64(text.dropLast()), count >= 0,
            count < 1_000_000
        else { return nil }
        return Timestamp(milliseconds: now.milliseconds + count * unit * 1000)
    }

    private static func day(_ text: Substring) -> Day? {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false).map { Int32($0) }
        guard parts.count == 3, let year = parts[0], let month = parts[1], let day = parts[2],
            (1970...9999).contains(year), (1...12).contains(month)
        else { return nil }
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let lengths: [Int32] = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        guard (1...lengths[Int(month) - 1]).contains(day) else { return nil }
        return (year, month, day)
    }

    private static func clock(_ text: Substring) -> Clock? {
        let whole = text.split(separator: ".", maxSplits: 1).first ?? ""
        let parts = whole.split(separator: ":", omittingEmptySubsequences: false).map { Int32($0) }
        guard (2...3).contains(parts.count), let hour = parts[0], let minute = parts[1],
            let second = parts.count == 3 ? parts[2] : 0, (0...23).contains(hour), (0...59).contains(minute),
            (0...59).contains(second)
        else { return nil }
        return (hour, minute, second)
    }

    private static func splitOffset(_ text: Substring) -> (Substring, Substring?) {
        guard let mark = text.firstIndex(where: { "Zz+-".contains($0) }) else { return (text, nil) }
        return (text[..<mark], text[mark...])
    }

    private static func offsetMinutes(_ text: Substring) -> Int64? {
        if text == "Z" || text == "z" { return 0 }
        guard let clock = clock(text.dropFirst()) else { return nil }
        let minutes = Int64(clock.hour * 60 + clock.minute)
        return text.first == "-" ? -minutes : minutes
    }

    /// Days since 1970.
    private static func dayNumber(_ day: Day) -> Int64 {
        var fields = tm()
        (fields.tm_year, fields.tm_mon, fields.tm_mday) = (day.year - 1_900, day.month - 1, day.day)
        return Int64(timegm(&fields)) / 86_400
    }

    private static func ofDay(_ clock: Clock) -> Int64 {
        Int64(clock.hour) * 3_600 + Int64(clock.minute) * 60 + Int64(clock.second)
    }

    /// When the clock of `zone` shows it.
    private static func moment(_ day: Int64, _ clock: Clock, _ zone: TimeZone) throws(Gap) -> Timestamp {
        let wall = day * 86_400 + ofDay(clock)
        let instants = [wall - 86_400, wall + 86_400].map { offset($0, zone) }.map { wall - $0 }
            .filter { wall - $0 == offset($0, zone) }
        guard let first = instants.min() else {
            throw Gap(
                sentence: "the clocks are put forward then, and this time is left out in \(zone.identifier): "
                    + "write an earlier or a later one")
        }
        return Timestamp(milliseconds: first * 1_000)
    }

    private static func offset(_ instant: Int64, _ zone: TimeZone) -> Int64 {
        Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(instant))))
    }
}
