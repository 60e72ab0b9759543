internal import Synchronization

/// Who asks, for the calls that do not say it: the functions hold it against the token.
final class GatewayName: Sendable {
    private let name: Mutex<String>

    /// - Parameter id: what the token says; nil where any name will do.
    init(id: String?) { name = Mutex((id ?? "gateway") + "/-") }

    /// As `ID/JOURNAL`.
    var value: String { name.withLock { $0 } }

    func note(_ gateway: String) { name.withLock { $0 = gateway } }
}
