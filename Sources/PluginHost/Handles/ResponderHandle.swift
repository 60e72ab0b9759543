public import PluginKit

/// A responder as it was when the handle was taken. While the handle is held, its instance is not stopped, so that the
/// chain a text is asked through stays the same from its first responder to its last: hold it for one text, not longer.
public struct ResponderHandle: Sendable {
    /// The drop-in's name, as `20-auto-reply`.
    public let name: String
    let way: CallWay
    let numbers: NumbersInHand

    init(name: String, way: CallWay, numbers: NumbersInHand) {
        self.name = name
        self.way = way
        self.numbers = numbers
    }

    init(name: String, plugin: any PluginRuntime) {
        self.init(name: name, way: CallWay(plugin), numbers: NumbersInHand())
    }

    /// Asks for a decision about one text. Ends within the drop-in's `deadline_ms`, and soon after a cancellation.
    ///
    /// - Throws: what the plugin failed with; `.deadline`, `.cancelled`; `.unavailable` after `PluginHost.stop`.
    public func respond(to text: InboundText) async throws(PluginError) -> Decision {
        try await numbers.holding(text.phone, for: name) { () throws(PluginError) in
            guard case .decision(let decision) = try await way.call(.respond(text)) else { throw .wrongReply }
            return decision
        }
    }
}
