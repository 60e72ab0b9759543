/// What a writer may put in the place of a character that costs parts. It is only ever suggested.
enum Replacement {
    /// What stands for `character` where only what `isFree` says is in the alphabet at its least cost; nil when nothing
    /// does. Characters that do not show are replaced by nothing.
    static func of(_ character: Character, isFree: (Unicode.Scalar) -> Bool) -> String? {
        // The same letter in one scalar, as é for e with an accent behind it.
        for scalar in composed where isFree(scalar) && Character(scalar) == character { return String(scalar) }
        var text = ""
        for scalar in character.unicodeScalars {
            if isFree(scalar) {
                text.unicodeScalars.append(scalar)
                continue
            }
            guard let other = of(scalar), other.unicodeScalars.allSatisfy(isFree) else { return nil }
            text += other
        }
        // An emoji of several scalars is not what is left of it.
        return text == String(character) || character.unicodeScalars.contains(where: isPicture) ? nil : text
    }

    /// What stands for one scalar.
    private static func of(_ scalar: Unicode.Scalar) -> String? {
        switch scalar.value {
        case 0x2018, 0x2019, 0x201B, 0x2032, 0x00B4, 0x0060, 0x02BC: return "'"
        case 0x201A: return ","
        case 0x201C...0x201F, 0x2033, 0x00AB, 0x00BB: return "\""
        case 0x2039: return "<"
        case 0x203A: return ">"
        case 0x2010...0x2015, 0x2212, 0x2043, 0x7E: return "-"
        case 0x2026: return "..."
        case 0x2022, 0x00B7: return "*"
        case 0x2028, 0x2029, 0x0085, 0x000B: return "\n"
        case 0x0009, 0x00A0, 0x1680, 0x2000...0x200A, 0x202F, 0x205F, 0x3000: return " "
        case 0x00AD, 0x200B...0x200F, 0x202A...0x202E, 0x2060...0x2069, 0xFE00...0xFE0F, 0xFEFF: return ""
        case 0x5B, 0x7B: return "("
        case 0x5D, 0x7D: return ")"
        case 0x5C, 0x2044: return "/"
        case 0x00A9: return "(c)"
        case 0x00AE: return "(R)"
        case 0x2122: return "TM"
        case 0x00D7: return "x"
        case 0x00AA: return "a"
        case 0x00BA, 0x00B0: return "o"
        case 0x0131: return "i"
        case 0x0110: return "D"
        case 0x0111: return "d"
        case 0x0152: return "OE"
        case 0x0153: return "oe"
        case 0x1E9E: return "SS"
        case 0xFF01...0xFF5E: return Unicode.Scalar(scalar.value - 0xFEE0).map(String.init)
        default: return scalar.properties.generalCategory == .nonspacingMark ? accent(scalar) : baseLetter(of: scalar)
        }
    }

    /// A Latin letter's accent goes; a mark of another script is a part of its letter.
    private static func accent(_ scalar: Unicode.Scalar) -> String? {
        (0x0300...0x036F).contains(scalar.value) ? "" : nil
    }

    /// The letter without what its Unicode name says it is "with".
    private static func baseLetter(of scalar: Unicode.Scalar) -> String? {
        guard let name = scalar.properties.name else { return nil }
        for (prefix, isSmall) in [("LATIN SMALL LETTER ", true), ("LATIN CAPITAL LETTER ", false)]
        where name.hasPrefix(prefix) {
            let words = name.dropFirst(prefix.count).split(separator: " ")
            guard words.count > 2, words[1] == "WITH", words[0].utf8.count == 1 else { return nil }
            return isSmall ? words[0].lowercased() : String(words[0])
        }
        return nil
    }

    private static func isPicture(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isEmojiPresentation || (scalar.value >= 0x2190 && scalar.properties.isEmoji)
            || scalar.value == 0x20E3
    }

    /// The letters with accents that some table has.
    private static let composed: [Unicode.Scalar] = (0..<NationalTables.count).flatMap { number in
        (NationalTables.locking[number] + NationalTables.single[number]).compactMap { unit in
            (0xC0..<0x200).contains(unit) ? Unicode.Scalar(unit) : nil
        }
    }
}
