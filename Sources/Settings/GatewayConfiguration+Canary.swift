extension GatewayConfiguration {
    /// `off`, or how often and how fast.
    static func readCanary(_ node: ConfigurationNode) throws(ConfigurationError) -> Canary? {
        if case .scalar = node.content, try node.string() == "off" { return nil }
        let keys = try node.mapping(keys: ["every", "within"])
        let everyNode = try keys.require("every")
        let every = try everyNode.duration()
        guard (.seconds(600)...(.seconds(30 * 86_400))).contains(every) else {
            throw everyNode.error("must be within 10m and 30d: each check costs a text of each SIM")
        }
        guard let node = keys["within"] else { return Canary(every: every, within: min(.seconds(600), every / 2)) }
        let within = try node.duration()
        guard (.seconds(60)...(.seconds(86_400))).contains(within), within < every else {
            throw node.error("must be within 1m and 1d, and less than every")
        }
        return Canary(every: every, within: within)
    }
}
