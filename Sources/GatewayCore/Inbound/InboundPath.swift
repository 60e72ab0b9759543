internal import FaultPoints
internal import Foundation
internal import GRDB
internal import ModemKit
internal import PluginKit
internal import SMSCodec

/// The way in: raw TPDU → journal commit → (the modem may delete) → text → consent → one decision.
///
/// Each step that crosses a crash can be repeated and then changes nothing: a slot that is read again is recognised, a
/// decision is taken once. Storage and responders read what stands here, each at its own pace.
struct InboundPath: Sendable {
    let journal: Journal
    let policy: Policy
    let events: EventHub
    let alarms: Alarms
    let clock: any GatewayClock
    let own: OwnNumbers
    private let wallClock = WallClockSeen()

    init(
        journal: Journal, policy: Policy, events: EventHub, alarms: Alarms, clock: any GatewayClock,
        own: OwnNumbers? = nil
    ) {
        self.journal = journal
        self.policy = policy
        self.events = events
        self.alarms = alarms
        self.clock = clock
        self.own = own ?? OwnNumbers(policy: policy)
    }

    /// What one intake changed, for those who go on with it.
    struct Intake: Sendable {
        /// Texts that are now complete, or amended.
        var texts: [InboundText] = []
        /// Which of `texts` were told of before, incomplete.
        var amendments: Set<Int> = []
        /// Confirmations of STOP and START, answers to HELP.
        var outgoing: [OutgoingText] = []
        /// Texts of ours whose state a delivery report changed.
        var reported: [ReportedText] = []
        var undecodable = 0
        /// Texts that speak of stopping without being the word.
        var maybeStop: [String] = []
        /// Numbers whose automatic answers now rest.
        var rests: [LoopRest] = []
    }

    // MARK: 1. From the modem into the journal

    /// Makes readings durable, and texts of them. When this returns, the modem may forget them (A1).
    func receive(_ readings: [Reading]) async throws -> Intake {
        let now = clock.now
        let lead = wallClock.news(now, clock)
        let intake = try await journal.writer.write { [policy, own] database in
            if let lead { try WallClock.look(lead: lead, database) }
            var intake = Intake()
            var gathering = GatheringTexts(policy: policy)
            for reading in readings where try !isReread(reading, database) {
                let (id, isCopy) = try keep(reading, now, database)
                try take(
                    reading, id: id, isCopy: isCopy, now: now, policy: policy, own, &gathering, into: &intake, database)
            }
            CrashPoint.reached("before intake commit")
            return intake
        }
        wallClock.told(lead)
        CrashPoint.reached("after intake commit")
        announce(intake)
        return intake
    }

    /// The modem confirmed that these slots are free: what is read there from now on is new.
    func deleted(_ slots: [DeletedSlot]) {
        journal.writer.record { database in
            for slot in slots {
                try database.run(
                    "UPDATE reading SET deleted = 1 WHERE sim = ? AND memory = ? AND slot = ? AND deleted = 0",
                    [slot.sim.rawValue, slot.memory, slot.index])
            }
            CrashPoint.reached("before delete record")
        } after: { _ in
            CrashPoint.reached("after delete record")
        }
    }

    /// Delivers, marked incomplete, the texts whose missing parts did not come in time (A8).
    func giveUpWaiting() async throws -> Intake {
        let now = clock.now
        let lead = wallClock.news(now, clock)
        let intake = try await journal.writer.write { [policy, own] database in
            if let lead { try WallClock.look(lead: lead, database) }
            var intake = Intake()
            var gathering = GatheringTexts(policy: policy)
            for event in try gathering.expire(now: now, database) {
                try settle(event, now: now, policy: policy, own, into: &intake, database)
            }
            try showUnreadable(now: now, into: &intake, database)
            return intake
        }
        wallClock.told(lead)
        announce(intake)
        return intake
    }

    /// For a day after the last message that could not be decoded, people are told; the message itself stays in the inbox.
    func endUndecodable() throws {
        guard alarms.stands("pdu.undecodable") else { return }
        let since = clock.now.milliseconds - Self.undecodableMilliseconds
        let isRecent = try journal.read { database in
            try database.first(
                "SELECT 1 FROM inbound WHERE received_at > ? AND content LIKE '[undecodable message]%'", [since]) != nil
        }
        if !isRecent { alarms.clear("pdu.undecodable") }
    }

    private static let undecodableMilliseconds: Int64 = 86_400_000

