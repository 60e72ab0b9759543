/// Finds auto-responders that talk to each other, and numbers that send without end (B12). Pure: it looks at what was
/// said, and says what it sees.
public struct LoopGuard: Sendable, Hashable {
    /// False: nothing is ever found.
    public var isOn = true
    /// Automatic answers to one number within the window; no further one is sent.
    public var answers = 10
    /// How far back it looks.
    public var windowMilliseconds: Int64 = 600_000
    /// Texts of one number that say the same but for their digits. Short ones (`ok`, `1`) do not count: people repeat them.
    public var sameTexts = 4
    /// Texts of one number within the window, whether they are answered or not.
    public var texts = 60
    /// How long our responders leave a number alone.
    public var restMilliseconds: Int64 = 3_600_000

    /// A person needs longer to read an answer and write another text.
    static let quickMilliseconds: Int64 = 4_000
    /// So many quick ones in a row.
    static let quickTexts = 5
    /// Letters a text must have to be compared.
    static let comparedLetters = 8

    public init() {}

    /// One text of a conversation.
    struct Said: Sendable {
        var at: Int64
        /// Sent by a responder, a plugin or the policy; else it came.
        var isAnswer: Bool
        var content: String
    }

    /// What looks like a loop, in words for people; nil when nothing does.
    ///
    /// - Parameter history: what was said within the window, oldest first.
    func finding(in history: [Said]) -> String? {
        guard isOn else { return nil }
        let answered = history.count { $0.isAnswer }
        let minutes = max(1, windowMilliseconds / 60_000)
        if answered >= answers { return "\(answered) automatic answers in \(minutes) min" }
        let came = history.filter { !$0.isAnswer }
        if came.count >= texts { return "\(came.count) texts in \(minutes) min" }
        guard let last = came.last else { return nil }
        let print = Self.fingerprint(last.content)
        if print.utf8.count >= Self.comparedLetters {
            let same = came.count { Self.fingerprint($0.content) == print }
            if same >= sameTexts { return "the same text \(same) times" }
            // Our own words come back: somebody of our kind is at the other end.
            let echoes = history.count { $0.isAnswer && Self.fingerprint($0.content) == print }
            if echoes >= 2 { return "our own answer comes back" }
        }
        return quick(history) ? "\(Self.quickTexts) texts in a row, each within seconds of our answer" : nil
    }

    /// Whether the last texts each came sooner after an answer than a person could have written them.
    private func quick(_ history: [Said]) -> Bool {
        var found = 0
        for (said, before) in zip(history.reversed(), history.reversed().dropFirst()) {
            if said.isAnswer { continue }
            guard before.isAnswer, (0...Self.quickMilliseconds).contains(said.at - before.at) else { return false }
            found += 1
            if found == Self.quickTexts { return true }
        }
        return false
    }

    /// The letters of a text: `Ticket 17 received.` and `Ticket 18 received!` are one.
    static func fingerprint(_ content: String) -> String {
        String(String.UnicodeScalarView(content.lowercased().unicodeScalars.filter(\.properties.isAlphabetic)))
    }
}

/// Texts that say themselves that nobody wrote them.
enum AutomaticText {
    private static let marks = Phrases([
        "auto reply", "autoreply", "automatic reply", "automated reply", "auto response", "autoresponse",
        "automatic response", "automated response", "automated message", "automatic message", "autoresponder",
        "out of office", "do not reply to this", "this is an automated", "driving with do not disturb",
        "driving focus", "im driving and", "respuesta automatica", "mensaje automatico", "mensaje automatizado",
        "fuera de la oficina", "no responda a este",
    ])

    static func isOne(_ content: String) -> Bool {
        guard content.utf8.count <= 6_400 else { return false }
        return marks.beginsWord(in: ConsentWords.words(of: content).joined(separator: " "))
    }
}
