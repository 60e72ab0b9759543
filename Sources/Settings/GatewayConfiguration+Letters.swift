extension GatewayConfiguration {
    /// One word for every class of texts, or one a class.
    static func readOnUnknown(_ node: ConfigurationNode) throws(ConfigurationError) -> OnUnknown {
        let words = ["wait_report_then_ask", "resend"]
        var actions = OnUnknown()
        if case .mapping = node.content {
            let keys = try node.mapping(keys: ["conversation", "notice", "promotion"])
            actions.conversation = try keys["conversation"]?.word(among: words)
            actions.notice = try keys["notice"]?.word(among: words)
            actions.promotion = try keys["promotion"]?.word(among: words)
        } else {
            let word = try node.word(among: words)
            (actions.conversation, actions.notice, actions.promotion) = (word, word, word)
        }
        return actions
    }

    static func readContent(_ node: ConfigurationNode) throws(ConfigurationError) -> Content {
        let keys = try node.mapping(keys: ["warn", "refuse_promotions"])
        var content = Content()
        content.warn = try keys["warn"]?.bool()
        if let node = keys["refuse_promotions"] {
            var codes: [String] = []
            for item in try node.list() {
                codes.append(
                    try item.word(
                        among: [
                            "url-shortener", "ip-link", "many-links", "all-caps", "punctuation", "disguise",
                            "no-opt-out", "restricted-content", "spam-phrase",
                        ]))
            }
            content.refusePromotions = codes
        }
        return content
    }

    static func readDeadLetters(_ node: ConfigurationNode) throws(ConfigurationError) -> DeadLetters {
        let keys = try node.mapping(keys: ["alarm", "within"])
        var letters = DeadLetters()
        letters.alarm = try keys["alarm"]?.integer(in: 0...100_000)
        letters.within = try keys["within"]?.duration()
        return letters
    }
}