    private func announce(_ intake: Intake) {
        for (index, text) in intake.texts.enumerated() {
            events.emit(
                intake.amendments.contains(index) ? "message.amended" : "message.received",
                EventJSON.message(uid: text.uid, phone: text.phone, content: text.content, sim: text.sim))
        }
        for uid in intake.maybeStop {
            var json = EventJSON()
            json.add("uid", uid)
            json.add("reason", "asks_to_stop")
            events.emit("message.flagged", json.text)
        }
        for rest in intake.rests { announce(rest) }
        for report in intake.reported { report.announce(events) }
        if intake.undecodable > 0 {
            alarms.raise(
                "pdu.undecodable",
                "a message could not be decoded: it is kept with its octets, see `conductor inbox`")
        }
    }
}

/// Whether this is the same message in the same slot, which we have already and whose deletion was never confirmed;
/// or, routed directly, the network's repetition of one that we have (decision 2).
private func isReread(_ reading: Reading, _ database: Database) throws -> Bool {
    #if CONDUCTOR_TORTURE
        if !Safeguard.rereadRecognition.isOn { return false }
    #endif
    switch reading.origin {
    case .direct:
        return try database.first(
            """
            SELECT 1 FROM reading WHERE pdu IN (?1, erased_mark(?1)) AND sim = ?2 AND memory IS NULL
                AND (hashed = 1 OR printed IS ?3)
            """, [reading.pdu.data, reading.sim.rawValue, reading.text]) != nil
    case .slot(let memory, let index, let state):
        guard
            let known = try database.first(
                """
                SELECT id, hashed = 0 AND pdu = ?4 AND printed IS ?5 OR hashed = 1 AND pdu = erased_mark(?4) AS same
                FROM reading WHERE sim = ?1 AND memory = ?2 AND slot = ?3 AND deleted = 0
                """, [reading.sim.rawValue, memory, index, reading.pdu.data, reading.text])
        else { return false }
        let same: Bool = known["same"] ?? false
        // A modem that marks listed slots "read" shows a later message in the slot as "unread".
        let replaced = state == .receivedUnread && reading.modemMarksRead
        if same, !replaced { return true }
        try database.run("UPDATE reading SET deleted = 1 WHERE id = ?", [known["id"] as Int64])
        return false
    }
}

/// Writes the TPDU down as it is. `isCopy`: octet for octet like an earlier one that was not this one.
private func keep(_ reading: Reading, _ now: Timestamp, _ database: Database) throws -> (id: Int64, isCopy: Bool) {
    let isCopy =
        try database.first(
            "SELECT 1 FROM reading WHERE pdu = ? AND sim = ? AND printed IS ?",
            [reading.pdu.data, reading.sim.rawValue, reading.text]) != nil
    var memory: String?
    var slot: Int?
    if case .slot(let name, let index, _) = reading.origin { (memory, slot) = (name, index) }
    try database.run(
        """
        INSERT INTO reading (modem, sim, memory, slot, pdu, printed, read_at, deleted) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        """,
        [
            reading.modem.rawValue, reading.sim.rawValue, memory, slot, reading.pdu.data, reading.text,
            now.milliseconds, memory == nil,
        ])
    return (database.lastInsertedRowID, isCopy)
}

// MARK: 2. From TPDUs to texts

private func take(
    _ reading: Reading, id: Int64, isCopy: Bool, now: Timestamp, policy: Policy, _ own: OwnNumbers,
    _ gathering: inout GatheringTexts,
    into intake: inout InboundPath.Intake, _ database: Database
) throws {
    do {
        switch try TPDU.decode(reading.pdu) {
        case .deliver(let deliver):
            if try CanaryText.arrived(deliver, reading, now: now, database) { return }
            let phone = policy.number(deliver.sender.display)?.text ?? deliver.sender.display
            try gather(
                deliver, phone: phone, reading, id: id, isCopy: isCopy, now: now, policy: policy, own, &gathering,
                into: &intake, database)
        case .statusReport(let report):
            let phone = policy.number(report.recipient.display)?.text ?? report.recipient.display
            if try ErasedNumbers.isStray(report, phone: phone, sim: reading.sim.rawValue, database) {
                return try ErasedNumbers.hash(reading: id, database)
            }
            // Once more, it would be taken for the report of a part whose own is missing.
            if isCopy { return }
            intake.reported += try DeliveryReports.arrived(
                report, phone: phone, sim: reading.sim.rawValue, now: now, database)
        default:
            try show(unreadable: reading, id: id, now: now, into: &intake, database)
        }
    } catch is PDUError {
        try show(unreadable: reading, id: id, now: now, into: &intake, database)
    }
}

