internal import Foundation
internal import PluginKit

/// Words looked for in the journal's texts while storage cannot be asked: as `MessageQuery.search` says.
struct JournalSearch: Sendable {
    private let words: [String]
    /// The digits, where a number is looked for.
    private let number: String?

    init(_ search: String) {
        words = Self.words(of: search)
        let between: Set<Character> = ["+", "-", "(", ")", ".", "/", " ", "\u{A0}"]
        let digits = search.filter { !between.contains($0) }
        number = digits.utf8.count >= 4 && digits.utf8.allSatisfy { (0x30...0x39).contains($0) } ? digits : nil
    }

    func finds(_ message: Message) -> Bool {
        let digits = message.phone.filter(\.isNumber)
        let ends = [digits] + [10, 7, 4].map { String(digits.suffix($0)) }
        if let number, ends.contains(where: { $0.hasPrefix(number) }) { return true }
        guard !words.isEmpty else { return false }
        let there = Self.words(of: message.content) + ends
        return words.allSatisfy { word in there.contains { $0.hasPrefix(word) } }
    }

    /// Letters and digits, without case and accents.
    private static func words(of text: String) -> [String] {
        text.folding(options: [.caseInsensitive, .diacriticInsensitive], locale: nil)
            .split { !$0.isLetter && !$0.isNumber }.map(String.init)
    }
}
