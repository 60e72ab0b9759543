internal import GRDB
internal import PluginKit
internal import SMSCodec

/// A text to send, as the journal has it.
struct OutgoingText: Sendable, Hashable {
    enum State: String, Sendable {
        /// To be sent when its turn and its time come.
        case waiting
        /// A part is on its way, or the next one follows at once.
        case sending
        /// A part was cut off between intent and result.
        case unknown
        case accepted, delivered, undelivered, failed
    }

    /// Why it is sent: what may be sent depends on it.
    enum Purpose: String, Sendable {
        case conversation
        /// As plugins say: consent binds them like a conversation.
        case notice, promotion
        /// The one confirmation of STOP or START, and the answer to HELP: exempt from consent.
        case consent
        /// From one of our SIMs to another, to see whether texts come and go (`Canary`): nobody reads it.
        case check

        /// The gateway's own words: nobody may ask for it, or is to be warned of what it says.
        var isOwn: Bool { self == .consent || self == .check }
    }

    var seq: Int64
    var uid: String
    /// The row of storage it was claimed from; nil for a text born here.
    var storageID: Int64?
    var origin: String
    var purpose: Purpose
    var phone: String
    var content: String
    /// The SIM it shall leave from: the one the person wrote to, or the one asked for.
    var simWanted: String?
    var createdAt: Timestamp
    var notBefore: Timestamp?
    var state: State
    var attempts: Int
    var answers: String?
    /// When a person is asked about an unknown part.
    var askAt: Timestamp?
    /// The national tables that it may be written in; nil leaves that to the policy of when it is first sent.
    var tables: ShiftTables?
    /// Shown at once on the telephone that it comes to, which may not keep it: class 0 (TS 23.038 §4).
    var isFlash = false
    /// Since when policy keeps it back.
    var heldSince: Timestamp?
    /// Shorter texts went past it once, since it did not fit into what its SIM might send.
    var hasStoodBack = false
    /// The modems that are preferred for its number have no room for it today: any may send it.
    var takesAnySIM = false
    /// The storage that `storageID` is an address of, as the journal names it.
    var storage: Int64?

    /// The modem that it asks for.
    ///
    /// - Parameter preferences: what the numbers begin with that modems are preferred for, longest first.
    func wish(_ preferences: [String]) -> Wish {
        if let simWanted, !simWanted.isEmpty { return answers == nil ? .sim(simWanted) : .writtenTo(simWanted) }
        guard !takesAnySIM, let beginning = preferences.first(where: { phone.hasPrefix($0) }) else { return .any }
        return .numbers(beginning)
    }

    /// What a new text needs.
    struct Birth: Sendable {
        var uid: String
        var storageID: Int64?
        var origin: String
        var purpose: Purpose
        var phone: String
        var content: String
        var sim: String?
        var notBefore: Timestamp?
        var answers: String?
        var idempotencyKey: String?
        var tables: ShiftTables?
        var isFlash = false
        /// When another program wrote the row; nil means now.
        var createdAt: Timestamp?
        var attempts = 0
        /// The storage that `storageID` is an address of.
        var storage: Int64?
    }

    /// Writes a new text down, waiting.
    static func insert(_ birth: Birth, now: Timestamp, _ database: Database) throws -> OutgoingText {
        let created = birth.createdAt ?? now
        // What is sent now and after a restart is one text.
        let content = birth.content.withoutNUL
        try database.run(
            """
            INSERT INTO outbound (uid, storage_id, origin, purpose, phone, content, sim_wanted, created_at, not_before,
                state, attempts, answers, idempotency_key, language, storage, flash)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'waiting', ?, ?, ?, ?, ?, ?)
            """,
            [
                birth.uid, birth.storageID, birth.origin, birth.purpose.rawValue, birth.phone, content,
                birth.sim, created.milliseconds, birth.notBefore?.milliseconds, birth.attempts, birth.answers,
                birth.idempotencyKey, birth.tables?.name, birth.storage, birth.isFlash,
            ])
        let seq = database.lastInsertedRowID
        // Where it was claimed, it is known.
        if let storage = birth.storage { try StorageMarks.set(.outbound, birth.uid, 1, in: storage, database) }
        return OutgoingText(
            seq: seq, uid: birth.uid, storageID: birth.storageID, origin: birth.origin,
            purpose: birth.purpose, phone: birth.phone, content: content, simWanted: birth.sim,
            createdAt: created, notBefore: birth.notBefore, state: .waiting, attempts: birth.attempts,
            answers: birth.answers, tables: birth.tables, isFlash: birth.isFlash, storage: birth.storage)
    }

