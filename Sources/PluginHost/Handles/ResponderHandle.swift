public import PluginKit

/// A running responder.
public struct ResponderHandle: Sendable {
    /// The drop-in's name, as `20-auto-reply`.
    public let name: String
    let plugin: HostedPlugin

    /// Asks for a decision about one text. Ends within the drop-in's `deadline_ms`, and soon after a cancellation.
    ///
    /// - Throws: what the plugin failed with; `.deadline`, `.cancelled`; `.unavailable` after `PluginHost.stop`.
    public func respond(to text: InboundText) async throws(PluginError) -> Decision {
        guard let respond = plugin.responder?.respond else { throw .notOffered }
        return try await plugin.call(as: Decision.self) { raw, call, token in
            var arena = Arena()
            var form = text.cForm(in: &arena)
            respond(raw, call, &form, Completions.decision, token)
            arena.end()
        }
    }
}

extension PluginError {
    static let notOffered = PluginError(.unsupported, "this plugin does not offer that capability")
}
