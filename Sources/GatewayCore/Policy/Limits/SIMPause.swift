internal import GRDB
internal import PluginKit

/// A SIM that nothing is sent from until a person says so.
struct SIMPause: Sendable, Hashable {
    var sim: String
    var since: Timestamp
    var reason: String

    static func all(_ database: Database) throws -> [SIMPause] {
        try database.all("SELECT * FROM sim_pause WHERE reason IS NOT NULL").map { row in
            SIMPause(sim: row["sim"], since: Timestamp(milliseconds: row["since"]), reason: row["reason"])
        }
    }

    func save(_ database: Database) throws {
        try database.run(
            "INSERT OR REPLACE INTO sim_pause (sim, since, reason) VALUES (?, ?, ?)",
            [sim, since.milliseconds, reason])
    }

    /// A person resumed it: only what leaves from now on is looked at.
    static func end(_ sim: String, now: Timestamp, _ database: Database) throws {
        try database.run(
            "INSERT OR REPLACE INTO sim_pause (sim, since, reason) VALUES (?, ?, NULL)", [sim, now.milliseconds])
    }

    private static let day: Int64 = 86_400_000
    private static let week = 7 * day

    /// Why the SIM should be paused; nil when its texts arrive, or when too few say anything.
    ///
    /// Reports that never come say nothing of a network that sends none: silence counts only where one of the SIM's
    /// texts was reported as delivered within a week.
    static func finding(
        for sim: String, share: DeliveredShare, now: Timestamp, _ database: Database
    ) throws -> String? {
        guard let least = share.least else { return nil }
        let resumed: Int64 = try database.first("SELECT since FROM sim_pause WHERE sim = ?", [sim])?["since"] ?? 0
        let latest = try database.all(
            latestSQL,
            [
                sim, max(now.milliseconds - day, resumed), now.milliseconds - share.afterMilliseconds,
                now.milliseconds, share.parts,
            ])
        guard latest.count >= share.parts else { return nil }
        let statuses = latest.map { $0["report_status"] as Int? }
        let delivered = statuses.count { $0.map { $0 < 32 } ?? false }
        guard delivered * 100 < least * statuses.count else { return nil }
        let refused = statuses.count { ($0 ?? 0) >= 64 }
        if refused * 100 <= (100 - least) * statuses.count {
            guard try hasReports(sim, now: now, database) else { return nil }
        }
        return "only \(delivered) of its last \(statuses.count) parts were delivered"
    }

    /// What is final, or old enough to be taken for lost; the latest first.
    static let latestSQL = """
        SELECT report_status FROM part INDEXED BY part_time
        WHERE sim = ?1 AND state = 'accepted' AND intent_at > ?2 AND intent_at <= ?4
            AND (intent_at <= ?3 OR report_status < 32 OR report_status >= 64)
        ORDER BY intent_at DESC LIMIT ?5
        """

    private static func hasReports(_ sim: String, now: Timestamp, _ database: Database) throws -> Bool {
        try database.first(
            """
            SELECT 1 FROM part INDEXED BY part_time
            WHERE sim = ? AND intent_at BETWEEN ? AND ? AND report_status < 32 LIMIT 1
            """, [sim, now.milliseconds - week, now.milliseconds]) != nil
    }
}
