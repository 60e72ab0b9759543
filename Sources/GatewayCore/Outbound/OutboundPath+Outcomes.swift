internal import FaultPoints
internal import GRDB
internal import Logging
internal import ModemKit
internal import PluginKit
internal import Synchronization

/// What becomes of a part, and of its text with the last one.
extension OutboundPath {
    /// Writes the outcome down; false when the text does not go on with its next part now.
    func settle(_ part: PartOnItsWay, _ outcome: SubmissionOutcome, _ permit: Permit) -> Bool {
        if permit.wasGranted { durations.record(milliseconds: look().milliseconds - part.intentAt.milliseconds) }
        switch outcome {
        case .accepted(let reference):
            lanes[part.modem]?.failures = 0
            accept(part, reference: Int(reference))
            return true
        case .refused(let code) where SendErrors.isUncertain(code):
            loseSight(of: part, reason: SendErrors.sentence(code))
            return false
        case .refused(let code):
            refuse(part, code)
            return false
        case .unknown(let reason):
            loseSight(of: part, reason: reason)
            return false
        case .notSent(let reason):
            notSent(part, reason: reason, permit)
            return false
        }
    }

    private func accept(_ part: PartOnItsWay, reference: Int) {
        let now = look()
        let isLast = part.isLast
        journal.writer.record { database -> (reported: [ReportedText], hasEnded: Bool) in
            try database.run(
                "UPDATE part SET state = 'accepted', reference = ?, outcome_at = ? WHERE uid = ? AND number = ?",
                [reference, now.milliseconds, part.text.uid, part.number])
            var hasEnded = false
            if isLast {
                // Meanwhile a report may have said that another part of it did not arrive.
                try database.run(
                    """
                    UPDATE outbound SET state = 'accepted', sim = ?, settled_at = ?, error_code = NULL,
                        error_message = NULL, revision = revision + 1 WHERE uid = ? AND state <> 'undelivered'
                    """, [part.sim, now.milliseconds, part.text.uid])
                hasEnded = database.changesCount > 0
            }
            let reported = try DeliveryReports.accepted(part, reference: reference, now: now, database)
            CrashPoint.reached("before outcome commit")
            return (reported, hasEnded)
        } after: { [self] outcome in
            CrashPoint.reached("after outcome commit")
            if outcome.hasEnded { events.emit("message.sent", part.text.json(sim: part.sim, state: "accepted")) }
            if isLast { onOutcome() }
            tell(outcome.reported)
        }
        if isLast {
            forget(part.text)
        } else {
            acceptedParts[part.text.uid, default: []].insert(part.number)
        }
    }

    /// Refused by modem or network: for good, or until later.
    private func refuse(_ part: PartOnItsWay, _ code: SubmissionOutcome.ErrorCode?) {
        var text = part.text
        text.attempts += 1
        let word = SendErrors.word(code)
        var random = SystemRandomNumberGenerator()
        let delay =
            SendErrors.isPermanent(code)
            ? nil : policy.retry.delay(afterAttempts: text.attempts, using: &random)
        guard let delay else {
            let reason = SendErrors.sentence(code)
            let tried = text.attempts > 1 ? " (\(text.attempts) attempts)" : ""
            return fail(text, code: word, reason + tried, part: part)
        }
        let now = look()
        lanes[part.modem]?.failures += 1
        text.notBefore = Timestamp(milliseconds: now.milliseconds + delay)
        journal.writer.record { [text] database in
            try database.run(
                "UPDATE part SET state = 'refused', outcome_at = ?, error = ? WHERE uid = ? AND number = ?",
                [now.milliseconds, word, text.uid, part.number])
            try database.run(
                """
                UPDATE outbound SET state = 'waiting', attempts = ?, not_before = ?, error_code = ?, error_message = ?
                WHERE uid = ? AND state <> 'undelivered'
                """,
                [text.attempts, text.notBefore?.milliseconds, word, SendErrors.sentence(code), text.uid])
            return try DeliveryReports.settleUnknown(
                phone: part.text.phone, sim: part.sim, now: now, database)
        } after: { [self] in
            tell($0)
        }
        queue.retry(text, now: now, isWait: true)
    }

    /// The part left, or may have: only its report or a person settles it (B1).
    private func loseSight(of part: PartOnItsWay, reason: String) {
        let now = look()
        let askAt = now.milliseconds + policy.reportMilliseconds
        var text = part.text
        text.state = .unknown
        text.askAt = Timestamp(milliseconds: askAt)
        queue.settleHeld(text)
        journal.writer.record { database in
            try Self.markUnknown(
                part.text.uid, part.number, phone: part.text.phone, sim: part.sim, reason: reason, askAt: askAt,
                now: now,
                database)
        } after: { [self] settled in
            events.emit("message.unknown", part.text.json(sim: part.sim, state: "unknown"))
            onOutcome()
            tell(settled)
        }
    }

