/// The one normaliser of telephone numbers: every look-up, limit and consent goes by its result.
///
/// E.164 (`+` and the calling code) where the number is international or the default country tells how to make it so;
/// short codes (3 to 6 digits) stay as they are. It says whether a number can be one, not whether somebody has it: which
/// blocks are in use changes every month. The SQLite plugin does the same in SQL; one table tests both.
public struct PhoneNumber: Hashable, Sendable {
    /// `+16195550123`, or `12345` for a short code.
    public let text: String

    /// True for a short code, which only the own country's networks understand. It may be texted (operators' services
    /// are reached so) and is never answered by itself.
    public var isShortCode: Bool { !text.hasPrefix("+") }

    /// IANA zones whose clocks count for it: several where its area or country lies in several; empty where it does not
    /// tell.
    public var zones: [String] { Self.zones(of: text) }

    static func zones(of phone: String) -> [String] {
        let names = AreaZone.names(of: phone)
        return names.isEmpty ? CountryZone.names(of: phone) : names
    }

    /// Reads a number as people and programs write it; nil when it is none that a text can be sent to.
    ///
    /// - Parameter country: ISO 3166 code of the country whose national forms are understood, as `US`.
    public init?(_ written: String, country: String) {
        // (0) stands for what is dialled at home, and is no part of the international number.
        let mayHaveTrunk = written.utf8.contains(UInt8(ascii: "(")) && written.contains("+")
        let withoutTrunk = mayHaveTrunk ? written.replacing("(0)", with: "") : written
        guard let number = WrittenNumber(withoutTrunk) else { return nil }
        let plan = NumberingPlans.plan(of: country)
        guard let text = Self.read(number, plan, country) else { return nil }
        self.text = text
    }

    private static func read(_ number: WrittenNumber, _ plan: NumberingPlans.Plan?, _ country: String) -> String? {
        let digits = number.digits
        // No text of ours ever goes to the emergency services.
        if !number.isInternational, EmergencyNumbers.has(digits, in: country) { return nil }
        if number.isInternational { return international(digits) }
        if let exit = plan?.exit, digits.hasPrefix(exit), let text = international(String(digits.dropFirst(exit.count)))
        {
            return text
        }
        if digits.hasPrefix("00") { return international(String(digits.dropFirst(2))) }
        if let plan, let national = national(digits, plan) { return international(plan.code + national) }
        return isShortCode(digits) ? digits : nil
    }

    /// The national significant number of digits that are written without a mark.
    private static func national(_ digits: String, _ plan: NumberingPlans.Plan) -> String? {
        let (code, trunk, count) = (plan.code, plan.trunk, digits.count)
        let all = NumberingPlans.code(of: code)?.lengths ?? plan.mobile
        let startsWithTrunk = !trunk.isEmpty && digits.hasPrefix(trunk)
        func without(_ prefix: String, _ lengths: NumberingPlans.Lengths) -> String? {
            guard digits.hasPrefix(prefix), lengths.has(count - prefix.count) else { return nil }
            return String(digits.dropFirst(prefix.count))
        }
        if startsWithTrunk, let national = without(trunk, all) { return national }
        // Where the trunk prefix is always written, what begins with the calling code is international without its plus.
        if !trunk.isEmpty, let national = without(code, plan.mobile) { return national }
        if plan.mobile.has(count), !startsWithTrunk { return digits }
        if let national = without(code, plan.mobile) { return national }
        // Lines of other lengths. Few digits are more likely a short code.
        if count > 6, all.has(count), !startsWithTrunk { return digits }
        return without(code, all)
    }

    /// Checks calling code and length, and for the North American plan the area code and exchange (NPA-NXX: neither
    /// begins with 0 or 1).
    private static func international(_ digits: String) -> String? {
        guard let (code, lengths) = NumberingPlans.code(of: digits), lengths.has(digits.count - code.count) else {
            return nil
        }
        let first = digits.first
        guard !digits.dropFirst(code == "1" ? 1 : 0).allSatisfy({ $0 == digits.last }), first != "0" else {
            // 5555555555: what people type where a number is demanded.
            return nil
        }
        if code == "1" {
            let number = Array(digits.utf8)
            guard number[1] >= UInt8(ascii: "2"), number[4] >= UInt8(ascii: "2") else { return nil }
        }
        return "+" + digits
    }

    private static func isShortCode(_ digits: String) -> Bool {
        (3...6).contains(digits.count) && !digits.hasPrefix("0")
    }
}
