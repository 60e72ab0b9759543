internal import Foundation
internal import PluginKit

/// Words looked for in the journal's texts while storage cannot be asked: as `MessageQuery.search` says.
struct JournalSearch: Sendable {
    private let words: [String]

    init(_ search: String) {
        words = Self.words(of: search)
    }

    func finds(_ message: Message) -> Bool {
        guard !words.isEmpty else { return false }
        let digits = message.phone.filter(\.isNumber)
        let there = Self.words(of: message.content) + [digits, String(digits.suffix(10)), String(digits.suffix(7))]
        return words.allSatisfy { word in there.contains { $0.hasPrefix(word) } }
    }

    /// Letters and digits, without case and accents.
    private static func words(of text: String) -> [String] {
        text.folding(options: [.caseInsensitive, .diacriticInsensitive], locale: nil)
            .split { !$0.isLetter && !$0.isNumber }.map(String.init)
    }
}
