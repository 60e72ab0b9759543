internal import GRDB
internal import PluginKit

/// What people, and policy in their place, make of a text. Each is one transaction with the look at its state: a permit
/// to write a PDU is one too, so that a text is cancelled or sent, and never both.
extension OutgoingText {
    /// `error_code` of a text that a person took back.
    static let cancelledCode = "cancelled"
    /// `error_code` of a text that did not arrive, as a person said, and shall not be sent again.
    static let givenUpCode = "given-up"

    /// What came of taking a text back.
    enum Cancellation: Sendable {
        case cancelled(OutgoingText)
        /// It had been before.
        case wasCancelled
        /// Its row may have been queued again: storage decides, and if it says no, this sentence does.
        case settled(String)
        /// One sentence.
        case impossible(String)
        case notHere
    }

    /// Takes a waiting text back, of which nothing has left.
    static func cancel(_ uid: String, now: Timestamp, _ database: Database) throws -> Cancellation {
        guard let row = try database.first("SELECT * FROM outbound WHERE uid = ?", [uid]) else { return .notHere }
        let text = OutgoingText(row: row)
        switch text.state {
        case .waiting: break
        case .sending: return .impossible("the text is on its way: it cannot be cancelled any more")
        case .unknown:
            return .impossible(
                "the text may have left already: `conductor messages settle` says what became of it, and can give it up"
            )
        case .accepted, .delivered:
            return .impossible("the text has left already: it cannot be cancelled any more")
        case .undelivered: return .settled("the text has left already: it cannot be cancelled any more")
        case .failed:
            if (row["error_code"] as String?) == cancelledCode { return .wasCancelled }
            return .settled("the text has failed already: it is not going to be sent")
        }
        let part = try database.first(
            "SELECT state FROM part WHERE uid = ? AND state <> 'refused' ORDER BY state", [uid])
        if let part {
            return .impossible(
                part["state"] == "unknown"
                    ? "the text may have left already, and is being sent again: it cannot be cancelled any more"
                    : "a part of the text has left already: the rest follows it")
        }
        try database.run(
            """
            UPDATE outbound SET state = 'failed', settled_at = ?, error_code = ?, error_message = ?,
                revision = revision + 1 WHERE uid = ?
            """, [now.milliseconds, cancelledCode, "cancelled before any of it was sent", uid])
        try note(uid, "cancelled by a person", now: now, database)
        return .cancelled(text)
    }

    /// What came of sending an unknown text again, as policy says.
    enum Resending: Sendable {
        case again(OutgoingText)
        /// Its attempts are used up: a person is asked.
        case exhausted
        /// A report, or a person, was first.
        case settled
    }

    /// Sends a text again whose report did not come. Its unknown part stays as it is until the next intent takes its
    /// place: a report that comes before that still settles it, and it is not sent again.
    static func resend(_ uid: String, attempts: Int, now: Timestamp, _ database: Database) throws -> Resending {
        guard var text = try find(uid, database), text.state == .unknown, text.askAt != nil else { return .settled }
        guard text.attempts < attempts else { return .exhausted }
        try database.run(
            """
            UPDATE outbound SET state = 'waiting', \(triedAgain), ask_at = NULL, settled_at = NULL, not_before = NULL,
                error_code = NULL, error_message = NULL, revision = revision + 1 WHERE uid = ?
            """, [now.milliseconds, uid])
        try note(uid, "sent again, for no delivery report came (policy: on_unknown)", now: now, database)
        text.state = .waiting
        text.askAt = nil
        text.notBefore = nil
        return .again(text)
    }

    /// A person says that an unknown text was sent, or gives it up. Nil when it is not unknown.
    ///
    /// Was it the beginning of a longer one, the rest of it follows, as it does after a report.
    static func settle(
        _ uid: String, wasSent: Bool, by person: String?, now: Timestamp, _ database: Database
    ) throws -> ReportedText? {
        guard let row = try database.first("SELECT * FROM outbound WHERE uid = ?", [uid]) else { return nil }
        var text = OutgoingText(row: row)
        guard text.state == .unknown else { return nil }
        let who = person.map { " (\($0))" } ?? ""
        guard wasSent else {
            try database.run(
                "UPDATE part SET state = 'refused', outcome_at = ?, error = ? WHERE uid = ? AND state = 'unknown'",
                [now.milliseconds, givenUpCode, uid])
            try database.run(
                """
                UPDATE outbound SET state = 'failed', settled_at = ?, ask_at = NULL, error_code = ?, error_message = ?,
                    revision = revision + 1 WHERE uid = ?
                """, [now.milliseconds, givenUpCode, "a person said that it did not arrive, and gave it up", uid])
            try note(uid, "given up by a person\(who)", now: now, database)
            text.state = .failed
            return ReportedText(text: text)
        }
        try note(uid, "a person said that it was sent\(who)", now: now, database)
        try database.run(
            "UPDATE part SET state = 'accepted', outcome_at = ?, error = NULL WHERE uid = ? AND state = 'unknown'",
            [now.milliseconds, uid])
        let hadPart = database.changesCount > 0
        if hadPart, (row["error_code"] as String?) != HeldTexts.code,
            let settled = try DeliveryReports.conclude(uid, now: now, database)
        {
            return settled
        }
        // Of a text that was put back, the parts may not be known: all of it was meant.
        try database.run(
            """
            UPDATE outbound SET state = 'accepted', settled_at = ?, ask_at = NULL, error_code = NULL,
                error_message = NULL, revision = revision + 1 WHERE uid = ?
            """, [now.milliseconds, uid])
        text.state = .accepted
        return ReportedText(text: text)
    }

    /// Adds a line to the text's story.
    static func note(_ uid: String, _ sentence: String, now: Timestamp, _ database: Database) throws {
        try database.run(
            "UPDATE outbound SET note = ifnull(note || char(10), '') || ? WHERE uid = ?",
            ["\(now): \(sentence)", uid])
    }
}
