internal import Foundation

/// Texts compared as people read them: by whole words, whatever the case and the accents.
enum Words {
    /// The words of `text`, folded; an emoji is a word of its own. An apostrophe inside a word is left out.
    static func of(_ text: String) -> [String] {
        let folded = text.folding(options: [.caseInsensitive, .diacriticInsensitive, .widthInsensitive], locale: nil)
        var words: [String] = []
        var word = ""
        func end() {
            if !word.isEmpty { words.append(word) }
            word = ""
        }
        for character in folded {
            if character.isLetter || character.isNumber {
                word.append(character)
            } else if character == "'" || character == "\u{2019}" {
                continue
            } else {
                end()
                if !character.isWhitespace, !character.isPunctuation { words.append(String(character)) }
            }
        }
        end()
        return words
    }

    /// Whether `phrase` occurs in `text`, word by word.
    static func contains(_ text: [String], _ phrase: [String]) -> Bool {
        guard !phrase.isEmpty, phrase.count <= text.count else { return false }
        return (0...(text.count - phrase.count)).contains { start in
            text[start..<(start + phrase.count)].elementsEqual(phrase)
        }
    }
}
