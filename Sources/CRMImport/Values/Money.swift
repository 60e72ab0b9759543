/// Which sign stands before the fraction of a number.
public enum DecimalSign: String, Sendable, Hashable, CaseIterable {
    case point
    case comma

    var byte: UInt8 { self == .point ? UInt8(ascii: ".") : UInt8(ascii: ",") }
    var grouping: UInt8 { self == .point ? UInt8(ascii: ",") : UInt8(ascii: ".") }
}

/// Amounts of money as people and tills write them: `1234.5`, `$1,234.50`, `-12.00`, `(12.00)`, `12.00-`, `1 234,50 €`.
enum Money {
    /// Millionths of the currency. What is finer is rounded, halves away from zero.
    static func millionths(_ bytes: Bytes, _ sign: DecimalSign) -> Parsed<Int64> {
        var number = NumberText()
        if let problem = number.read(bytes, sign) { return .refused(problem) }
        guard number.hasDigits else {
            return Blank.isBlank(bytes) ? .blank : .refused("it is no amount, as 12.50")
        }
        guard let value = number.scaled(by: 6) else { return .refused("the amount is too large to be one") }
        return .value(value)
    }
}

/// Whole numbers: `12`, `1,234`, `12.0`, `-3`, `(3)`.
enum Count {
    static func number(_ bytes: Bytes, _ sign: DecimalSign) -> Parsed<Int64> {
        var number = NumberText()
        if let problem = number.read(bytes, sign) { return .refused(problem) }
        guard number.hasDigits else { return Blank.isBlank(bytes) ? .blank : .refused("it is no whole number") }
        guard number.isWhole else { return .refused("it is no whole number: it has a fraction") }
        guard let value = number.scaled(by: 0), abs(value) <= 2_147_483_647 else {
            return .refused("the number is larger than the table's column holds (2,147,483,647)")
        }
        return .value(value)
    }
}

/// The digits of a number and what stands around them.
private struct NumberText {
    private(set) var hasDigits = false
    private var isNegative = false
    private var magnitude: UInt64 = 0
    private var isOverflown = false
    /// Digits behind the decimal sign that are in `magnitude`.
    private var fraction = 0
    private var hasPoint = false
    private var isRoundedUp = false
    private var wasCut = false
    private var lost = false
    /// Digits since the last grouping sign; nil before the first one.
    private var group: Int?
    private var leading = 0

    /// More digits behind the decimal sign than this say nothing.
    private static let most = 6

    var isWhole: Bool { !lost && (fraction == 0 || magnitude % Self.power(fraction) == 0) }

    /// - Returns: why it is no number; nil also where there are no digits at all.
    mutating func read(_ bytes: Bytes, _ sign: DecimalSign) -> String? {
        var isOpen = false
        var isEnded = false
        var letters = 0
        for (index, byte) in bytes.enumerated() {
            switch byte {
            case 0x30...0x39:
                if isEnded { return "it is more than one number" }
                take(byte &- 0x30)
            case UInt8(ascii: "("):
                if isOpen || hasDigits { return "it is no number" }
                isOpen = true
            case UInt8(ascii: ")"):
                if !isOpen || !hasDigits { return "it is no number" }
                (isOpen, isNegative, isEnded) = (false, true, true)
            case UInt8(ascii: "-"):
                if isNegative || hasDigits && index != bytes.count - 1 { return "it is no number" }
                isNegative = true
            case UInt8(ascii: "+"):
                if hasDigits { return "it is no number" }
            case sign.byte:
                if hasPoint { return "it has two decimal signs" }
                if let problem = closeGroup() { return problem }
                hasPoint = true
            case sign.grouping:
                if hasPoint { return Self.otherSign(sign) }
                if let problem = closeGroup() { return problem }
                if !hasDigits { return "it is no number" }
                group = 0
            case 0x20, UInt8(ascii: "'"):
                // A blank or an apostrophe between digits groups them.
                break
            case UInt8(ascii: "%"): return "it is a share, and no amount"
            case UInt8(ascii: "e"), UInt8(ascii: "E"):
                if hasDigits { return Self.exponent }
            default:
                // Signs and codes of currencies; a minus sign of typesetters.
                if byte.isLetter {
                    letters += 1
                    if letters > 3 { return hasDigits || isEnded ? "it is no number alone" : nil }
                    if hasDigits { isEnded = true }
                } else if byte == 0x92, index >= 2, bytes[index - 1] == 0x88, bytes[index - 2] == 0xE2 {
                    isNegative = true
                }
            }
        }
        if isOpen { return "a parenthesis is not closed" }
        if let problem = closeGroup() { return hasPoint ? problem : Self.otherSign(sign) }
        return nil
    }

    private mutating func take(_ digit: UInt8) {
        hasDigits = true
        if group != nil { group! += 1 }
        if hasPoint {
            guard fraction < Self.most else {
                if !wasCut { isRoundedUp = digit >= 5 }
                wasCut = true
                if digit != 0 { lost = true }
                return
            }
            fraction += 1
        } else if group == nil {
            leading += 1
        }
        let (product, overflow) = magnitude.multipliedReportingOverflow(by: 10)
        let (sum, more) = product.addingReportingOverflow(UInt64(digit))
        if overflow || more { isOverflown = true }
        magnitude = sum
    }

    /// A group has three digits.
    private mutating func closeGroup() -> String? {
        guard let digits = group else { return nil }
        group = nil
        return digits == 3 && leading <= 3 ? nil : "its digits are grouped otherwise than by threes"
    }

    private static func otherSign(_ sign: DecimalSign) -> String {
        sign == .point
            ? "its comma is no sign of thousands: say that the decimal sign is a comma, if it is"
            : "its point is no sign of thousands: say that the decimal sign is a point, if it is"
    }

    private static let exponent =
        "a spreadsheet has written it with an exponent, and its last digits are lost: show the column with all its "
        + "digits and export it again"

    /// The number times 10 to the power of `digits`; nil where that is too large.
    func scaled(by digits: Int) -> Int64? {
        guard !isOverflown else { return nil }
        var value = magnitude
        if fraction > digits {
            value /= Self.power(fraction - digits)
        } else if fraction < digits {
            let (product, overflow) = value.multipliedReportingOverflow(by: Self.power(digits - fraction))
            if overflow { return nil }
            value = product
        }
        if isRoundedUp, digits == Self.most { value += 1 }
        // As far as every storage is exact.
        guard value < 9_000_000_000_000_000_000 else { return nil }
        return isNegative ? -Int64(value) : Int64(value)
    }

    private static func power(_ exponent: Int) -> UInt64 {
        (0..<exponent).reduce(1) { power, _ in power * 10 }
    }
}
