/// Numbers and names by which something is known elsewhere, digit for digit.
enum Code {
    static func text(_ bytes: Bytes) -> Parsed<String> {
        if Blank.isBlank(bytes) { return .blank }
        return isCut(bytes) ? .refused(cut) : .value(String(decoding: bytes, as: UTF8.self))
    }

    /// The till's number of a receipt: `1001`, `#1001`.
    static func receipt(_ bytes: Bytes) -> Parsed<Int64> {
        if Blank.isBlank(bytes) { return .blank }
        if isCut(bytes) { return .refused(cut) }
        var number: Int64 = 0
        var place = bytes[0] == UInt8(ascii: "#") ? 1 : 0
        let first = place
        while place < bytes.count, bytes[place].isDigit, number <= 2_147_483_647 {
            number = number * 10 + Int64(bytes[place] &- 0x30)
            place += 1
        }
        // Spreadsheets write whole numbers so, too.
        var rest = bytes[place...]
        if rest.first == UInt8(ascii: "."), rest.count > 1 {
            rest = rest.dropFirst().drop { $0 == UInt8(ascii: "0") }
        }
        guard place > first, rest.isEmpty, number <= 2_147_483_647 else {
            return .refused("the till's number is no whole number up to 2,147,483,647")
        }
        return .value(number)
    }

    /// `6.19337E+09`: a spreadsheet has thrown digits away.
    static func isCut(_ bytes: Bytes) -> Bool {
        guard bytes.count >= 4, bytes[0].isDigit, let e = bytes.firstIndex(where: { $0 | 0x20 == UInt8(ascii: "e") })
        else { return false }
        let (head, tail) = (bytes[..<e], bytes[(e + 1)...])
        guard head.allSatisfy({ $0.isDigit || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: ",") }),
            head.contains(UInt8(ascii: ".")) || head.contains(UInt8(ascii: ",")) || tail.first == UInt8(ascii: "+")
        else { return false }
        let digits = tail.first == UInt8(ascii: "+") || tail.first == UInt8(ascii: "-") ? tail.dropFirst() : tail
        return !digits.isEmpty && digits.allSatisfy(\.isDigit)
    }

    static let cut =
        "a spreadsheet has written the number with an exponent, and its last digits are lost: show the column as text "
        + "and export it again"
}

/// Telephone numbers.
enum Phone {
    /// In the one form that texts go to; what is no such number stays as it is written, and nobody is known by it.
    static func text(_ bytes: Bytes, _ normalise: (String) -> String?) -> Parsed<String> {
        if Blank.isBlank(bytes) { return .blank }
        if Code.isCut(bytes) { return .refused(Code.cut) }
        let written = String(decoding: bytes, as: UTF8.self)
        return .value(normalise(written) ?? written)
    }
}

/// Yes and no.
enum Flag {
    static func value(_ bytes: Bytes) -> Parsed<Bool> {
        if Blank.isBlank(bytes) { return .blank }
        switch String(decoding: bytes, as: UTF8.self).lowercased() {
        case "1", "true", "t", "yes", "y", "x", "active", "employed", "enabled": return .value(true)
        case "0", "false", "f", "no", "inactive", "terminated", "disabled", "archived": return .value(false)
        default: return .refused("it is neither yes nor no")
        }
    }
}
