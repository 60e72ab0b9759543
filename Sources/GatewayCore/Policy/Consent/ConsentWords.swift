/// The words that change a person's consent (decision 10): they act when they are the whole message, whatever is put
/// around them: case, accents, punctuation, emoji, line breaks, a telephone's signature.
enum ConsentWords {
    /// What a message asks for.
    enum Request: Equatable, Sendable {
        case stop
        /// Acts only for a number that is out; else it is an ordinary text.
        case start
        case help
        /// Speaks of stopping among other words: people should look.
        case maybeStop
    }

    /// English (with what carriers ask for since May 2025), then Spanish; without accents.
    private static let stop: Set<String> = [
        "stop", "stopall", "stop all", "unsubscribe", "cancel", "end", "quit", "revoke", "optout", "opt out",
        "alto", "parar", "pare", "baja", "cancelar", "cancela", "detener", "detenga", "terminar", "fin", "salir",
        "anular", "revocar", "no mas", "darse de baja", "dar de baja", "darme de baja", "desuscribir", "desuscribirse",
    ]
    private static let start: Set<String> = [
        "start", "unstop", "yes", "subscribe", "resubscribe", "opt in", "optin",
        "si", "alta", "iniciar", "inicio", "empezar", "comenzar", "suscribir", "suscribirse",
    ]
    private static let help: Set<String> = ["help", "info", "ayuda", "informacion"]

    /// Found anywhere at the beginning of a word.
    private static let phrases = Phrases([
        "stop text", "stop messag", "stop send", "stop contact", "stop spam", "stop bother", "stop call",
        "stop please", "please stop", "pls stop", "plz stop", "stop all", "quit text",
        "unsubscribe", "remove me", "remove my", "take me off", "take my number off", "delete my number",
        "lose my number", "do not text", "dont text", "do not messag", "dont messag", "do not contact",
        "dont contact", "do not send", "dont send", "opt me out", "opt out", "want to opt", "no more text",
        "no more messag", "leave me alone", "no longer want", "dont want these", "dont want any",
        "no me envi", "no me mand", "no me escrib", "no me contact", "no me llam", "deje de",
        "dejen de", "deja de", "dejar de", "no quiero recib", "no quiero mas", "no mas mensaj",
        "quitame", "quiteme", "quitenme", "eliminame", "elimineme", "eliminenme", "borrame", "borreme", "borrenme",
        "saqueme", "saquenme", "dame de baja", "deme de baja", "denme de baja", "darme de baja", "quiero baja",
        "paren de", "pare de", "basta",
    ])

    /// What mail and messaging programs write under a text without being asked.
    private static let signatures = [
        "sent from my", "sent from", "sent via", "get outlook for", "enviado desde", "enviado con", "enviado por",
    ]

    /// Longer messages are no consent words, and nobody looks through a book.
    private static let longest = 1_600

    /// What a message asks for; nil for an ordinary one.
    static func request(in content: String) -> Request? {
        guard content.utf8.count <= longest * 4 else { return nil }
        let lines = content.split(whereSeparator: \.isNewline).map { words(of: $0) }.filter { !$0.isEmpty }
        if let request = whole(withoutSignature(content)) { return request }
        // A phrase does not go over the end of a line.
        let all = lines.joined(separator: [" "]).joined(separator: " ")
        if phrases.beginsWord(in: all) { return .maybeStop }
        // "STOP" as a sentence or a line of its own, with something else beside it.
        let sentences = content.split { $0.isNewline || ".!?;,".contains($0) }.map { words(of: $0) }
        return sentences.contains { whole($0) == .stop && $0 != ["end"] && $0 != ["fin"] } ? .maybeStop : nil
    }

    private static func whole(_ words: [String]) -> Request? {
        guard !words.isEmpty, words.count <= 8 else { return nil }
        var text = words.joined(separator: " ")
        // S T O P, and STOP STOP STOP.
        if words.count > 1, words.allSatisfy({ $0.count == 1 }) { text = words.joined() }
        if words.count > 1, let word = words.first, words.allSatisfy({ $0 == word }) { text = word }
        if stop.contains(text) { return .stop }
        if start.contains(text) { return .start }
        if help.contains(text) { return .help }
        return nil
    }

    /// All words but those of a signature: lines behind `--`, `- Maria`, `Sent from my …`.
    private static func withoutSignature(_ content: String) -> [String] {
        var kept: [String] = []
        for line in content.split(whereSeparator: \.isNewline) {
            let words = words(of: line)
            let trimmed = line.drop(while: \.isWhitespace)
            let isDash = trimmed.first.map { "-—–~".contains($0) } ?? false
            if !kept.isEmpty {
                // A delimiter ends the text; so does a dash before a name.
                if trimmed.allSatisfy({ $0 == "-" || $0 == "_" || $0.isWhitespace }), !trimmed.isEmpty { break }
                if isDash, words.count <= 4 { break }
                let text = words.joined(separator: " ")
                if signatures.contains(where: text.hasPrefix) { break }
            }
            kept += words
        }
        return kept
    }

    /// Lower case, without accents; apostrophes join, and whatever else is no letter or digit divides.
    static func words(of text: some StringProtocol) -> [String] {
        if let words = wordsOfASCII(text.utf8) { return words }
        var words: [String] = []
        var word = ""
        for scalar in text.lowercased().unicodeScalars {
            if let plain = plain(scalar) {
                word.unicodeScalars.append(plain)
            } else if !isJoint(scalar), !word.isEmpty {
                words.append(word)
                word = ""
            }
        }
        if !word.isEmpty { words.append(word) }
        return words
    }

    /// The same, quickly; nil for a text that has more than ASCII.
    private static func wordsOfASCII(_ bytes: some Sequence<UInt8>) -> [String]? {
        var words: [String] = []
        var word: [UInt8] = []
        func end() {
            if !word.isEmpty { words.append(String(decoding: word, as: UTF8.self)) }
            word.removeAll(keepingCapacity: true)
        }
        for byte in bytes {
            switch byte {
            case 0x80...: return nil
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): word.append(byte)
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): word.append(byte | 0x20)
            case UInt8(ascii: "'"), UInt8(ascii: "`"): break
            default: end()
            }
        }
        end()
        return words
    }

    private static let accents: [Unicode.Scalar: Unicode.Scalar] = [
        "á": "a", "à": "a", "â": "a", "ä": "a", "ã": "a", "é": "e", "è": "e", "ê": "e", "ë": "e", "í": "i", "ì": "i",
        "î": "i", "ï": "i", "ó": "o", "ò": "o", "ô": "o", "ö": "o", "õ": "o", "ú": "u", "ù": "u", "û": "u", "ü": "u",
        "ñ": "n", "ç": "c",
    ]

    private static func plain(_ scalar: Unicode.Scalar) -> Unicode.Scalar? {
        if let letter = accents[scalar] { return letter }
        // Full-width letters and digits.
        if (0xFF10...0xFF5A).contains(scalar.value), let narrow = Unicode.Scalar(scalar.value - 0xFEE0) {
            return plain(narrow)
        }
        return scalar.properties.isAlphabetic || scalar.properties.numericType == .decimal ? scalar : nil
    }

    /// Apostrophes, accents that stand apart from their letter, and what cannot be seen.
    private static func isJoint(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "'", "\u{2019}", "\u{2018}", "`", "\u{B4}": true
        default:
            scalar.properties.generalCategory == .nonspacingMark || scalar.properties.generalCategory == .format
        }
    }
}
