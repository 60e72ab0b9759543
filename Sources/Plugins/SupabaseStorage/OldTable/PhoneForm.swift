/// Telephone numbers of the old table, which has no column with their normal form: the rules of the migration's
/// `phone_e164` at home in North America, and no others.
enum PhoneForm {
    /// E.164; nil where it is no telephone number.
    static func e164(_ written: String?) -> String? {
        guard let written else { return nil }
        var bare = written.replacingAll("(0)").replacingAll("tel:")
        bare.removeAll { Self.around.contains($0) }
        let digits = Substring(bare)
        if digits.hasPrefix("+") { return international(digits.dropFirst()) }
        if digits.hasPrefix("00") { return international(digits.dropFirst(2)) }
        if isNorthAmerican(digits) { return "+1" + digits }
        if digits.hasPrefix("1"), isNorthAmerican(digits.dropFirst()) { return "+" + digits }
        if digits.hasPrefix("011") { return international(digits.dropFirst(3)) }
        return nil
    }

    /// Who a row is to or from: the normal form, else what stands there.
    static func recipient(_ written: String?) -> String? { e164(written) ?? written }

    /// Matches, for `like`, every way to write the number, and some others too: what is found is to be read again.
    static func pattern(_ phone: String) -> String {
        guard let number = e164(phone) else { return phone }
        // Nobody writes the last seven digits in another order; what stands before them differs.
        return "*" + number.suffix(7).map(String.init).joined(separator: "*") + "*"
    }

    private static let around: Set<Character> = [
        " ", "-", "(", ")", ".", "/", "\t", "\u{A0}", "\u{2010}", "\u{2011}", "\u{2013}", "\u{202F}", "\u{202A}",
        "\u{202C}", "\u{200E}", "\u{FEFF}",
    ]

    private static func isNumber(_ text: Substring) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }

    /// Digits that are not one said over and over.
    private static func isVaried(_ digits: Substring) -> Bool { Set(digits).count > 1 }

    private static func isNorthAmerican(_ digits: Substring) -> Bool {
        let bytes = Array(digits.utf8)
        return bytes.count == 10 && isNumber(digits) && isVaried(digits) && bytes[0] >= 0x32 && bytes[3] >= 0x32
    }

    private static func international(_ digits: Substring) -> String? {
        guard isNumber(digits), isVaried(digits), (7...15).contains(digits.utf8.count) else { return nil }
        if digits.hasPrefix("1") { return isNorthAmerican(digits.dropFirst()) ? "+" + digits : nil }
        return digits.hasPrefix("0") ? nil : "+" + digits
    }
}

extension String {
    fileprivate func replacingAll(_ word: String) -> String {
        var result = ""
        var rest = Substring(self)
        while !rest.isEmpty {
            if rest.hasPrefix(word) { rest = rest.dropFirst(word.count) } else { result.append(rest.removeFirst()) }
        }
        return result
    }
}
