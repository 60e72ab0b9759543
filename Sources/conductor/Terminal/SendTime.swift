import Glibc
import PluginKit

/// What people write after `--at`.
enum SendTime {
    /// `+30m`, `+2h`, `+1d`; `09:00` (today, else tomorrow); `2026-11-24 09:00` (local);
    /// `2026-11-24T09:00:00Z` or with an offset. nil for anything else.
    static func parse(_ text: String, now: Timestamp) -> Timestamp? {
        if text.hasPrefix("+") { return relative(text.dropFirst(), now: now) }
        let halves = text.split(whereSeparator: { $0 == " " || $0 == "T" })
        if halves.count == 1, let clock = clock(halves[0]) {
            return nextClock(clock, now: now)
        }
        guard halves.count == 2, let day = day(halves[0]) else { return nil }
        let (time, offset) = splitOffset(halves[1])
        guard let clock = clock(time) else { return nil }
        if let offset {
            guard let minutes = offsetMinutes(offset) else { return nil }
            return moment(day, clock, offsetMinutes: minutes)
        }
        return moment(day, clock, offsetMinutes: nil)
    }

    private static func relative(_ text: Substring, now: Timestamp) -> Timestamp? {
        let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
        guard let unit = text.last.flatMap({ units[$0] }), let count = Int64(text.dropLast()), count >= 0,
            count < 1_000_000
        else { return nil }
        return Timestamp(milliseconds: now.milliseconds + count * unit * 1000)
    }

    private static func day(_ text: Substring) -> (year: Int32, month: Int32, day: Int32)? {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false).map { Int32($0) }
        guard parts.count == 3, let year = parts[0], let month = parts[1], let day = parts[2],
            (1970...9999).contains(year), (1...12).contains(month)
        else { return nil }
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let lengths: [Int32] = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        guard (1...lengths[Int(month) - 1]).contains(day) else { return nil }
        return (year, month, day)
    }

    private static func clock(_ text: Substring) -> (hour: Int32, minute: Int32, second: Int32)? {
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

    private static func nextClock(_ clock: (hour: Int32, minute: Int32, second: Int32), now: Timestamp) -> Timestamp? {
        var seconds = time_t(now.milliseconds / 1000)
        var fields = tm()
        localtime_r(&seconds, &fields)
        let today = (year: fields.tm_year + 1900, month: fields.tm_mon + 1, day: fields.tm_mday)
        guard let time = moment(today, clock, offsetMinutes: nil) else { return nil }
        if time > now { return time }
        // mktime turns a day past the month's end into the next month's first.
        return moment((today.year, today.month, today.day + 1), clock, offsetMinutes: nil)
    }

    private static func moment(
        _ day: (year: Int32, month: Int32, day: Int32), _ clock: (hour: Int32, minute: Int32, second: Int32),
        offsetMinutes: Int64?
    ) -> Timestamp? {
        var fields = tm()
        fields.tm_year = day.year - 1900
        fields.tm_mon = day.month - 1
        fields.tm_mday = day.day
        fields.tm_hour = clock.hour
        fields.tm_min = clock.minute
        fields.tm_sec = clock.second
        fields.tm_isdst = -1
        if let offsetMinutes {
            let seconds = Int64(timegm(&fields))
            return Timestamp(milliseconds: (seconds - offsetMinutes * 60) * 1000)
        }
        let seconds = mktime(&fields)
        return seconds == -1 ? nil : Timestamp(milliseconds: Int64(seconds) * 1000)
    }
}
