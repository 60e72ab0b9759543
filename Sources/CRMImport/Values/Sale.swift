/// What a till says a receipt is.
enum Sale {
    private static let unfinished: Set<String> = [
        "in progress", "inprogress", "hold", "on hold", "open", "pending", "draft", "parked", "quote", "layaway",
        "awaiting payment", "new",
    ]
    private static let undone: Set<String> = [
        "void", "voided", "cancelled", "canceled", "deleted", "rejected", "declined",
    ]
    private static let refunds: Set<String> = ["refund", "refunded", "return", "returned", "exchange return"]
    private static let others: Set<String> = [
        "reconciliation", "transfer", "no sale", "nosale", "adjustment", "payout", "pay in", "pay out", "drawer",
    ]

    /// Why it is no sale that happened; nil when it is one, or given back.
    static func obstacle(type: String?, status: String?) -> String? {
        for word in [type, status].compactMap({ $0?.lowercased() }) {
            if unfinished.contains(word) { return "the till has not completed it (\(word))" }
            if undone.contains(word) { return "the till has taken it back (\(word))" }
            if others.contains(word) { return "it is no sale (\(word))" }
        }
        return nil
    }

    static func isRefund(type: String?) -> Bool { type.map { refunds.contains($0.lowercased()) } ?? false }
}

/// Names of people.
enum PersonName {
    private static let suffixes: Set<String> = [
        "jr", "jr.", "sr", "sr.", "ii", "iii", "iv", "md", "m.d.", "phd", "esq", "esq.", "inc", "inc.", "llc", "l.l.c.",
        "ltd", "ltd.", "co", "co.", "corp", "corp.", "gmbh",
    ]

    /// `Garcia, Ana` is Ana Garcia; blanks between words are one.
    static func plain(_ bytes: Bytes) -> String {
        let text = String(decoding: bytes, as: UTF8.self)
        let hasComma = bytes.contains(UInt8(ascii: ","))
        guard hasComma || bytes.contains(where: { $0 < 0x20 }) || text.contains("  ") else { return text }
        let one = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        let halves = one.split(separator: ",", omittingEmptySubsequences: false).map { $0.drop { $0 == " " } }
        guard halves.count == 2, !halves[0].isEmpty, !halves[1].isEmpty,
            !suffixes.contains(halves[1].lowercased())
        else { return one }
        return "\(halves[1]) \(halves[0])"
    }
}
