/// SQLite ends a text at U+0000, and what stands behind it would be lost. In a text that came it is shown as U+FFFD, like
/// all that no telephone shows; the octets stay as they came.
extension String {
    /// Whether it holds U+0000.
    var hasNUL: Bool { utf8.contains(0) }

    /// With U+FFFD in the place of each U+0000.
    var withoutNUL: String {
        guard hasNUL else { return self }
        return String(String.UnicodeScalarView(unicodeScalars.map { $0 == "\0" ? "\u{FFFD}" : $0 }))
    }
}