    /// Part `number` is cut off between intent and result. A report for it may be there already: the texts that are known
    /// now.
    static func markUnknown(
        _ uid: String, _ number: Int, phone: String, sim: String, reason: String, askAt: Int64, now: Timestamp,
        _ database: Database
    ) throws -> [ReportedText] {
        try database.run(
            "UPDATE part SET state = 'unknown', outcome_at = ?, error = ? WHERE uid = ? AND number = ?",
            [now.milliseconds, reason, uid, number])
        try database.run(
            """
            UPDATE outbound SET state = 'unknown', ask_at = ?, settled_at = ?, error_code = 'unknown', error_message = ?,
                revision = revision + 1 WHERE uid = ?
            """, [askAt, now.milliseconds, reason, uid])
        return try DeliveryReports.settleUnknown(phone: phone, sim: sim, now: now, database)
    }

    /// Texts of which a kept report has told; on the journal's thread.
    private nonisolated func tell(_ settled: [ReportedText]) {
        if settled.isEmpty { return }
        for text in settled { text.announce(events) }
        early.withLock { $0 += settled }
        onOutcome()
        wake()
    }

    /// Nothing reached the radio: the intent is taken back and the text waits for its next turn.
    private func notSent(_ part: PartOnItsWay, reason: String, _ permit: Permit) {
        let now = look()
        var text = part.text
        if permit.wasGranted {
            journal.writer.record { [text] database in
                try database.run(
                    "DELETE FROM part WHERE uid = ? AND number = ? AND state = 'intent'", [text.uid, part.number])
                try database.run(
                    "UPDATE outbound SET state = 'waiting' WHERE uid = ? AND state = 'sending'", [text.uid])
                return try DeliveryReports.settleUnknown(
                    phone: part.text.phone, sim: part.sim, now: now, database)
            } after: { [self] in
                tell($0)
            }
        }
        if let denial = permit.denial { return obey(denial, text) }
        if permit.isStale { return lookAgain(at: text, now: now) }
        logger.debug("a part was not sent", metadata: ["uid": "\(text.uid)", "reason": "\(reason)"])
        text.notBefore = permit.isJournalDown ? Timestamp(milliseconds: now.milliseconds + 1_000) : nil
        if lanes[part.modem]?.restsUntil != .max {
            lanes[part.modem]?.failures += 1
            lanes[part.modem]?.restsUntil = clock.monotonicMilliseconds + 500
        }
        queue.retry(text, now: now, isWait: true)
    }

    /// The journal knows more of the text than its lane did: a report came first, or a person. What is left of it is
    /// sent in its next turn.
    private func lookAgain(at text: OutgoingText, now: Timestamp) {
        acceptedParts[text.uid] = nil
        guard var known = try? journal.read({ try OutgoingText.find(text.uid, $0) }),
            [.waiting, .sending].contains(known.state)
        else {
            logger.notice("a part is not to be sent any more", metadata: ["uid": "\(text.uid)"])
            return forget(text)
        }
        known.notBefore = Timestamp(milliseconds: now.milliseconds + 100)
        queue.retry(known, now: now, isWait: true)
    }

    func fail(_ text: OutgoingText, code: String, _ reason: String, part: PartOnItsWay? = nil) {
        let now = look()
        journal.writer.record { database -> (hasFailed: Bool, settled: [ReportedText]) in
            var settled: [ReportedText] = []
            if let part {
                try database.run(
                    "UPDATE part SET state = 'refused', outcome_at = ?, error = ? WHERE uid = ? AND number = ?",
                    [now.milliseconds, code, text.uid, part.number])
                settled = try DeliveryReports.settleUnknown(
                    phone: part.text.phone, sim: part.sim, now: now, database)
            }
            try database.run(
                """
                UPDATE outbound SET state = 'failed', attempts = ?, settled_at = ?, error_code = ?, error_message = ?,
                    revision = revision + 1
                    WHERE uid = ? AND error_code IS NOT '\(OutgoingText.cancelledCode)' AND state <> 'undelivered'
                """, [text.attempts, now.milliseconds, code, reason, text.uid])
            return (database.changesCount > 0, settled)
        } after: { [self] outcome in
            tell(outcome.settled)
            guard outcome.hasFailed else { return }
            events.emit(
                "message.failed",
                text.json(sim: text.simWanted, state: "failed", errorCode: code, error: reason))
            onOutcome()
        }
        forget(text)
    }

    func forget(_ text: OutgoingText) {
        acceptedParts[text.uid] = nil
        queue.settle(text, now: look())
    }

    /// The network has all parts of a text that the journal has as waiting.
    func end(_ text: OutgoingText) {
        let now = look()
        journal.writer.record { database -> ReportedText? in
            guard let known = try OutgoingText.find(text.uid, database), [.waiting, .sending].contains(known.state)
            else { return nil }
            if let ended = try DeliveryReports.conclude(text.uid, now: now, database) { return ended }
            try database.run(
                """
                UPDATE outbound SET state = 'accepted', settled_at = ?, ask_at = NULL, error_code = NULL,
                    error_message = NULL, revision = revision + 1 WHERE uid = ?
                """, [now.milliseconds, text.uid])
            var ended = known
            ended.state = .accepted
            return ReportedText(text: ended)
        } after: { [events, onOutcome] ended in
            ended?.announce(events)
            onOutcome()
        }
        forget(text)
    }
}
