/// Looks for what carriers filter. Pure; it judges the look of a text, never what it means, so it only warns.
public enum ContentLint {
    /// Public shorteners that North American carriers name in their codes of conduct, or that vendors see blocked.
    private static let shorteners: Set<String> = [
        "bit.ly", "bitly.com", "j.mp", "tinyurl.com", "tiny.cc", "goo.gl", "t.co", "ow.ly", "is.gd", "v.gd", "buff.ly",
        "rebrand.ly", "cutt.ly", "shorturl.at", "rb.gy", "t.ly", "s.id", "adf.ly", "bl.ink", "lnkd.in", "shorte.st",
        "tr.im", "x.co", "soo.gd", "clck.ru", "urlz.fr", "qr.ae", "u.to", "tinyurl.is", "short.io", "snip.ly",
        "dlvr.it",
    ]

    /// Ends of names that are links also without `https://`.
    private static let endings: Set<Substring> = [
        "com", "net", "org", "info", "biz", "io", "co", "us", "ca", "mx", "uk", "de", "fr", "es", "ly", "gl", "gd",
        "cc",
        "me", "app", "shop", "store", "online", "site", "xyz", "top", "club", "link", "page", "dev", "ai", "tv", "to",
        "at",
        "gy", "id", "im", "in", "ru", "ae", "is", "mp", "st", "it", "ink",
    ]

    /// Ways to say how no more is got, English and Spanish.
    private static let optOuts = Phrases([
        "stop", "unsubscribe", "opt out", "optout", "opt-out", "alto", "baja", "cancelar", "parar", "no más", "no mas",
    ])

    /// Whole words.
    private static let restricted: Set<String> = [
        "weed", "marijuana", "cannabis", "thc", "cbd", "kush", "indica", "sativa", "edible", "edibles", "dispensary",
        "vape", "vapes", "vaping", "tobacco", "cigarette", "cigarettes", "nicotine", "hookah", "beer", "wine", "vodka",
        "whiskey", "tequila", "liquor", "firearm", "firearms", "ammo", "gun", "guns", "rifle", "porn", "xxx", "escort",
        "escorts", "marihuana", "tabaco", "cigarrillos", "cerveza", "vino", "licor",
    ]

    private static let phrases = Phrases([
        "act now", "click here", "claim your", "you have won", "you've won", "winner!", "risk free", "risk-free",
        "free money", "cash now", "make money", "earn $", "no credit check", "guaranteed approval", "debt relief",
        "payday loan", "work from home", "limited time only", "100% free", "congratulations! you", "haga clic aquí",
        "has ganado", "dinero gratis",
    ])

    /// What carriers may filter `text` for; in the order of `ContentWarning.Code`.
    ///
    /// - Parameter isPromotion: it is an offer, to many: it must say how to get no more of them.
    public static func warnings(_ text: String, isPromotion: Bool) -> [ContentWarning] {
        let lower = text.lowercased()
        let links = links(in: lower)
        var found: [ContentWarning] = []
        if links.contains(where: { shorteners.contains($0) }) {
            found.append(.init(.urlShortener, "carriers block links of public shorteners: write your own address"))
        }
        if links.contains(where: isAddress) {
            found.append(.init(.addressURL, "carriers block links to a bare IP address: write a name of yours"))
        }
        if links.count > 1 {
            found.append(.init(.manyLinks, "more than one link looks like spam to carriers: leave one"))
        }
        if shouts(text) {
            found.append(.init(.allCaps, "capitals throughout look like spam to carriers: write as you speak"))
        }
        if hasRows(of: ["!", "$", "?", "¡", "¿"], 3, in: text) {
            found.append(.init(.punctuation, "rows of !, ? or $ look like spam to carriers: one will do"))
        }
        if isDisguised(text) {
            found.append(
                .init(.disguise, "letters that are hidden or look like others are what swindlers use: type them anew"))
        }
        if isPromotion, !optOuts.isAny(in: lower) {
            found.append(.init(.noOptOut, "an offer must say how to get no more of them, as \"Reply STOP to end\""))
        }
        if words(of: lower).contains(where: { restricted.contains($0) }) {
            found.append(
                .init(
                    .restricted,
                    "carriers filter sex, hate, alcohol, firearms and tobacco, and cannabis with them wherever it is "
                        + "legal: it may never arrive, and cost the SIM"))
        }
        if phrases.isAny(in: lower) {
            found.append(.init(.phrase, "it has a phrase that swindlers use, and carriers filter: say it otherwise"))
        }
        return found
    }

