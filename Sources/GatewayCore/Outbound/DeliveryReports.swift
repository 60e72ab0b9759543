internal import FaultPoints
internal import GRDB
internal import PluginKit
internal import SMSCodec

/// A text of ours whose state a delivery report changed.
struct ReportedText: Sendable {
    var text: OutgoingText

    func announce(_ events: EventHub) {
        let kind =
            switch text.state {
            case .delivered: "message.delivered"
            case .undelivered: "message.undelivered"
            default: "message.accepted"
            }
        events.emit(
            kind,
            EventJSON.message(
                uid: text.uid, phone: text.phone, content: text.content, sim: nil, origin: text.origin,
                state: text.state.rawValue))
    }
}

/// Delivery reports and the parts they speak of (B5): matched by SIM, number and TP-MR, the latest part first, since
/// TP-MR has only 8 bits; a report may come before its reference is written down.
enum DeliveryReports {
    /// How far the service centre's time of submission may be from an unknown part's intent, in milliseconds: what the
    /// network took to accept it, and clocks that differ. Outside of it a person decides: an unknown text is safe, one
    /// that is taken for delivered and was not is lost.
    private static let before: Int64 = 60_000
    private static let after: Int64 = 180_000

    /// A report came: settles its part, or is kept until its part is known. The texts that changed by it.
    static func arrived(
        _ report: StatusReport, phone: String, sim: String, now: Timestamp, _ database: Database
    ) throws -> [ReportedText] {
        let status = Int(report.status.rawValue)
        if let part = try database.first(
            """
            SELECT uid, number FROM part WHERE sim = ? AND phone = ? AND reference = ? AND state = 'accepted'
                AND (report_status IS NULL OR report_status BETWEEN 32 AND 63) ORDER BY intent_at DESC
            """, [sim, phone, Int(report.reference)])
        {
            return try [settle(part["uid"], part["number"], status: status, now: now, database)].compactMap(\.self)
        }
        try database.run(
            """
            INSERT INTO report (sim, phone, reference, status, submitted_at, received_at) VALUES (?, ?, ?, ?, ?, ?)
            """,
            [
                sim, phone, Int(report.reference), status, report.submitted.map { $0.unixSeconds * 1_000 },
                now.milliseconds,
            ])
        return try settleUnknown(phone: phone, sim: sim, now: now, database)
    }

    /// A part was accepted under `reference`: a report of it that came before is settled now, and what is kept for its
    /// number is looked at again. The texts that changed by it.
    static func accepted(
        _ part: PartOnItsWay, reference: Int, now: Timestamp, _ database: Database
    ) throws -> [ReportedText] {
        let (phone, sim) = (part.text.phone, part.sim)
        let kept = try database.all(
            "SELECT id, reference, status, received_at FROM report WHERE sim = ? AND phone = ? ORDER BY id DESC",
            [sim, phone])
        if kept.isEmpty { return [] }
        var changed: [ReportedText] = []
        let early = kept.first {
            $0["reference"] == reference && $0["received_at"] as Int64 >= part.intentAt.milliseconds
        }
        if let early {
            try database.run("DELETE FROM report WHERE id = ?", [early["id"] as Int64])
            let own = try settle(part.text.uid, part.number, status: early["status"], now: now, database)
            changed = [own].compactMap(\.self)
        }
        return try changed + settleUnknown(phone: phone, sim: sim, now: now, database)
    }

    /// Settles unknown parts of a number by the reports for it that nothing is known for: what a part may be meant by
    /// changes when a report comes, when a part becomes unknown, and when one that was on its way got its result.
    ///
    /// An unknown part's reference was lost with its result: the number, the SIM and the time at which the service centre
    /// had it must do, and only where one part alone can be meant; one that is on its way just now may be, too.
    static func settleUnknown(
        phone: String, sim: String, now: Timestamp, _ database: Database
    ) throws -> [ReportedText] {
        let reports = try database.all(
            "SELECT * FROM report WHERE sim = ? AND phone = ? AND submitted_at IS NOT NULL ORDER BY id", [sim, phone])
        return try reports.compactMap { report in
            let meant = try candidates(sim: sim, phone: phone, submitted: report["submitted_at"], database)
            guard let part = meant.first, meant.count == 1, (part["fits"] as Bool?) == true,
                part["state"] != "intent", part["state"] != "before",
                (part["intent_at"] as Int64) <= report["received_at"] || (part["hasOtherClock"] as Bool?) == true
            else { return nil }
            let (uid, number): (String, Int) = (part["uid"], part["number"])
            try database.run("DELETE FROM report WHERE id = ?", [report["id"] as Int64])
            try database.run(
                "UPDATE part SET state = 'accepted', reference = ?, outcome_at = ? WHERE uid = ? AND number = ?",
                [report["reference"] as Int, now.milliseconds, uid, number])
            return try settle(uid, number, status: report["status"], now: now, database)
        }
    }

