/// Which texts other programs answer that work on the table (decision 6). Those stay `unread` for them and are not for our
/// responders; all others are stored as `read`, so that such a program leaves them alone.
public struct ExternalBots: Sendable, Hashable {
    /// Every text; the rest does not matter then.
    public var all = false
    /// Senders, in E.164.
    public var numbers: Set<String> = []
    /// ICCID or IMSI of the SIMs that were written to.
    public var sims: Set<String> = []
    /// First words of texts; case, accents and punctuation do not matter.
    public var words: Set<String> = []

    public init() {}

    func matches(phone: String, sim: String, content: String) -> Bool {
        if all || numbers.contains(phone) || sims.contains(sim) { return true }
        guard !words.isEmpty, let first = ConsentWords.words(of: content).first else { return false }
        return words.contains { ConsentWords.words(of: $0).first == first }
    }
}
