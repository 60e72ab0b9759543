internal import PluginKit

extension OutgoingText {
    /// What carriers may filter it for, whoever wants it sent. Our own confirmations are beyond suspicion.
    var warnings: [ContentWarning] {
        purpose.isOwn ? [] : ContentLint.warnings(content, isPromotion: purpose == .promotion)
    }
}

extension OutboundPath {
    /// Tells that carriers may filter the text: programs that write rows and responders get no answer that could say so.
    func warn(of text: OutgoingText) {
        let codes = text.warnings.map(\.code.rawValue)
        guard !codes.isEmpty else { return }
        events.emit("message.warned", text.json(sim: text.simWanted, state: "waiting", warnings: codes))
    }
}