    // MARK: What it looks at

    private static func words(of lower: String) -> Set<String> {
        Set(lower.split { !$0.isLetter && !$0.isNumber }.map(String.init))
    }

    /// The hosts of all links, lower case, without `www.`.
    private static func links(in lower: String) -> [String] {
        lower.split { $0.isWhitespace || "<>()[]{}\"'|,;".contains($0) }.compactMap { host(of: $0) }
    }

    private static func host(of word: Substring) -> String? {
        var rest = word
        var isLink = false
        for scheme in ["https://", "http://"] where rest.hasPrefix(scheme) {
            rest = rest.dropFirst(scheme.count)
            isLink = true
        }
        if rest.hasPrefix("www.") {
            rest = rest.dropFirst(4)
            isLink = true
        }
        // A mail address is no link.
        if !isLink, rest.utf8.contains(UInt8(ascii: "@")) { return nil }
        var host = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" && $0 != ":" && $0 != "!" }
        while host.last == "." { host.removeLast() }
        let labels = host.split(separator: ".", omittingEmptySubsequences: false)
        guard labels.count > 1, labels.allSatisfy({ isLabel($0) }) else { return nil }
        guard isLink || isNamed(labels, hasPath: rest.count > host.count + 1) else { return nil }
        return String(host)
    }

    /// A name without `https://` is a link when it ends as names do; "9.30.at" and "3.50.to" are not.
    private static func isNamed(_ labels: [Substring], hasPath: Bool) -> Bool {
        if labels.count == 4, isAddress(labels.joined(separator: ".")) { return hasPath }
        guard let last = labels.last, let name = labels.dropLast().last, endings.contains(last) else { return false }
        return name.contains { $0.isLetter } && (hasPath || last.count > 2 || shorteners.contains("\(name).\(last)"))
    }

    private static func isLabel(_ label: Substring) -> Bool {
        !label.isEmpty && label.allSatisfy { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" }
    }

    private static func isAddress(_ host: String) -> Bool {
        let numbers = host.split(separator: ".", omittingEmptySubsequences: false)
        return numbers.count == 4 && numbers.allSatisfy { Int($0).map { (0...255).contains($0) } ?? false }
    }

    /// Ten or more letters that have a case, nearly all of them capitals.
    private static func shouts(_ text: String) -> Bool {
        let cased = text.filter { $0.isUppercase != $0.isLowercase }
        let capitals = cased.count { $0.isUppercase }
        return cased.count >= 10 && capitals * 10 >= cased.count * 9
    }

    private static func hasRows(of marks: Set<Character>, _ length: Int, in text: String) -> Bool {
        var run = 0
        for character in text {
            run = marks.contains(character) ? run + 1 : 0
            if run >= length { return true }
        }
        return false
    }

    /// Invisible characters inside words, or Latin words with letters of Cyrillic or Greek.
    private static func isDisguised(_ text: String) -> Bool {
        var latin = false
        var lookalike = false
        var before: Unicode.Scalar?
        var hidden = false
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x200B, 0x2060, 0x00AD, 0xFEFF:
                hidden = hidden || before.map { $0.properties.isAlphabetic } ?? false
            case 0x41...0x5A, 0x61...0x7A:
                latin = true
            case 0x0370...0x052F:
                lookalike = lookalike || before.map { (0x41...0x7A).contains($0.value) } ?? false
            default: break
            }
            before = scalar
        }
        return hidden || (latin && lookalike)
    }
}
