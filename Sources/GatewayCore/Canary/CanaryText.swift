internal import Foundation
internal import GRDB
internal import ModemKit
internal import PluginKit
internal import SMSCodec

/// One text of the canary: from one of our SIMs to another, or to itself. The journal alone knows of it.
struct CanaryText: Sendable, Hashable {
    /// Of the text in `outbound`.
    var uid: String
    var sender: String
    var receiver: String
    var sentAt: Timestamp
    var arrivedAt: Timestamp?

    private static let beginning = "Conductor check "

    /// Writes a new one down, to be sent.
    static func begin(
        from sender: String, to receiver: String, phone: String, now: Timestamp, _ database: Database
    ) throws -> OutgoingText {
        let uid = UID.make(at: now)
        // The end of a uid is random: nobody else's text says just that.
        let content = beginning + uid.suffix(12)
        try database.run(
            "INSERT INTO canary (uid, sender, receiver, content, sent_at) VALUES (?, ?, ?, ?, ?)",
            [uid, sender, receiver, content, now.milliseconds])
        return try OutgoingText.insert(
            OutgoingText.Birth(
                uid: uid, origin: "canary", purpose: .check, phone: phone, content: content, sim: sender), now: now,
            database)
    }

    /// Takes note of one that came; false when the message is none of ours. It becomes no text that anybody
    /// sees; the reading stays, so that the slot is known when it is read again.
    static func arrived(
        _ message: Deliver, _ reading: Reading, now: Timestamp, _ database: Database
    ) throws -> Bool {
        let content = message.userData.text
        guard content.hasPrefix(beginning),
            let uid: String = try database.first(
                "SELECT uid FROM canary WHERE content = ? AND receiver = ?", [content, reading.sim.rawValue])?["uid"]
        else { return false }
        // The network may deliver it again: the first time counts.
        try database.run(
            "UPDATE canary SET arrived_at = ? WHERE uid = ? AND arrived_at IS NULL", [now.milliseconds, uid])
        return true
    }

    /// The latest that this SIM sent to that one; nil when there is none.
    static func latest(from sender: String, to receiver: String, _ database: Database) throws -> CanaryText? {
        try database.first(
            "SELECT * FROM canary WHERE sender = ? AND receiver = ? ORDER BY sent_at DESC LIMIT 1", [sender, receiver]
        ).map(CanaryText.init(row:))
    }

    /// Forgets those that were sent before `instant`.
    static func forget(before instant: Timestamp, _ database: Database) throws {
        try database.run("DELETE FROM canary WHERE sent_at < ?", [instant.milliseconds])
    }

    init(row: Row) {
        uid = row["uid"]
        sender = row["sender"]
        receiver = row["receiver"]
        sentAt = Timestamp(milliseconds: row["sent_at"])
        arrivedAt = (row["arrived_at"] as Int64?).map(Timestamp.init(milliseconds:))
    }
}
