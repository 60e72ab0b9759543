/// The one normaliser of telephone numbers: every look-up, limit and consent goes by its result.
///
/// E.164 (`+` and 7 to 15 digits) where the number is international or the default country tells how to make it so;
/// short codes (3 to 6 digits) stay as they are. The SQLite plugin does the same in SQL; one table tests both.
public struct PhoneNumber: Hashable, Sendable {
    /// `+16195550123`, or `12345` for a short code.
    public let text: String

    /// True for a short code, which only the own country's networks understand.
    public var isShortCode: Bool { !text.hasPrefix("+") }

    /// Reads a number as people and programs write it; nil when it is none that a text can be sent to.
    ///
    /// - Parameter country: ISO 3166 code of the country whose national forms are understood, as `US`.
    public init?(_ written: String, country: String) {
        guard let (digits, international) = Self.digits(of: written) else { return nil }
        if international {
            guard let number = Self.international(digits) else { return nil }
            text = number
            return
        }
        if (3...6).contains(digits.count) {
            text = digits
            return
        }
        guard let plan = Self.plans[country], let national = plan.national(digits),
            let number = Self.international(plan.code + national)
        else { return nil }
        text = number
    }

    /// How a country writes its numbers at home.
    private struct Plan: Sendable {
        /// Calling code.
        var code: String
        /// What is dialled before a national number.
        var trunk: String
        /// Lengths of the national significant number.
        var lengths: ClosedRange<Int>

        /// The national significant number, or nil.
        func national(_ digits: String) -> String? {
            if lengths.contains(digits.count), trunk.isEmpty || !digits.hasPrefix(trunk) { return digits }
            if digits.hasPrefix(code), lengths.contains(digits.count - code.count) {
                return String(digits.dropFirst(code.count))
            }
            if !trunk.isEmpty, digits.hasPrefix(trunk), lengths.contains(digits.count - trunk.count) {
                return String(digits.dropFirst(trunk.count))
            }
            return nil
        }
    }

    private static let plans: [String: Plan] = [
        "US": Plan(code: "1", trunk: "", lengths: 10...10), "CA": Plan(code: "1", trunk: "", lengths: 10...10),
        "PR": Plan(code: "1", trunk: "", lengths: 10...10), "MX": Plan(code: "52", trunk: "", lengths: 10...10),
        "GB": Plan(code: "44", trunk: "0", lengths: 9...10), "IE": Plan(code: "353", trunk: "0", lengths: 7...9),
        "DE": Plan(code: "49", trunk: "0", lengths: 7...11), "AT": Plan(code: "43", trunk: "0", lengths: 7...12),
        "CH": Plan(code: "41", trunk: "0", lengths: 9...9), "FR": Plan(code: "33", trunk: "0", lengths: 9...9),
        "ES": Plan(code: "34", trunk: "", lengths: 9...9), "IT": Plan(code: "39", trunk: "", lengths: 8...11),
        "PT": Plan(code: "351", trunk: "", lengths: 9...9), "NL": Plan(code: "31", trunk: "0", lengths: 9...9),
        "BE": Plan(code: "32", trunk: "0", lengths: 8...9), "SE": Plan(code: "46", trunk: "0", lengths: 7...9),
        "NO": Plan(code: "47", trunk: "", lengths: 8...8), "DK": Plan(code: "45", trunk: "", lengths: 8...8),
        "FI": Plan(code: "358", trunk: "0", lengths: 6...10), "PL": Plan(code: "48", trunk: "", lengths: 9...9),
        "CZ": Plan(code: "420", trunk: "", lengths: 9...9), "TR": Plan(code: "90", trunk: "0", lengths: 10...10),
        "IN": Plan(code: "91", trunk: "0", lengths: 10...10), "BR": Plan(code: "55", trunk: "0", lengths: 10...11),
        "AR": Plan(code: "54", trunk: "0", lengths: 10...11), "CO": Plan(code: "57", trunk: "", lengths: 10...10),
        "CL": Plan(code: "56", trunk: "", lengths: 9...9), "PE": Plan(code: "51", trunk: "0", lengths: 8...9),
        "AU": Plan(code: "61", trunk: "0", lengths: 9...9), "NZ": Plan(code: "64", trunk: "0", lengths: 8...10),
        "ZA": Plan(code: "27", trunk: "0", lengths: 9...9), "JP": Plan(code: "81", trunk: "0", lengths: 9...10),
    ]

    /// The digits, and whether the number is marked international (`+` or `00`); nil where something else is in it.
    private static func digits(of written: String) -> (String, Bool)? {
        var digits = ""
        var plus = false
        for scalar in written.unicodeScalars {
            switch scalar {
            case "0"..."9": digits.unicodeScalars.append(scalar)
            case "+" where digits.isEmpty && !plus: plus = true
            case " ", "-", ".", "(", ")", "/", "\t", "\u{A0}", "\u{2010}", "\u{2011}", "\u{2013}", "\u{202F}": continue
            default: return nil
            }
        }
        if !plus, digits.hasPrefix("00") { return (String(digits.dropFirst(2)), true) }
        return digits.isEmpty ? nil : (digits, plus)
    }

    /// Checks the length, and for the North American plan the area code and exchange (NPA-NXX: neither begins with 0
    /// or 1).
    private static func international(_ digits: String) -> String? {
        guard (7...15).contains(digits.count), !digits.hasPrefix("0") else { return nil }
        if digits.hasPrefix("1") {
            let number = Array(digits.utf8)
            guard number.count == 11, number[1] >= UInt8(ascii: "2"), number[4] >= UInt8(ascii: "2") else {
                return nil
            }
        }
        return "+" + digits
    }
}
