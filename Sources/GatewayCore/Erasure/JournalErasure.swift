internal import Foundation
internal import GRDB
internal import PluginKit
internal import SMSCodec

/// A person's rows in the journal. Each function is one transaction's work, or one look.
enum JournalErasure {
    /// A text to the person is being sent just now: erasing waits for its end.
    struct OnItsWay: Error {}

    /// An erasure that has begun, and up to where rows are the erased person's.
    struct Record: Sendable {
        var id: Int64
        var phone: String
        var beganAt: Timestamp
        var inboundSeq: Int64
        var outboundSeq: Int64
        var readingID: Int64
        var reportID: Int64
    }

    /// What was deleted, or would be.
    struct Counts: Sendable {
        var inbound = 0
        var outbound = 0
        /// Of `outbound`, those that were still to be sent.
        var cancelled = 0
        var readings = 0
        var parts = 0
        var reports = 0
        var consent = 0
        /// The texts' ids.
        var uids: Set<String> = []
    }

    /// What names the person only in a TPDU: delivery reports, and messages that could not be decoded.
    struct Strays: Sendable {
        var readings: [Int64] = []
        /// Texts that show an undecodable message's octets.
        var texts: [String] = []
    }

    // MARK: Looking

    static func strays(_ phone: String, policy: Policy, _ database: Database) throws -> Strays {
        var strays = Strays()
        let orphans = try Row.fetchCursor(
            database,
            sql: """
                SELECT id, pdu FROM reading WHERE hashed = 0
                    AND (uid IS NULL OR NOT EXISTS (SELECT 1 FROM inbound WHERE inbound.uid = reading.uid))
                """)
        while let row = try orphans.next() {
            let pdu = [UInt8](row["pdu"] as Data)
            let party: Address? =
                switch try? TPDU.decode(pdu) {
                case .deliver(let deliver): deliver.sender
                case .statusReport(let report): report.recipient
                default: nil
                }
            let named = party.map { policy.number($0.display)?.text ?? $0.display }
            if named == phone || named == nil && SemiOctets.occur(of: phone, in: pdu) {
                strays.readings.append(row["id"])
            }
        }
        let unreadable = try Row.fetchCursor(
            database,
            sql: """
                SELECT inbound.uid AS uid, pdu FROM inbound JOIN reading ON reading.uid = inbound.uid
                    WHERE inbound.phone = 'unknown'
                """)
        while let row = try unreadable.next() {
            if SemiOctets.occur(of: phone, in: [UInt8](row["pdu"] as Data)) { strays.texts.append(row["uid"]) }
        }
        return strays
    }

    static func count(_ phone: String, _ strays: Strays, _ database: Database) throws -> Counts {
        func number(_ sql: String) throws -> Int { try database.first(sql, [phone])?[0] ?? 0 }
        var counts = Counts()
        counts.inbound = try number("SELECT count(*) FROM inbound WHERE phone = ?") + strays.texts.count
        counts.outbound = try number("SELECT count(*) FROM outbound WHERE phone = ?")
        counts.cancelled = try number("SELECT count(*) FROM outbound WHERE phone = ? AND state = 'waiting'")
        counts.readings =
            try number("SELECT count(*) FROM reading WHERE uid IN (SELECT uid FROM inbound WHERE phone = ?)")
            + strays.readings.count
        counts.parts = try number("SELECT count(*) FROM part WHERE phone = ?")
        counts.reports = try number("SELECT count(*) FROM report WHERE phone = ?")
        counts.consent = try number("SELECT count(*) FROM consent WHERE phone = ?")
        return counts
    }

    /// Erasures that are not finished, oldest first; those whose key is gone cannot be.
    static func pending(_ key: ErasedKey, _ database: Database) throws -> [Record] {
        try database.all("SELECT * FROM erasure ORDER BY id").compactMap { row in
            key.open([UInt8](row["sealed"] as Data)).map { phone in
                Record(
                    id: row["id"], phone: phone, beganAt: Timestamp(milliseconds: row["began_at"]),
                    inboundSeq: row["inbound_seq"], outboundSeq: row["outbound_seq"], readingID: row["reading_id"],
                    reportID: row["report_id"])
            }
        }
    }

    // MARK: Deleting

    /// Writes down that the erasure has begun, durably, and deletes what the journal has.
    static func begin(
        _ phone: String, sealed: [UInt8], _ strays: Strays, now: Timestamp, _ database: Database
    ) throws -> (Record, Counts) {
        let isSending = try database.first("SELECT 1 FROM outbound WHERE phone = ? AND state = 'sending'", [phone])
        guard isSending == nil else { throw OnItsWay() }
        func last(_ sql: String) throws -> Int64 { try database.first(sql)?[0] ?? 0 }
        var record = Record(
            id: 0, phone: phone, beganAt: now, inboundSeq: try last("SELECT ifnull(max(seq), 0) FROM inbound"),
            outboundSeq: try last("SELECT ifnull(max(seq), 0) FROM outbound"),
            readingID: try last("SELECT ifnull(max(id), 0) FROM reading"),
            reportID: try last("SELECT ifnull(max(id), 0) FROM report"))
        try database.run(
            """
            INSERT INTO erasure (sealed, began_at, inbound_seq, outbound_seq, reading_id, report_id)
            VALUES (?, ?, ?, ?, ?, ?)
            """,
            [
                sealed.data, now.milliseconds, record.inboundSeq, record.outboundSeq, record.readingID, record.reportID,
            ])
        record.id = database.lastInsertedRowID
        return (record, try erase(record, strays, now: now, database))
    }

