/// The words of a script line: separated by spaces, or in double quotes with `\n \r \t \" \\ \u{…}`.
struct ScriptTokens {
    struct Token {
        var text: String
        var isQuoted: Bool
    }

    private var tokens: ArraySlice<Token>

    /// - Throws: The sentence that says what is wrong.
    init(_ line: String) throws(SimulatorError) {
        var found: [Token] = []
        var rest = line[...]
        while let first = rest.first {
            if first == " " || first == "\t" || first == "\r" {
                rest.removeFirst()
            } else if first == "#" {
                break
            } else if first == "\"" {
                rest.removeFirst()
                found.append(Token(text: try Self.quoted(&rest), isQuoted: true))
            } else {
                let word = rest.prefix { $0 != " " && $0 != "\t" && $0 != "\r" }
                rest = rest[word.endIndex...]
                found.append(Token(text: String(word), isQuoted: false))
            }
        }
        tokens = found[...]
    }

    var isEmpty: Bool { tokens.isEmpty }
    var first: Token? { tokens.first }

    mutating func next() -> Token? { tokens.popFirst() }

    /// Takes `word` where it comes next.
    mutating func take(_ word: String) -> Bool {
        guard let first = tokens.first, !first.isQuoted, first.text == word else { return false }
        tokens.removeFirst()
        return true
    }

    private static func quoted(_ rest: inout Substring) throws(SimulatorError) -> String {
        var text = ""
        while let character = rest.popFirst() {
            switch character {
            case "\"": return text
            case "\\": text.append(try escaped(&rest))
            default: text.append(character)
            }
        }
        throw SimulatorError("expected a closing \" before the end of the line")
    }

    private static func escaped(_ rest: inout Substring) throws(SimulatorError) -> Character {
        switch rest.popFirst() {
        case "n": return "\n"
        case "r": return "\r"
        case "t": return "\t"
        case "\"": return "\""
        case "\\": return "\\"
        case "u" where rest.popFirst() == "{":
            let digits = rest.prefix { $0 != "}" }
            rest = rest[digits.endIndex...].dropFirst()
            if let value = UInt32(digits, radix: 16), let scalar = Unicode.Scalar(value) { return Character(scalar) }
            throw SimulatorError("expected a character's number in hex in \\u{…}, not \(digits)")
        default: throw SimulatorError("expected n, r, t, \", \\ or u{…} after \\")
        }
    }
}
