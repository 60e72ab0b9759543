/// Phrases that a text is searched for, all of them in one go over its bytes.
///
/// `String.contains` makes a table of its pattern's letters at each call: with a hundred phrases that cost more than all
/// else that is done with a text.
struct Phrases: Sendable {
    /// Those in ASCII, by their first byte.
    private let byFirst: [[[UInt8]]]
    /// The others: their letters can be written in more than one way.
    private let others: [String]

    /// None of them is empty.
    init(_ phrases: [String]) {
        var table = [[[UInt8]]](repeating: [], count: 256)
        for phrase in phrases where phrase.utf8.allSatisfy({ $0 < 0x80 }) {
            let bytes = Array(phrase.utf8)
            if let first = bytes.first { table[Int(first)].append(bytes) }
        }
        byFirst = table
        others = phrases.filter { !$0.utf8.allSatisfy { $0 < 0x80 } }
    }

    /// Whether one of them stands anywhere in `text`.
    func isAny(in text: String) -> Bool {
        search(text, atWords: false) || mayHaveOthers(text) && others.contains { text.contains($0) }
    }

    /// Whether one of them begins with a word of `text`: at its start, or behind a space.
    func beginsWord(in text: String) -> Bool {
        search(text, atWords: true)
            || mayHaveOthers(text) && others.contains { (" " + text).contains(" " + $0) }
    }

    private func mayHaveOthers(_ text: String) -> Bool {
        !others.isEmpty && !text.utf8.allSatisfy { $0 < 0x80 }
    }

    private func search(_ text: String, atWords: Bool) -> Bool {
        let space = UInt8(ascii: " ")
        var text = text
        return text.withUTF8 { bytes in
            var before = space
            for (place, byte) in bytes.enumerated() {
                defer { before = byte }
                if atWords, before != space { continue }
                if byFirst[Int(byte)].contains(where: { bytes[place...].starts(with: $0) }) { return true }
            }
            return false
        }
    }
}