    static func find(_ uid: String, _ database: Database) throws -> OutgoingText? {
        try database.first("SELECT * FROM outbound WHERE uid = ?", [uid], OutgoingText.init(row:))
    }

    /// The table and the condition of statements about some of the texts that are not settled. Without both, SQLite reads
    /// all texts for them.
    static let openIndex = "outbound INDEXED BY outbound_open"
    static let isOpen = "state IN ('waiting', 'sending', 'unknown')"

    /// Texts that are not settled, oldest first: what a started gateway goes on with.
    static func open(_ database: Database) throws -> [OutgoingText] {
        try database.all("SELECT * FROM outbound WHERE \(isOpen) ORDER BY seq", [], OutgoingText.init(row:))
    }

    /// Unknown ones that a person has been asked about already.
    static func asked(_ database: Database) throws -> Set<String> {
        try Set(
            database.all(
                """
                SELECT uid FROM \(openIndex)
                WHERE \(isOpen) AND state = 'unknown' AND ask_at IS NULL AND error_code = 'unknown'
                """
            ).map { $0["uid"] as String })
    }
}

extension OutgoingText {
    init(row: Row) {
        seq = row["seq"]
        uid = row["uid"]
        storageID = row["storage_id"]
        origin = row["origin"]
        purpose = Purpose(rawValue: row["purpose"]) ?? .conversation
        phone = row["phone"]
        content = row["content"]
        simWanted = row["sim_wanted"]
        createdAt = Timestamp(milliseconds: row["created_at"])
        notBefore = (row["not_before"] as Int64?).map(Timestamp.init(milliseconds:))
        state = State(rawValue: row["state"]) ?? .failed
        attempts = row["attempts"]
        answers = row["answers"]
        askAt = (row["ask_at"] as Int64?).map(Timestamp.init(milliseconds:))
        tables = (row["language"] as String?).flatMap { ShiftTables(named: $0) }
        isFlash = row["flash"]
        heldSince = (row["held_since"] as Int64?).map(Timestamp.init(milliseconds:))
        storage = row["storage"]
    }
}

extension OutgoingText {
    /// Puts a settled text back to waiting; parts that the network has are not sent again (B3). One that was cancelled
    /// before its time keeps that. Nil when it is in none of the states given.
    static func requeue(
        _ uid: String, from states: Set<State>, now: Timestamp, _ database: Database
    ) throws -> OutgoingText? {
        guard let text = try find(uid, database), states.contains(text.state) else { return nil }
        // Its end came by a report while its last part is on the wire: until that has its outcome, it is not to be told
        // what is missing.
        guard try database.first("SELECT 1 FROM part WHERE uid = ? AND state = 'intent'", [uid]) == nil else {
            return nil
        }
        try PastParts.keep(uid, database)
        try database.run("DELETE FROM part WHERE uid = ? AND state <> 'accepted'", [uid])
        try database.run("DELETE FROM part WHERE uid = ? AND report_status >= 64", [uid])
        try database.run(
            """
            UPDATE outbound SET state = 'waiting', \(triedAgain), attempts = 0, ask_at = NULL, settled_at = NULL, held_since = NULL,
                not_before = CASE WHEN error_code = '\(HeldTexts.code)' THEN not_before
                    WHEN error_code = '\(cancelledCode)' AND attempts = 0 AND held_since IS NULL THEN not_before END,
                error_code = NULL, error_message = NULL, revision = revision + NOT \(StorageMarks.isClaimedHere)
                WHERE uid = ?
            """, [now.milliseconds, uid])
        return try find(uid, database)
    }

    /// Whatever begins a text anew after an outcome moves its last attempt on, by at least a millisecond where the clock
    /// was set back: so storage knows what it is told late, of the attempt before, from what is new.
    static let triedAgain = "last_attempt_at = max(?, ifnull(last_attempt_at + 1, 0))"
}
