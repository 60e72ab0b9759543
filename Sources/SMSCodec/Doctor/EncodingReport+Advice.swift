extension EncodingReport {
    /// One line for the writer, when a few characters cost parts: which they are, where, and what would do in their
    /// place; nil when the text costs no more than it needs.
    ///
    /// It quotes the text: it is for the eyes of who wrote it, never for a log.
    public var advice: String? {
        guard leastParts < cost.parts, causes.count <= Self.tellable else { return nil }
        let parts = "\(cost.parts) part\(cost.parts == 1 ? "" : "s") instead of \(leastParts): "
        let lacking = causes.filter { $0.reason == .notInAlphabet }
        return parts
            + (lacking.isEmpty
                ? Self.sentence(causes, ("takes two septets", "take two septets"), ("takes one", "take one"))
                : Self.sentence(lacking, ("is not in the GSM alphabet", "are not in the GSM alphabet"), ("is", "are")))
    }

    /// More characters than these are no accident: the text is in a language that needs them.
    private static let tellable = 4

    /// What is wrong with `causes`, and what is `better`, each said of one and of more.
    private static func sentence(_ causes: [Cause], _ wrong: (String, String), _ better: (String, String)) -> String {
        let subjects = causes.map { "“\(name(of: $0.character))” (\(places($0.positions)))" }
        let sentence = "\(list(subjects)) \(causes.count == 1 ? wrong.0 : wrong.1)"
        let others = causes.compactMap(\.replacement)
        guard others.count == causes.count else { return sentence }
        if others.allSatisfy(\.isEmpty) { return sentence + ", and do\(causes.count == 1 ? "es" : "") not show" }
        var shown: [String] = []
        for other in others.map({ $0.isEmpty ? "nothing" : "\"\($0)\"" }) where !shown.contains(other) {
            shown.append(other)
        }
        return sentence + "; \(list(shown)) \(shown.count == 1 ? better.0 : better.1)"
    }

    private static func places(_ positions: [Int]) -> String {
        guard positions.count > 1 else { return "character \(positions.first ?? 0)" }
        guard positions.count > 3 else { return "characters \(list(positions.map(String.init)))" }
        return "character \(positions[0]) and \(positions.count - 1) more"
    }

    /// `character` as it can be shown between quotation marks: what does not show is named by its number.
    public static func name(of character: String) -> String {
        let scalars = character.unicodeScalars
        guard let only = scalars.first, scalars.count == 1 else { return character }
        let isHidden =
            switch only.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .spaceSeparator, .privateUse, .unassigned,
                .nonspacingMark:
                true
            default: false
            }
        guard isHidden else { return character }
        let digits = String(only.value, radix: 16, uppercase: true)
        return "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }

    private static func list(_ words: [String]) -> String {
        guard let last = words.last, words.count > 1 else { return words.first ?? "" }
        return words.dropLast().joined(separator: ", ") + " and " + last
    }
}