/// Puts a part to its text (A8). Which that is, `Reassembler` says; here its word is written down.
private func gather(
    _ deliver: Deliver, phone: String, _ reading: Reading, id: Int64, isCopy: Bool, now: Timestamp, policy: Policy,
    _ own: OwnNumbers, _ gathering: inout GatheringTexts, into intake: inout InboundPath.Intake, _ database: Database
) throws {
    let part = ReceivedPart(id: id, message: deliver, sender: phone, sim: reading.sim.rawValue)
    for event in try gathering.offer(part, now: now, database) {
        switch event {
        case .waiting(let text), .complete(let text), .amended(let text):
            let uid: String
            if text.first == id {
                uid = UID.make(at: now)
                try open(uid, for: text, deliver, reading, phone: phone, isCopy: isCopy, now: now, database)
            } else {
                uid = try textID(of: text.first, database)
                try database.run("UPDATE inbound SET present = ? WHERE uid = ?", [text.parts.count, uid])
            }
            try database.run("UPDATE reading SET uid = ?, sequence = ? WHERE id = ?", [uid, part.sequence, id])
            if case .waiting = event { continue }
            if text.isPush, text.isWhole { try name(the: text, uid, policy: policy, database) }
            try finish(
                uid, content: text.shown, isPush: text.isPush, now: now, policy: policy, own, into: &intake, database)
        case .incomplete, .duplicate:
            try settle(event, now: now, policy: policy, own, into: &intake, database)
        }
    }
}

/// A text begins with its first part, whose row's time is the text's: it is invisible until it is delivered.
private func open(
    _ uid: String, for text: GatheredText<Int64>, _ deliver: Deliver, _ reading: Reading, phone: String, isCopy: Bool,
    now: Timestamp, _ database: Database
) throws {
    var slot: Int?
    if case .slot(_, let index, _) = reading.origin { slot = index }
    try database.run(
        """
        INSERT INTO inbound (uid, modem, sim, phone, content, received_at, sent_at, utc_offset, slot, assembly, parts,
            present, give_up_at, visible, incomplete, duplicate, answer, revision, copy_of)
        VALUES (?, ?, ?, ?, '', ?, ?, ?, ?, ?, ?, 1, ?, 0, 0, ?, 2, 0, ?)
        """,
        [
            uid, reading.modem.rawValue, reading.sim.rawValue, phone, now.milliseconds,
            deliver.time.map { $0.unixSeconds * 1_000 }, deliver.time?.offsetMinutes, slot, text.key?.description,
            text.total, text.deadline, text.key == nil ? isCopy : text.copyOf != nil, text.copyOf,
        ])
}

/// Writes down what became of texts whose wait is over.
private func settle(
    _ event: ReassemblyEvent<Int64>, now: Timestamp, policy: Policy, _ own: OwnNumbers,
    into intake: inout InboundPath.Intake, _ database: Database
) throws {
    switch event {
    case .incomplete(let text):
        try finish(
            textID(of: text.first, database), content: text.shown, isPush: text.isPush, now: now, policy: policy, own,
            into: &intake, database)
    case .duplicate(let parts, let first):
        // Kept with the text that they repeat. What they had opened was never seen.
        guard let part = parts.first else { return }
        let opened = try textID(of: part, database)
        try database.run(
            "UPDATE reading SET uid = ? WHERE uid = ?", [textID(of: first, database), opened])
        try database.run("DELETE FROM inbound WHERE uid = ? AND visible = 0", [opened])
    case .waiting, .complete, .amended:
        // Only a part that came leads to these.
        break
    }
}

/// The id of the text to which a part belongs.
private func textID(of part: Int64, _ database: Database) throws -> String {
    guard let uid: String = try database.first("SELECT uid FROM reading WHERE id = ?", [part])?["uid"] else {
        throw JournalError(code: .damaged, description: "the journal does not know a part that it has just given")
    }
    return uid
}

/// The notice of an MMS comes from its centre: the text is of the person who sent the MMS.
private func name(
    the text: GatheredText<Int64>, _ uid: String, policy: Policy, _ database: Database
) throws {
    guard let sender = text.mmsNotice?.sender else { return }
    let phone = policy.number(sender)?.text ?? sender
    try database.run("UPDATE inbound SET phone = ? WHERE uid = ?", [phone.withoutNUL, uid])
}

