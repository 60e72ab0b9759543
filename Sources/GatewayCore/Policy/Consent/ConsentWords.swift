/// The words that change a person's consent (decision 10): they act when they are the whole message.
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

    private static let stop: Set<String> = [
        "stop", "stopall", "stop all", "unsubscribe", "cancel", "end", "quit", "revoke", "optout", "opt out", "opt-out",
        "alto", "parar", "baja", "cancelar", "detener", "no mas", "no más", "darse de baja",
    ]
    private static let start: Set<String> = [
        "start", "unstop", "yes", "subscribe", "opt in", "optin", "opt-in", "si", "sí", "alta", "iniciar", "empezar",
    ]
    private static let help: Set<String> = ["help", "info", "ayuda"]

    private static let phrases = [
        "stop text", "stop messag", "stop send", "stop contact", "unsubscribe", "remove me", "take me off",
        "do not text", "don't text", "dont text", "opt me out", "no me envi", "no me mand", "dejen de", "deja de envi",
    ]

    static func request(in content: String) -> Request? {
        let words = normalise(content)
        if stop.contains(words) { return .stop }
        if start.contains(words) { return .start }
        if help.contains(words) { return .help }
        if phrases.contains(where: words.contains) { return .maybeStop }
        return nil
    }

    /// Lower case, without surrounding punctuation and white space, inner white space single.
    private static func normalise(_ content: String) -> String {
        guard content.utf8.count <= 1_000 else { return "" }
        let words = content.lowercased().split(whereSeparator: \.isWhitespace)
        let trimmed = words.joined(separator: " ").drop { !$0.isLetter && !$0.isNumber }
        guard let last = trimmed.lastIndex(where: { $0.isLetter || $0.isNumber }) else { return "" }
        return String(trimmed[...last])
    }
}
