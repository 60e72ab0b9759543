import GatewayCore

/// Does a gateway run, and does it answer?
struct GatewayCheck: Sendable {
    let config: String?

    /// The findings, and the status when there is one.
    func run() -> ([Finding], GatewayStatus?) {
        do {
            let path = try GatewayAddress.find(config: config)
            let status = try GatewayClient(http: HTTPSocket(path: path)).status()
            let alarms = status.alarms.map { Finding(.wrong, "alarm \($0.kind)", cure: $0.message) }
            return ([Finding(.fine, "the gateway runs (process \(status.processID)) on \(path)")] + alarms, status)
        } catch {
            let lines = error.message.split(separator: "\n", maxSplits: 1).map(String.init)
            return ([Finding(.wrong, lines.first ?? "", cure: lines.count > 1 ? lines[1] : nil)], nil)
        }
    }
}