extension GatheredText {
    /// What people see of it: a push is for a program, and says what it is.
    fileprivate var shown: String {
        guard isPush else { return content }
        guard let notice = mmsNotice else {
            return "[a push message for a program, \(isWhole ? "" : "incomplete, ")not shown]"
        }
        let size = notice.size.map { $0 < 1_000 ? ", \($0) bytes" : ", \(($0 + 500) / 1_000) kB" } ?? ""
        let subject = notice.subject.map { ": \($0)" } ?? ""
        return "[MMS\(size), cannot be shown here]\(subject)"
    }
}

/// A TPDU that cannot be decoded becomes a text that people see, with its octets (decision 5).
private func show(
    unreadable reading: Reading, id: Int64, now: Timestamp, into intake: inout InboundPath.Intake, _ database: Database
) throws {
    let uid = UID.make(at: now)
    let octets = reading.text ?? Hex.encode(reading.pdu)
    try database.run("UPDATE reading SET uid = ?, sequence = 1 WHERE id = ?", [uid, id])
    try database.run(
        """
        INSERT INTO inbound (uid, modem, sim, phone, content, received_at, parts, present, visible, incomplete,
            duplicate, answer, revision)
        VALUES (?, ?, ?, 'unknown', ?, ?, 1, 1, 1, 0, 0, 2, 1)
        """,
        [
            uid, reading.modem.rawValue, reading.sim.rawValue, "[undecodable message] \(octets)", now.milliseconds,
        ])
    intake.undecodable += 1
    intake.texts.append(
        InboundText(
            uid: uid, phone: "unknown", content: "[undecodable message] \(octets)", receivedAt: now,
            sim: reading.sim.rawValue))
}

/// Texts that have waited long enough and whose parts this version cannot read, though an earlier one could (decision 5).
private func showUnreadable(now: Timestamp, into intake: inout InboundPath.Intake, _ database: Database) throws {
    for row in try database.all("SELECT * FROM inbound WHERE visible = 0 AND give_up_at <= ?", [now.milliseconds]) {
        let uid: String = row["uid"]
        let octets = try database.all("SELECT pdu FROM reading WHERE uid = ? ORDER BY id", [uid])
            .map { Hex.encode([UInt8]($0["pdu"] as Data)) }.joined(separator: " ")
        let content = "[undecodable message] \(octets)"
        try database.run(
            "UPDATE inbound SET content = ?, visible = 1, incomplete = 1, revision = revision + 1 WHERE uid = ?",
            [content, uid])
        intake.undecodable += 1
        intake.texts.append(
            InboundText(
                uid: uid, phone: row["phone"], content: content,
                receivedAt: Timestamp(milliseconds: row["received_at"]), sim: row["sim"], parts: row["parts"],
                incomplete: true))
    }
}

// MARK: 3. From text to policy

