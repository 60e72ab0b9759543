internal import PluginKit

/// The header `Retry-After` (RFC 9110 §10.2.3): seconds, or a date.
enum RetryAfter {
    /// Longer than this, nobody means it.
    private static let longest: Int64 = 3_600_000
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// Milliseconds from now; nil for what is neither.
    static func milliseconds(_ value: String?, now: Timestamp = HostFunctions.timeOfDay) -> Int64? {
        guard let value else { return nil }
        if let seconds = Int64(value) { return seconds < 0 ? nil : min(seconds, longest / 1000) * 1000 }
        // `Sun, 06 Nov 1994 08:49:37 GMT`
        let parts = value.split(separator: " ")
        guard parts.count == 6, parts[5] == "GMT", let month = months.firstIndex(of: String(parts[2])) else {
            return nil
        }
        let number = month < 9 ? "0\(month + 1)" : "\(month + 1)"
        guard let moment = Timestamp("\(parts[3])-\(number)-\(parts[1])T\(parts[4]).000Z") else { return nil }
        return min(max(0, moment.milliseconds - now.milliseconds), longest)
    }
}
