import Glibc
import PluginKit

/// Times and amounts as people say them.
enum HumanTime {
    /// `just now`, `5 min ago`, `in 2 h`, beyond a day the local date and time.
    static func relative(_ time: Timestamp, now: Timestamp) -> String {
        let seconds = (now.milliseconds - time.milliseconds) / 1000
        let distance = abs(seconds)
        guard distance < 86_400 else { return local(time) }
        if distance < 5 { return "just now" }
        return seconds > 0 ? "\(duration(distance)) ago" : "in \(duration(distance))"
    }

    /// The largest unit, and the next one where it matters.
    static func duration(_ seconds: Int64) -> String {
        switch seconds {
        case ..<60: "\(seconds) s"
        case ..<3600: "\(seconds / 60) min"
        case ..<86_400: seconds / 60 % 60 == 0 ? "\(seconds / 3600) h" : "\(seconds / 3600) h \(seconds / 60 % 60) min"
        default: "\(seconds / 86_400) d \(seconds / 3600 % 24) h"
        }
    }

    /// `2026-11-24 09:05` in the machine's time zone.
    static func local(_ time: Timestamp) -> String {
        let parts = fields(time)
        return "\(pad(parts.tm_year + 1900, 4))-\(pad(parts.tm_mon + 1))-\(pad(parts.tm_mday)) "
            + "\(pad(parts.tm_hour)):\(pad(parts.tm_min))"
    }

    /// `09:05:12` in the machine's time zone.
    static func clock(_ time: Timestamp) -> String {
        let parts = fields(time)
        return "\(pad(parts.tm_hour)):\(pad(parts.tm_min)):\(pad(parts.tm_sec))"
    }

    static var now: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }

    /// `12,345`.
    static func count(_ number: Int64) -> String {
        var out = ""
        for (index, digit) in String(number.magnitude).reversed().enumerated() {
            if index > 0, index % 3 == 0 { out.append(",") }
            out.append(digit)
        }
        return (number < 0 ? "-" : "") + String(out.reversed())
    }

    /// `12 kB`, `345 MB`, in powers of 1000, as quotas are told.
    static func size(_ bytes: Int64) -> String {
        bytes < 1_000_000 ? "\(count((bytes + 999) / 1_000)) kB" : "\(count(bytes / 1_000_000)) MB"
    }

    private static func fields(_ time: Timestamp) -> tm {
        var seconds = time_t(time.milliseconds >= 0 ? time.milliseconds / 1000 : (time.milliseconds - 999) / 1000)
        var parts = tm()
        localtime_r(&seconds, &parts)
        return parts
    }

    private static func pad(_ number: Int32, _ digits: Int = 2) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
}
