/// How many columns text takes on a terminal, and text made fit to be shown there.
enum DisplayWidth {
    /// Columns of `text`; escape sequences of our own styles take none.
    static func of(_ text: String) -> Int {
        var width = 0
        var isEscape = false
        for character in text {
            if isEscape {
                isEscape = character != "m"
            } else if character == "\u{1B}" {
                isEscape = true
            } else {
                width += of(character)
            }
        }
        return width
    }

    /// 0, 1 or 2.
    static func of(_ character: Character) -> Int {
        var width = 0
        for scalar in character.unicodeScalars {
            if scalar == "\u{FE0F}" { return 2 }
            width = max(width, of(scalar))
        }
        return width
    }

    private static func of(_ scalar: Unicode.Scalar) -> Int {
        if scalar.isASCII { return scalar.value < 0x20 || scalar.value == 0x7F ? 0 : 1 }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format, .control: return 0
        default: break
        }
        if scalar.properties.isEmojiPresentation { return 2 }
        return wide.contains { $0.contains(scalar.value) } ? 2 : 1
    }

    /// East Asian Wide and Fullwidth blocks (Unicode Standard Annex 11).
    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xA000...0xA4CF,
        0xA960...0xA97C, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6,
        0x1B000...0x1B2FF, 0x20000...0x3FFFD,
    ]

    /// At most `columns` columns, an ellipsis where something was cut.
    static func cut(_ text: String, to columns: Int) -> String {
        guard of(text) > columns else { return text }
        guard columns > 1 else { return columns == 1 ? "…" : "" }
        var out = ""
        var width = 0
        for character in text {
            width += of(character)
            if width > columns - 1 { break }
            out.append(character)
        }
        return out + "…"
    }

    /// A stranger's text on one line, without anything a terminal would obey.
    static func oneLine(_ text: String) -> String {
        var out = ""
        for character in text {
            if character.isNewline {
                out += "⏎"
            } else {
                for scalar in character.unicodeScalars { out.unicodeScalars.append(visible(scalar)) }
            }
        }
        return out
    }

    private static func visible(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        if scalar == "\t" { return " " }
        // Bidirectional overrides could make a line read as what it does not say.
        if (0x202A...0x202E).contains(scalar.value) || (0x2066...0x2069).contains(scalar.value) { return "\u{FFFD}" }
        return scalar.properties.generalCategory == .control ? "\u{FFFD}" : scalar
    }
}
