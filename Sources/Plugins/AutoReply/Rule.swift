internal import PluginKit

/// One rule, ready to be used.
struct Rule: Sendable {
    /// What makes it match.
    enum Trigger: Sendable {
        /// Folded words; any phrase.
        case keywords([[String]])
        case pattern(Pattern)
        /// The default reply.
        case always

        func matches(_ text: String, words: [String]) -> Bool {
            switch self {
            case .keywords(let phrases): phrases.contains { Words.contains(words, $0) }
            case .pattern(let pattern): pattern.matches(text)
            case .always: true
            }
        }
    }

    /// As people name it in reasons: `rule "opening hours"`.
    let title: String
    let trigger: Trigger
    let hours: OpeningHours?
    let reply: Template
    /// What to say outside `hours`; without it the rule is passed over then.
    let closed: Template?
    /// The same person gets this rule's answer once in so long.
    let everyMilliseconds: Int64
}

/// A compiled regular expression.
///
/// Safety: `Regex` is immutable, and one compiled from text runs no closures.
struct Pattern: @unchecked Sendable {
    private let regex: Regex<AnyRegexOutput>

    /// Case does not matter.
    init(_ source: String) throws {
        regex = try Regex(source).ignoresCase()
    }

    func matches(_ text: String) -> Bool {
        (try? regex.firstMatch(in: text)) != nil
    }
}
