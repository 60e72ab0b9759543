internal import PluginHost
internal import PluginKit

/// Asks the responders in the order of their drop-ins; at most one reply comes of it.
struct ResponderChain: Sendable {
    /// What the chain decided.
    struct Verdict: Sendable {
        /// The text to send; nil when there is none.
        var reply: String?
        /// The drop-in whose reply it is.
        var responder = ""
        /// For people, in `messages show`: who said what, and why.
        var summary = ""
    }

    /// Those that run now. Read once for each text, so that a text is asked about by one set of responders, whatever is
    /// reloaded meanwhile.
    let responders: @Sendable () -> [ResponderHandle]
    /// Told of a responder that failed; it is skipped.
    let onFailure: @Sendable (String, PluginError) -> Void

    func ask(about text: InboundText) async -> Verdict {
        var verdict = Verdict()
        var kept: [String] = []
        var story: [String] = []
        chain: for responder in responders() {
            do {
                let decision = try await responder.respond(to: text)
                story.append(
                    "\(responder.name): \(decision.kind.word)\(decision.reason.isEmpty ? "" : " (\(decision.reason))")")
                switch decision.kind {
                case .decline: continue chain
                case .append:
                    if !decision.text.isEmpty { kept.append(decision.text) }
                    verdict.responder = responder.name
                case .reply:
                    if !decision.text.isEmpty { kept.append(decision.text) }
                    verdict.responder = responder.name
                    break chain
                case .draft, .handOver:
                    kept = []
                    break chain
                }
            } catch {
                story.append("\(responder.name): failed (\(error.message))")
                onFailure(responder.name, error)
            }
        }
        verdict.reply = kept.isEmpty ? nil : kept.joined(separator: "\n")
        verdict.summary = story.isEmpty ? "no responder is enabled" : story.joined(separator: "; ")
        return verdict
    }
}

extension Decision.Kind {
    /// For people.
    fileprivate var word: String {
        switch self {
        case .decline: "declined"
        case .reply: "replied"
        case .append: "added"
        case .draft: "drafted"
        case .handOver: "handed over to a person"
        }
    }
}
