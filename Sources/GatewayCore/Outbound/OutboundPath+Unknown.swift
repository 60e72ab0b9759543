internal import GRDB
internal import PluginKit

/// What becomes of texts whose report did not come.
extension OutboundPath {
    /// The report did not come: by its class the text is sent again, or a person decides and the recipient's later texts
    /// go on.
    func expireUnknown(now: Timestamp) async {
        for text in queue.unknown(before: now) {
            if policy.onUnknown.resends(text.purpose), await resend(text) { continue }
            // While one was written down, the report of another may have come.
            guard queue.isUnknown(text) else { continue }
            alarms.raise("message.unknown", subject: text.uid, Self.question(about: text.uid))
            journal.writer.record { database in
                // Storage is told, too: until now the row held back the later ones of its recipient at every gateway.
                try database.run(
                    "UPDATE outbound SET ask_at = NULL, revision = revision + 1 WHERE uid = ? AND state = 'unknown'",
                    [text.uid])
            } after: { [onOutcome] _ in
                onOutcome()
            }
            forget(text)
        }
    }

    /// False when a person must be asked after all.
    private func resend(_ text: OutgoingText) async -> Bool {
        let now = look()
        let resending = try? await journal.writer.write { [policy] database in
            try OutgoingText.resend(text.uid, attempts: policy.maxAttempts, now: now, database)
        }
        switch resending {
        case .again(let text):
            events.emit("message.resent", text.json(sim: text.simWanted, state: "waiting"))
            queue.retry(text, now: look())
            wake()
            return true
        case .exhausted: return false
        // The journal is away: its own alarm stands, and the deadline is looked at again.
        case .settled, nil: return true
        }
    }

    static func question(about uid: String) -> String {
        "a text may or may not have been sent and no delivery report came: see `conductor messages show \(uid)`; "
            + "`conductor messages settle` says that it was sent, or sends it again"
    }
}
