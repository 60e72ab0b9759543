internal import FaultPoints
internal import GRDB
internal import ModemKit
internal import PluginKit
internal import SMSCodec
internal import Synchronization

/// One part between its intent and its outcome.
struct PartOnItsWay: Sendable {
    var text: OutgoingText
    /// From 1.
    var number: Int
    var of: Int
    var pdu: [UInt8]
    var modem: ModemID
    var sim: String
    var intentAt: Timestamp
    /// What the text was cut with, so that the rest of it is cut alike in another run.
    var tables = ShiftTables.none
    /// The network has another part of its text.
    var isBegun = false
    /// No other part of its text is to follow: it ends with this one.
    var isLast = true
}

/// The leave to write one part's PDU: given when its intent is on the disk and policy still allows it.
final class Permit: Sendable {
    private enum Answer: Equatable {
        case none, granted, denied(Verdict), stale, journalDown
    }

    private struct Denied: Error {
        var verdict: Verdict
    }
    private struct Stale: Error {}

    private let answer = Mutex(Answer.none)

    var wasGranted: Bool { answer.withLock { $0 == .granted } }
    /// Policy does not allow it any more, as it did when the text was chosen.
    var denial: Verdict? { answer.withLock { if case .denied(let verdict) = $0 { verdict } else { nil } } }
    /// The journal says that this part is not to be sent now: it is sent, or on its way, or its text is settled or
    /// cancelled.
    var isStale: Bool { answer.withLock { $0 == .stale } }
    var isJournalDown: Bool { answer.withLock { $0 == .journalDown } }

    /// Commits the intent; throws when the part must not be written.
    func ask(_ part: PartOnItsWay, _ journal: Journal, _ rules: SendingRules) async throws {
        do {
            let commit: @Sendable (Database) throws -> Void = { database in
                let text = part.text
                let verdict = try rules.verdict(
                    on: text, isBegun: part.isBegun, now: part.intentAt, database)
                guard verdict == .allow else { throw Denied(verdict: verdict) }
                if text.attempts > 0 { try PastParts.keep(text.uid, number: part.number, database) }
                // A part is unknown while its text waits only where policy sends it again (`OutgoingText.resend`).
                try database.run(
                    """
                    INSERT INTO part (uid, number, pdu, phone, modem, sim, state, intent_at, clock)
                    SELECT ?1, ?2, ?3, ?4, ?5, ?6, 'intent', ?7, ifnull(\(WallClock.count), 0)
                        FROM outbound o WHERE uid = ?1 AND state IN ('waiting', 'sending') AND NOT EXISTS
                            (SELECT 1 FROM part WHERE uid = ?1 AND number = ?2 AND state <> 'refused'
                                AND NOT (state = 'unknown' AND o.state = 'waiting'))
                    ON CONFLICT (uid, number) DO UPDATE SET
                        pdu = excluded.pdu, modem = excluded.modem, sim = excluded.sim, state = 'intent',
                        intent_at = excluded.intent_at, clock = excluded.clock, outcome_at = NULL, error = NULL, reference = NULL,
                        report_status = NULL, report_at = NULL
                    """,
                    [
                        text.uid, part.number, part.pdu.data, text.phone, part.modem.rawValue, part.sim,
                        part.intentAt.milliseconds,
                    ])
                guard database.changesCount > 0 else { throw Stale() }
                try database.run(
                    """
                    UPDATE outbound SET state = 'sending', sim = ?, parts = ?, \(OutgoingText.triedAgain),
                        attempts = ?, language = ? WHERE uid = ?
                    """,
                    [
                        part.sim, part.of, part.intentAt.milliseconds, text.attempts + 1, part.tables.name, text.uid,
                    ])
                CrashPoint.reached("before intent commit")
            }
            #if CONDUCTOR_TORTURE
                if !Safeguard.intentBeforePDU.isOn {
                    journal.writer.record(commit)
                    return answer.withLock { $0 = .granted }
                }
            #endif
            try await journal.writer.write(commit)
            CrashPoint.reached("after intent commit")
            answer.withLock { $0 = .granted }
        } catch let denied as Denied {
            answer.withLock { $0 = .denied(denied.verdict) }
            throw denied
        } catch is Stale {
            answer.withLock { $0 = .stale }
            throw Stale()
        } catch {
            answer.withLock { $0 = .journalDown }
            throw error
        }
    }
}

extension OutgoingText {
    /// As events show it.
    func json(
        sim: String?, state: String, errorCode: String? = nil, error: String? = nil, warnings: [String]? = nil
    ) -> String {
        EventJSON.message(
            uid: uid, phone: phone, content: content, sim: sim, answers: answers, origin: origin, state: state,
            errorCode: errorCode, error: error, warnings: warnings?.joined(separator: ","))
    }
}
