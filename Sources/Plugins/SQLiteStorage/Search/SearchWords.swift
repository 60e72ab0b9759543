/// What a person typed, as a query of FTS5 that can only look for words.
///
/// Each word is put in quotes, so that no operator, column or bracket of FTS5's own language can be written, and whatever
/// is typed is a correct query.
enum SearchWords {
    /// nil where there is nothing to look for: neither a letter nor a digit.
    static func match(_ typed: String) -> String? {
        let words = typed.split(whereSeparator: \.isWhitespace).compactMap(phrase)
        let all = words.isEmpty ? nil : words.joined(separator: " ")
        guard let number = number(typed) else { return all }
        let phone = "phone : \"\(number)\" *"
        return all.map { "(\($0)) OR \(phone)" } ?? phone
    }

    /// A word as the beginning of one; what the tokenizer takes apart (`don't`) must stand side by side.
    private static func phrase(_ word: Substring) -> String? {
        guard word.unicodeScalars.contains(where: { $0.properties.isAlphabetic || $0.properties.numericType != nil })
        else { return nil }
        // Scalar by scalar: a quote with an accent is another character, and FTS5 sees the quote. A NUL would end the query.
        var quoted = String.UnicodeScalarView()
        for scalar in word.unicodeScalars where scalar.value != 0 {
            if scalar == "\"" { quoted.append(scalar) }
            quoted.append(scalar)
        }
        return "\"\(String(quoted))\" *"
    }

    /// The digits of what looks like a number as people write it, which stands in the index without what is between them.
    private static func number(_ typed: String) -> String? {
        let between: Set<Character> = ["+", "-", "(", ")", ".", "/", " ", "\u{A0}"]
        let digits = typed.filter { !between.contains($0) }
        guard digits.utf8.count >= 4, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return digits
    }
}
