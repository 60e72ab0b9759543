/// Calendar time as TS 27.005 prints it: `yy/MM/dd,hh:mm:ss±zz`, zone in quarters of an hour.
struct ModemTime {
    var unixSeconds: Int64
    var zoneMinutes: Int

    var text: String {
        let local = unixSeconds + Int64(zoneMinutes) * 60
        let days = local >= 0 ? local / 86_400 : (local - 86_399) / 86_400
        let second = Int(local - days * 86_400)
        let (year, month, day) = Self.civil(days)
        let quarters = abs(zoneMinutes) / 15
        return "\(two(year % 100))/\(two(month))/\(two(day)),\(two(second / 3600)):\(two(second / 60 % 60)):"
            + "\(two(second % 60))\(zoneMinutes < 0 ? "-" : "+")\(two(quarters))"
    }

    private func two(_ value: Int) -> String { value < 10 ? "0\(value)" : String(value) }

    /// The Gregorian date `days` after 1970-01-01 (H. Hinnant, "chrono-compatible low-level date algorithms").
    private static func civil(_ days: Int64) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (Int(year), Int(month), Int(day))
    }
}
