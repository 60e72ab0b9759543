/// The time zone of a country that has only one, by its calling code (ITU-T E.164).
enum CountryZone {
    /// IANA zone of an E.164 number; nil for a country that has several, or that is not known here.
    static func name(of phone: String) -> String? {
        guard phone.hasPrefix("+") else { return nil }
        let digits = phone.dropFirst()
        // No calling code begins another one.
        for length in 1...3 {
            if let code = Int(digits.prefix(length)), let zone = zones[code] { return zone }
        }
        return nil
    }

    private static let zones: [Int: String] = [
        20: "Africa/Cairo", 27: "Africa/Johannesburg", 30: "Europe/Athens", 31: "Europe/Amsterdam",
        32: "Europe/Brussels", 33: "Europe/Paris", 36: "Europe/Budapest", 39: "Europe/Rome", 40: "Europe/Bucharest",
        41: "Europe/Zurich", 43: "Europe/Vienna", 44: "Europe/London", 45: "Europe/Copenhagen",
        46: "Europe/Stockholm", 47: "Europe/Oslo", 48: "Europe/Warsaw", 49: "Europe/Berlin", 51: "America/Lima",
        53: "America/Havana", 54: "America/Argentina/Buenos_Aires", 57: "America/Bogota", 58: "America/Caracas",
        60: "Asia/Kuala_Lumpur", 63: "Asia/Manila", 65: "Asia/Singapore", 66: "Asia/Bangkok", 81: "Asia/Tokyo",
        82: "Asia/Seoul", 84: "Asia/Ho_Chi_Minh", 86: "Asia/Shanghai", 90: "Europe/Istanbul", 91: "Asia/Kolkata",
        92: "Asia/Karachi", 94: "Asia/Colombo", 98: "Asia/Tehran", 212: "Africa/Casablanca", 213: "Africa/Algiers",
        216: "Africa/Tunis", 233: "Africa/Accra", 234: "Africa/Lagos", 254: "Africa/Nairobi", 352: "Europe/Luxembourg",
        353: "Europe/Dublin", 354: "Atlantic/Reykjavik", 356: "Europe/Malta", 358: "Europe/Helsinki",
        359: "Europe/Sofia", 370: "Europe/Vilnius", 371: "Europe/Riga", 372: "Europe/Tallinn", 381: "Europe/Belgrade",
        385: "Europe/Zagreb", 386: "Europe/Ljubljana", 420: "Europe/Prague", 421: "Europe/Bratislava",
        501: "America/Belize", 502: "America/Guatemala", 503: "America/El_Salvador", 504: "America/Tegucigalpa",
        505: "America/Managua", 506: "America/Costa_Rica", 507: "America/Panama", 509: "America/Port-au-Prince",
        591: "America/La_Paz", 592: "America/Guyana", 595: "America/Asuncion", 598: "America/Montevideo",
        852: "Asia/Hong_Kong", 880: "Asia/Dhaka", 886: "Asia/Taipei", 965: "Asia/Kuwait", 966: "Asia/Riyadh",
        971: "Asia/Dubai", 972: "Asia/Jerusalem", 977: "Asia/Kathmandu",
    ]
}
