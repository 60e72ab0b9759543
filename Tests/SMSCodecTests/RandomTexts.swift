/// Texts as people write them, as far as their characters go.
enum RandomTexts: String, CaseIterable, Sendable {
    case english, spanish, turkish, portuguese, hindi, emoji

    /// A text of 1 to `length` characters.
    func text(upTo length: Int, using random: inout SeededRandom) -> String {
        let latin = "etaoinshrdlucmfwypvbgkjqxz"
        let common: [String] = [latin, latin, latin, "      ", "ETAOINSHRDLU", "0123456789", ".,:;!?'\"-()"]
        // How many texts in how many have a stranger in them, which the language's tables may lack.
        let own: [String] =
            switch self {
            case .english: ["[]{}~^|\\€", latin, latin, latin]
            case .spanish: ["áéíóúñ¿¡ÁÉÍÓÚÑü", latin, latin]
            case .turkish: ["çğıöşüÇĞİÖŞÜ", "ğşı", latin]
            case .portuguese: ["ãõáéíóúâêôçàÃÕÁÉÍÓÚÂÊÔÇÀ", latin]
            case .hindi: ["कखगघचछजझटठडढणतथदधनपफबभमयरलवशसह", "ािीुूेैोौ्ंः", "ािीुूेैोौ्ंः", "।०१२३"]
            case .emoji: ["😀🎉👍❤🇲🇽", latin, latin, latin]
            }
        let strangers = ["’“”–…", "€[]", "ğ", "á", "ж", "😀", "ß", "\u{200D}"]
        let stranger = Int.random(in: 0..<5, using: &random) == 0 ? strangers.randomElement(using: &random) : nil
        let pool = (self == .hindi ? Array(common.suffix(4)) + own + own + own : common + own).map { Array($0) }
        var text = ""
        for _ in 0..<Int.random(in: 1...length, using: &random) {
            if let stranger, Int.random(in: 0..<40, using: &random) == 0 {
                if let character = stranger.randomElement(using: &random) { text.append(character) }
            } else if let character = pool.randomElement(using: &random)?.randomElement(using: &random) {
                text.append(character)
            }
        }
        return text.isEmpty ? "a" : text
    }
}
