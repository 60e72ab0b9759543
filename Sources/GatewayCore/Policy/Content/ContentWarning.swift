/// Something in a text that carriers are known to filter: "sent" is not "delivered".
public struct ContentWarning: Sendable, Hashable, Codable {
    /// What is looked for.
    public enum Code: String, Sendable, Hashable, Codable, CaseIterable {
        /// A link of a public shortener, which carriers block because anybody hides behind it.
        case urlShortener = "url-shortener"
        /// A link to a bare IP address.
        case addressURL = "ip-link"
        /// More than one link.
        case manyLinks = "many-links"
        /// SHOUTING.
        case allCaps = "all-caps"
        /// Rows of `!`, `$` or `?`.
        case punctuation
        /// Letters between letters that nobody sees, or letters of other scripts that look like Latin ones.
        case disguise
        /// An offer that does not say how to get no more of them.
        case noOptOut = "no-opt-out"
        /// Sex, hate, alcohol, firearms, tobacco, and cannabis, which carriers count with them wherever it is legal.
        case restricted = "restricted-content"
        /// Phrases of swindlers.
        case phrase = "spam-phrase"
    }

    public var code: Code
    /// What, and what to write instead; nothing of the text.
    public var message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}

/// What is done about texts that carriers filter.
public struct ContentRules: Sendable, Hashable {
    /// Whether senders are told.
    public var warns = true
    /// Offers in which any of these is found are refused.
    public var refusedPromotions: Set<ContentWarning.Code> = []

    public init() {}
}
