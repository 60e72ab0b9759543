internal import GRDB
internal import PluginKit

/// What the journal knows of parts that left: for the limits after a start, and for the share that arrived.
enum PastParts {
    /// Each part that left, or may have, from `since` on, oldest first. One at a time: a busy day has many.
    static func each(
        since: Timestamp, _ database: Database, _ body: (SendingTally.Past) -> Void
    ) throws {
        try database.each(sql, [since.milliseconds]) { row in
            // Nil for a part whose text a repair could not save: it left all the same.
            let origin: String? = row["origin"]
            body(
                SendingTally.Past(
                    sim: row["sim"], phone: row["phone"], origin: origin ?? "",
                    at: Timestamp(milliseconds: row["intent_at"]),
                    isText: row["number"] == 1 && origin != "policy"))
        }
    }

    static let sql = """
        SELECT p.sim, p.phone, p.number, p.intent_at, o.origin FROM part p INDEXED BY part_time
            LEFT JOIN outbound o ON o.uid = p.uid WHERE p.intent_at >= ?1 AND p.state <> 'refused'
        UNION ALL
        SELECT sim, phone, number, intent_at, origin FROM part_before WHERE intent_at >= ?1
        ORDER BY 4
        """

    /// Before an unknown part is written once more: if it left, it counts all the same.
    static func keep(_ uid: String, number: Int, _ database: Database) throws {
        try database.run(
            """
            INSERT INTO part_before (uid, number, sim, phone, origin, intent_at)
                SELECT p.uid, p.number, p.sim, p.phone, o.origin, p.intent_at FROM part p JOIN outbound o ON o.uid = p.uid
                WHERE p.uid = ? AND p.number = ? AND p.state = 'unknown'
            """, [uid, number])
    }

    /// Before the parts of a text are forgotten, since it is sent once more: those that left count all the same.
    static func keep(_ uid: String, _ database: Database) throws {
        try database.run(
            """
            INSERT INTO part_before (uid, number, sim, phone, origin, intent_at)
                SELECT p.uid, p.number, p.sim, p.phone, o.origin, p.intent_at FROM part p JOIN outbound o ON o.uid = p.uid
                WHERE p.uid = ? AND (p.state NOT IN ('accepted', 'refused') OR p.report_status >= 64)
            """, [uid])
    }
}
