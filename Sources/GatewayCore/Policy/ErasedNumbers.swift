internal import Foundation
internal import GRDB
internal import PluginKit
internal import SMSCodec

/// People who were erased, as far as the gateway may still know them: a keyed hash of the number, so that who had said
/// STOP stays out (decision 10).
enum ErasedNumbers {
    /// How long a number that was not out is known, for delivery reports that are still on their way.
    static let reportsMilliseconds: Int64 = 7 * 86_400_000

    /// `erased_mark(x)`: the keyed hash of a text or blob; NULL while there is no key. For queries of ours only.
    static func function(_ key: ErasedKey) -> DatabaseFunction {
        DatabaseFunction("erased_mark", argumentCount: 1) { values in
            switch values[0].storage {
            case .string(let text): key.mark(Array(text.utf8), purpose: "number")?.data
            case .blob(let data): key.mark([UInt8](data), purpose: "pdu")?.data
            default: nil
            }
        }
    }

    /// SQL: whether the number is of an erased person who had said STOP. Later events of the number come before this.
    static func isOut(_ phone: String) -> String {
        "EXISTS (SELECT 1 FROM erased_number WHERE mark = erased_mark(\(phone)) AND is_out = 1)"
    }

    /// Whether the number was erased: nothing is written down about it that only concerns what is gone.
    static func knows(_ phone: String, _ database: Database) throws -> Bool {
        try database.first("SELECT 1 FROM erased_number WHERE mark = erased_mark(?)", [phone]) != nil
    }

    /// Remembers the number. `isOut` nil: as it was before.
    static func add(_ phone: String, isOut: Bool?, now: Timestamp, _ database: Database) throws {
        try database.run(
            """
            INSERT INTO erased_number (mark, erased_at, is_out)
            SELECT mark, ?2, coalesce(?3, 0) FROM (SELECT erased_mark(?1) AS mark) WHERE mark IS NOT NULL
            ON CONFLICT (mark) DO UPDATE SET erased_at = ?2, is_out = coalesce(?3, is_out)
            """, [phone, now.milliseconds, isOut])
    }

    /// What a reading keeps of a text that the modem still holds: by the hash the slot is known when it is read again.
    static func hash(reading id: Int64, _ database: Database) throws {
        try database.run(
            """
            UPDATE reading SET pdu = erased_mark(pdu), printed = NULL, uid = NULL, sequence = NULL, hashed = 1
            WHERE id = ? AND hashed = 0
            """, [id])
    }

    /// How many numbers stay out.
    static func count(_ database: Database) throws -> Int {
        try database.first("SELECT count(*) AS n FROM erased_number WHERE is_out = 1")?["n"] ?? 0
    }

    /// Whether a delivery report speaks of a text that was erased with its person: no part of ours is open for it.
    static func isStray(
        _ report: StatusReport, phone: String, sim: String, _ database: Database
    ) throws -> Bool {
        guard try knows(phone, database) else { return false }
        return try database.first(
            """
            SELECT 1 FROM part WHERE sim = ? AND phone = ?
                AND (state = 'accepted' AND reference = ? OR state IN ('unknown', 'intent'))
            """, [sim, phone, Int(report.reference)]) == nil
    }
}