    /// The parts without reference that a report may speak of, those among them of which a person said that they were
    /// sent: of two that left close to each other, or did not, the service centre's clock cannot tell which it was. Was
    /// our clock set since one of them, how close they are cannot be told either: each may be meant. So may one that was
    /// unknown and has been sent again since (state `before`): its report can still come.
    private static func candidates(
        sim: String, phone: String, submitted: Int64?, _ database: Database
    ) throws -> [Row] {
        try database.all(
            """
            WITH now AS (
                SELECT uid, number, state, intent_at, ?3 BETWEEN intent_at - \(before) AND intent_at + \(after) AS fits,
                        clock <> ifnull(\(WallClock.count), 0) AS hasOtherClock FROM part
                    WHERE sim = ?1 AND phone = ?2
                        AND (state IN ('unknown', 'intent') OR state = 'accepted' AND reference IS NULL)
                        AND (fits OR hasOtherClock))
            SELECT * FROM now
            UNION ALL
            SELECT uid, number, 'before', intent_at, 1, 0 FROM part_before b
                WHERE intent_at BETWEEN ?3 - \(after) AND ?3 + \(before) AND sim = ?1 AND phone = ?2
                    AND NOT EXISTS (SELECT 1 FROM now WHERE uid = b.uid AND number = b.number)
            """, [sim, phone, submitted])
    }

    /// Writes the part's report down, and what follows for its text.
    private static func settle(
        _ uid: String, _ number: Int, status: Int, now: Timestamp, _ database: Database
    ) throws -> ReportedText? {
        try database.run(
            "UPDATE part SET report_status = ?, report_at = ? WHERE uid = ? AND number = ?",
            [status, now.milliseconds, uid, number])
        CrashPoint.reached("inside report")
        return try conclude(uid, now: now, database)
    }

    /// The state of a text as its parts and their reports have it; nil when that is what it was.
    static func conclude(_ uid: String, now: Timestamp, _ database: Database) throws -> ReportedText? {
        let known = try database.first("SELECT * FROM outbound WHERE uid = ?", [uid]) { row in
            (text: OutgoingText(row: row), parts: row["parts"] as Int)
        }
        guard let total = known?.parts, var text = known?.text else { return nil }
        let parts = try database.all("SELECT state, report_status FROM part WHERE uid = ?", [uid]) { row in
            (state: row["state"] as String, status: row["report_status"] as Int?)
        }
        let statuses = parts.map(\.status)
        let accepted = parts.count { $0.state == "accepted" }
        let isUnknown = parts.contains { $0.state == "unknown" }
        let new: OutgoingText.State
        if statuses.contains(where: { ($0 ?? 0) >= 64 }) {
            new = .undelivered
        } else if accepted == total, statuses.allSatisfy({ $0.map { $0 < 32 } ?? false }) {
            new = .delivered
        } else if accepted == total {
            new = .accepted
        } else if text.state == .unknown, !isUnknown {
            // The part that was cut off did arrive: the rest of the text follows.
            new = .waiting
        } else {
            return nil
        }
        guard new != text.state else { return nil }
        text.state = new
        try database.run(
            """
            UPDATE outbound SET state = ?, settled_at = ?, ask_at = NULL, error_code = ?, error_message = ?,
                revision = revision + 1\(new == .waiting ? ", last_attempt_at = last_attempt_at + 1" : "") WHERE uid = ?
            """,
            [
                new.rawValue, now.milliseconds, new == .undelivered ? undelivered(statuses).word : nil,
                new == .undelivered ? undelivered(statuses).sentence : nil, uid,
            ])
        return ReportedText(text: text)
    }

    private static func undelivered(_ statuses: [Int?]) -> (word: String, sentence: String) {
        let status = statuses.compactMap { $0 }.first { $0 >= 64 } ?? 64
        let meaning = ReportStatus(rawValue: UInt8(truncatingIfNeeded: status)).meaning
        return ("report-\(status)", "the network could not deliver it: \(meaning)")
    }
}
