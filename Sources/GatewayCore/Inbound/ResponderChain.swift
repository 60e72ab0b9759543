internal import PluginHost
internal import PluginKit
internal import SMSCodec

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
                try Self.check(decision)
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

    /// An answer that no telephone network takes is a failure of its responder: the next one is asked.
    private static func check(_ decision: Decision) throws(PluginError) {
        guard decision.kind == .reply || decision.kind == .append, !decision.text.isEmpty else { return }
        guard !decision.text.hasNUL else {
            throw PluginError(.invalid, "its answer holds the character U+0000, which ends texts")
        }
        // The quick look first: it may be many megabytes.
        let isSendable =
            decision.text.utf8.count <= Segmentation.maximumParts * 4 * 160
            && (try? Segmentation.split(decision.text, reference: 0)) != nil
        guard isSendable else { throw PluginError(.invalid, "its answer is too long to be sent") }
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