/// The text may be seen now. Consent words act here, before any plugin sees the text (B10).
private func finish(
    _ uid: String, content: String, isPush: Bool, now: Timestamp, policy: Policy, _ own: OwnNumbers,
    into intake: inout InboundPath.Intake, _ database: Database
) throws {
    guard let row = try database.first("SELECT * FROM inbound WHERE uid = ?", [uid]) else { return }
    let content = content.withoutNUL
    let (phone, sim): (String, String) = (row["phone"], row["sim"])
    let isAmended: Bool = row["visible"]
    let incomplete = (row["present"] as Int) < (row["parts"] as Int)
    // The loop guard looks at it among the others.
    try database.run("UPDATE inbound SET content = ?, visible = 1 WHERE uid = ?", [content, uid])
    var acted = Consent.Acted()
    if isPush {
        // No person's words: nothing acts on them, and no responder could read what is meant.
    } else if incomplete {
        // A word acts when it is the whole message; this is none yet. People should look.
        switch ConsentWords.request(in: content) {
        case .stop, .maybeStop: acted.maybeStop = true
        case .start, .help, nil: break
        }
    } else {
        let (answers, rest) = try WordAnswers.of(
            content, uid: uid, phone: phone, isCopy: row["duplicate"], now: now, policy: policy, own: own, database)
        if let rest { intake.rests.append(rest) }
        acted = try Consent.act(
            on: content, uid: uid, phone: phone, sim: sim, now: now, policy: policy, answers: answers, database)
    }
    if let confirmation = acted.confirmation { intake.outgoing.append(confirmation) }
    if acted.maybeStop { intake.maybeStop.append(uid) }
    // 0: the responders are asked; 2: they never are. A late part leaves the decision as it is.
    var answer: Int = row["answer"]
    var (decision, leftTo): (String?, String?) = (row["decision"], row["left_to"])
    if !isAmended {
        let recipient = try Recipient.of(
            .init(
                uid: uid, phone: phone, sim: sim, content: content, isHandled: acted.isHandled,
                isCopy: row["duplicate"], asksToStop: acted.maybeStop),
            now: now, policy: policy, own: own, database)
        // One that may have been answered before the state was put back is people's.
        let isOld = try HeldTexts.mayBeAnswered(sentAt: row["sent_at"], database)
        answer = recipient.isForResponders && !isOld && !isPush ? 0 : 2
        let push = isPush ? "an MMS or a message for a program: people look at it" : nil
        (decision, leftTo) = (push ?? acted.reason ?? recipient.reason, recipient.leftTo)
        if let rest = recipient.rest { intake.rests.append(rest) }
    } else if acted.isHandled || acted.maybeStop, answer == 0 {
        answer = 2
    }
    try database.run(
        """
        UPDATE inbound SET incomplete = ?, answer = ?, decision = ?, left_to = ?, asks_to_stop = ?,
            revision = revision + 1 WHERE uid = ?
        """, [incomplete, answer, decision, leftTo, acted.maybeStop, uid])
    if isAmended { intake.amendments.insert(intake.texts.count) }
    intake.texts.append(
        InboundText(
            uid: uid, phone: phone, content: content, receivedAt: Timestamp(milliseconds: row["received_at"]),
            sim: sim, parts: row["parts"], incomplete: incomplete))
}

// MARK: 4. From text to one decision

extension InboundPath {
    /// Texts on which there is no decision yet, oldest first.
    func undecided(limit: Int) throws -> [InboundText] {
        try journal.read { database in
            try database.all("SELECT * FROM inbound WHERE visible = 1 AND answer = 0 ORDER BY seq LIMIT ?", [limit]) {
                row in
                InboundText(
                    uid: row["uid"], phone: row["phone"], content: row["content"],
                    receivedAt: Timestamp(milliseconds: row["received_at"]), sim: row["sim"], parts: row["parts"],
                    incomplete: row["incomplete"])
            }
        }
    }

    /// Writes down the chain's decision together with the answer it leads to: one transaction, so that a text is
    /// answered once or, after a crash, asked about again. Nil when it was decided before or nothing is to be sent.
    func decide(_ text: InboundText, _ verdict: ResponderChain.Verdict) async throws -> OutgoingText? {
        let now = clock.now
        let decided: (text: OutgoingText?, rest: LoopRest?) = try await journal.writer.write { [policy] database in
            let pending = try database.first("SELECT answer FROM inbound WHERE uid = ?", [text.uid])
            guard pending?["answer"] == 0 else { return (nil, nil) }
            // Others of this number may have been answered since it came.
            var known: LoopRest?
            var begun: LoopRest?
            if verdict.reply != nil {
                known = try LoopRest.active(text.phone, now: now, database)
                if known == nil {
                    begun = try LoopRest.begin(
                        for: text.phone, at: text.uid, now: now, policy: policy.loopGuard, database)
                }
            }
            let rest = known ?? begun
            let summary = [verdict.summary, rest?.sentence].compactMap { $0 }.joined(separator: "; ")
            try database.run("UPDATE inbound SET answer = 1, decision = ? WHERE uid = ?", [summary, text.uid])
            #if CONDUCTOR_TORTURE
                if !Safeguard.decisionWithReply.isOn {
                    try database.execute(sql: "COMMIT; BEGIN IMMEDIATE; SAVEPOINT job")
                }
            #endif
            CrashPoint.reached("inside decision")
            guard let reply = verdict.reply, rest == nil else { return (nil, begun) }
            let outgoing = try OutgoingText.insert(
                OutgoingText.Birth(
                    uid: UID.make(at: now), storageID: nil, origin: "responder:\(verdict.responder)",
                    purpose: .conversation, phone: text.phone, content: reply, sim: text.sim, notBefore: nil,
                    answers: text.uid, idempotencyKey: nil),
                now: now, database)
            return (outgoing, nil)
        }
        if let rest = decided.rest { announce(rest) }
        return decided.text
    }
}
