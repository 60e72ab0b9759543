internal import PluginKit

/// A reply with places for what is known of the person: `{{name}}`, `{{phone}}`, `{{text}}`.
struct Template: Sendable, Hashable {
    enum Place: String, CaseIterable, Sendable {
        case name, phone, text
    }

    private enum Piece: Sendable, Hashable {
        case literal(String)
        case place(Place)
    }

    private let pieces: [Piece]

    /// - Throws: a sentence that says what is wrong.
    init(_ source: String) throws(TemplateError) {
        var pieces: [Piece] = []
        var rest = source[...]
        while let open = rest.firstRange(of: "{{") {
            pieces.append(.literal(String(rest[..<open.lowerBound])))
            guard let close = rest[open.upperBound...].firstRange(of: "}}") else {
                throw TemplateError(message: "has {{ without }}")
            }
            let name = rest[open.upperBound..<close.lowerBound].filter { $0 != " " }
            guard let place = Place(rawValue: String(name)) else {
                throw TemplateError(message: "knows {{name}}, {{phone}} and {{text}}, not {{\(name)}}")
            }
            pieces.append(.place(place))
            rest = rest[close.upperBound...]
        }
        pieces.append(.literal(String(rest)))
        self.pieces = pieces
        guard !source.allSatisfy(\.isWhitespace) else { throw TemplateError(message: "must not be empty") }
    }

    /// The reply. Around a value that is empty the spacing is tidied: `Hi {{name}}!` becomes `Hi!`.
    func filled(_ values: [Place: String]) -> String {
        var result = ""
        var tidy = false
        for piece in pieces {
            switch piece {
            case .literal(let text):
                let startsAgain = result.isEmpty || result.last?.isWhitespace == true
                result += tidy && startsAgain ? String(text.drop { $0 == " " || (result.isEmpty && $0 == ",") }) : text
                tidy = false
            case .place(let place):
                let value = values[place] ?? ""
                if value.isEmpty {
                    if result.last == " " { result.removeLast() }
                    tidy = true
                } else {
                    result += value
                    tidy = false
                }
            }
        }
        return result
    }
}

/// Why a template cannot be used.
struct TemplateError: Error {
    let message: String
}
