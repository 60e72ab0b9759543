/// Decimal numbers as text, to millionths.
package enum Millionths {
    private static let digits = 6

    /// Without zeros that say nothing.
    package static func text(_ micros: Int64) -> String {
        let (whole, rest) = micros.magnitude.quotientAndRemainder(dividingBy: 1_000_000)
        let fraction = String(rest)
        return written(
            String(whole), String(repeating: "0", count: digits - fraction.count) + fraction, isNegative: micros < 0)
    }

    /// Rounded to millionths, without zeros that say nothing; nil for what is no decimal number.
    static func rounded(_ text: String) -> String? {
        guard let first = text.utf8.first, Double(text)?.isFinite == true else { return nil }
        let isNegative = first == UInt8(ascii: "-")
        let bare = text.drop { $0 == "-" || $0 == "+" }
        guard bare.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") }) else {
            // With an exponent, as binary fractions are written.
            guard let value = Double(text), abs(value) < 9e12 else { return nil }
            return self.text(Int64((value * 1e6).rounded()))
        }
        let parts = bare.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        var whole = Array(parts[0].utf8.drop { $0 == 0x30 })
        var fraction = Array((parts.count > 1 ? parts[1] : "").utf8)
        let isRoundedUp = fraction.count > digits && fraction[digits] >= 0x35
        fraction = Array(fraction.prefix(digits)) + Array(repeating: 0x30, count: max(0, digits - fraction.count))
        if isRoundedUp {
            var all = [0x30] + whole + fraction
            var index = all.count - 1
            while all[index] == 0x39 {
                all[index] = 0x30
                index -= 1
            }
            all[index] += 1
            whole = Array(all.dropLast(digits).drop { $0 == 0x30 })
            fraction = Array(all.suffix(digits))
        }
        return written(
            String(decoding: whole, as: UTF8.self), String(decoding: fraction, as: UTF8.self), isNegative: isNegative)
    }

    private static func written(_ whole: String, _ fraction: String, isNegative: Bool) -> String {
        var fraction = Substring(fraction)
        while fraction.last == "0" { fraction.removeLast() }
        let number = (whole.isEmpty ? "0" : whole) + (fraction.isEmpty ? "" : "." + fraction)
        return isNegative && number != "0" ? "-" + number : number
    }
}
