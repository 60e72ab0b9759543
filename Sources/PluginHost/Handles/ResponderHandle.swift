public import PluginKit

/// A running responder.
public struct ResponderHandle: Sendable {
    /// The drop-in's name, as `20-auto-reply`.
    public let name: String
    let plugin: any PluginRuntime

    /// Asks for a decision about one text. Ends within the drop-in's `deadline_ms`, and soon after a cancellation.
    ///
    /// - Throws: what the plugin failed with; `.deadline`, `.cancelled`; `.unavailable` after `PluginHost.stop`.
    public func respond(to text: InboundText) async throws(PluginError) -> Decision {
        guard case .decision(let decision) = try await plugin.call(.respond(text)) else { throw .wrongReply }
        return decision
    }
}