    /// Deletes the person's rows that are not later than the erasure's beginning. Repeating it changes nothing.
    static func erase(
        _ record: Record, _ strays: Strays, now: Timestamp, _ database: Database
    ) throws -> Counts {
        let phone = record.phone
        var counts = Counts()
        let received: [String] =
            try database.all("SELECT uid FROM inbound WHERE phone = ? AND seq <= ?", [phone, record.inboundSeq])
            .map { $0["uid"] } + strays.texts
        for uid in received {
            for row in try database.all("SELECT * FROM reading WHERE uid = ?", [uid]) {
                try drop(reading: row, now: now, database)
                counts.readings += 1
            }
            try database.run("DELETE FROM inbound WHERE uid = ?", [uid])
            counts.inbound += database.changesCount
        }
        for id in strays.readings where id <= record.readingID {
            guard let row = try database.first("SELECT * FROM reading WHERE id = ?", [id]) else { continue }
            try drop(reading: row, now: now, database)
            counts.readings += 1
        }
        // A row of another program that was begun meanwhile is as old as its table says.
        let sent = try database.all(
            "SELECT uid, state FROM outbound WHERE phone = ? AND (seq <= ? OR created_at <= ?)",
            [phone, record.outboundSeq, record.beganAt.milliseconds])
        for row in sent {
            let uid: String = row["uid"]
            try database.run("DELETE FROM part WHERE uid = ?", [uid])
            counts.parts += database.changesCount
            try database.run("DELETE FROM outbound WHERE uid = ?", [uid])
            counts.outbound += 1
            if row["state"] == "waiting" { counts.cancelled += 1 }
            counts.uids.insert(uid)
        }
        counts.uids.formUnion(received)
        try database.run(
            "DELETE FROM part WHERE phone = ? AND uid NOT IN (SELECT uid FROM outbound WHERE phone = ?)",
            [phone, phone])
        counts.parts += database.changesCount
        try database.run("DELETE FROM part_before WHERE phone = ? AND uid NOT IN (SELECT uid FROM outbound)", [phone])
        try database.run("DELETE FROM report WHERE phone = ? AND id <= ?", [phone, record.reportID])
        counts.reports = database.changesCount
        try database.run(
            "DELETE FROM loop_rest WHERE phone = ? AND since <= ?", [phone, record.beganAt.milliseconds])

        let until = record.beganAt.milliseconds
        let latest = try database.first(
            "SELECT action FROM consent WHERE phone = ? AND at <= ? ORDER BY at DESC, action = 'out' DESC LIMIT 1",
            [phone, until])
        try database.run("DELETE FROM consent WHERE phone = ? AND at <= ?", [phone, until])
        counts.consent = database.changesCount
        try ErasedNumbers.add(phone, isOut: latest.map { $0["action"] == "out" }, now: now, database)
        return counts
    }

    /// A text that the modem may still hold, or that the network may deliver again, is known by a hash.
    private static func drop(reading row: Row, now: Timestamp, _ database: Database) throws {
        let id: Int64 = row["id"]
        let mayComeAgain =
            !(row["deleted"] as Bool)
            || (row["memory"] as String?) == nil && (row["read_at"] as Int64) > now.milliseconds - Retention.day
        if mayComeAgain {
            try ErasedNumbers.hash(reading: id, database)
        } else {
            try database.run("DELETE FROM reading WHERE id = ?", [id])
        }
    }
}

/// A number as TPDUs have it: two digits an octet, the first in the low half (TS 23.040 §9.1.2.3).
enum SemiOctets {
    /// The number's whole octets, with and without the country.
    static func packed(_ phone: String) -> [[UInt8]] {
        let digits = phone.utf8.compactMap { (0x30...0x39).contains($0) ? $0 - 0x30 : nil }
        let national = phone.hasPrefix("+1") && digits.count == 11 ? [Array(digits[1...])] : []
        return ([digits] + national).map { digits in
            stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] | digits[$0 + 1] << 4 }
        }
    }

    static func occur(of phone: String, in octets: [UInt8]) -> Bool {
        let digits = phone.utf8.compactMap { (0x30...0x39).contains($0) ? $0 - 0x30 : nil }
        if occur(digits, in: octets) { return true }
        return phone.hasPrefix("+1") && digits.count == 11 && occur(Array(digits[1...]), in: octets)
    }

    private static func occur(_ digits: [UInt8], in octets: [UInt8]) -> Bool {
        let length = (digits.count + 1) / 2
        guard digits.count >= 7, octets.count >= length else { return false }
        return (0...(octets.count - length)).contains { start in
            digits.indices.allSatisfy { index in
                let octet = octets[start + index / 2]
                return (index % 2 == 0 ? octet & 15 : octet >> 4) == digits[index]
            }
        }
    }
}
