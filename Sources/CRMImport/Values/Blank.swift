/// Fields that hold nothing.
enum Blank {
    private static let words: Set<String> = [
        "n/a", "na", "#n/a", "none", "null", "nil", "nan", "-", "--", "\u{2013}", "\u{2014}", "unknown", "(blank)",
        "#value!", "#ref!", "#name?", "#div/0!",
    ]

    /// Without the blanks around it, those that are one word to typesetters included.
    static func trimmed(_ bytes: Bytes) -> Bytes {
        var (start, end) = (0, bytes.count)
        while start < end {
            if bytes[start] <= 0x20 {
                start += 1
            } else if end - start >= 2, bytes[start] == 0xC2, bytes[start + 1] == 0xA0 {
                start += 2
            } else {
                break
            }
        }
        while end > start {
            if bytes[end - 1] <= 0x20 {
                end -= 1
            } else if end - start >= 2, bytes[end - 2] == 0xC2, bytes[end - 1] == 0xA0 {
                end -= 2
            } else {
                break
            }
        }
        return Bytes(rebasing: bytes[start..<end])
    }

    /// Whether a trimmed field stands for nothing.
    ///
    /// - Parameter isName: a person may be called by any word; only signs stand for nothing.
    static func isBlank(_ bytes: Bytes, isName: Bool = false) -> Bool {
        if bytes.isEmpty { return true }
        guard bytes.count <= 9 else { return false }
        switch bytes[0] {
        // The letters and signs that one of the words begins with.
        case UInt8(ascii: "n"), UInt8(ascii: "N"), UInt8(ascii: "u"), UInt8(ascii: "U"), UInt8(ascii: "#"),
            UInt8(ascii: "-"), UInt8(ascii: "("), 0xE2:
            let word = String(decoding: bytes, as: UTF8.self).lowercased()
            return words.contains(word) && !(isName && word.allSatisfy(\.isLetter))
        default: return false
        }
    }
}
