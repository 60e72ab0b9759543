extension GatewayConfiguration {
    /// The journal's rows recognise what the network repeats, match delivery reports to their parts (the network tries
    /// for some days) and know again the requests that a program repeats.
    private static let leastDays = 7

    static func readRetention(_ node: ConfigurationNode) throws(ConfigurationError) -> Retention {
        let keys = try node.mapping(keys: ["texts", "journal", "transcripts"])
        var retention = Retention()
        if let node = keys["texts"] { retention.texts = try span(node, leastDays: leastDays) }
        if let node = keys["journal"] {
            guard case .time(let time) = try span(node, leastDays: leastDays) else {
                throw node.error("must have an end: the journal is kept small, texts stay in storage")
            }
            retention.journal = time
        }
        if let node = keys["transcripts"] { retention.transcripts = try span(node, leastDays: 1) }
        return retention
    }

    private static func span(
        _ node: ConfigurationNode, leastDays: Int
    ) throws(ConfigurationError) -> Retention.Span {
        if try node.string() == "forever" { return .forever }
        let time = try node.duration()
        guard time >= .seconds(86_400 * leastDays) else {
            throw node.error("must be at least \(leastDays)d, or forever")
        }
        return .time(time)
    }
}
