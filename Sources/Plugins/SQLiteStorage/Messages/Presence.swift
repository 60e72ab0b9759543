internal import Foundation
internal import GRDB
internal import PluginKit

/// Which gateways work on this file: the table `conductor_gateways`.
enum Presence {
    /// One that was not heard of for so long, and has nothing to settle, is forgotten.
    private static let forgottenMilliseconds: Int64 = 30 * 86_400_000

    static func createTable(_ db: Database) throws {
        try db.execute(
            sql: """
                CREATE TABLE IF NOT EXISTS conductor_gateways (
                    gateway TEXT PRIMARY KEY, version TEXT, sims TEXT NOT NULL DEFAULT '[]',
                    modems INTEGER NOT NULL DEFAULT 0, seen TEXT NOT NULL)
                """)
    }

    /// Notes one, and tells of all.
    static func note(_ presence: GatewayPresence, now: Timestamp, on db: Database) throws -> [GatewayPresence] {
        let note = try db.cachedStatement(
            sql: """
                INSERT INTO conductor_gateways (gateway, version, sims, modems, seen) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (gateway) DO UPDATE SET version = excluded.version, sims = excluded.sims,
                    modems = excluded.modems, seen = max(seen, excluded.seen)
                """)
        let sims = String(decoding: try JSONEncoder().encode(presence.sims), as: UTF8.self)
        try note.execute(arguments: [presence.gateway, presence.version, sims, presence.modems, now.description])
        let forget = try db.cachedStatement(
            sql: """
                DELETE FROM conductor_gateways WHERE seen < ? AND NOT EXISTS (
                    SELECT 1 FROM messages INDEXED BY conductor_messages_sending
                    WHERE delivery_status = 'sending' AND owner = conductor_gateways.gateway)
                """)
        let before = Timestamp(milliseconds: now.milliseconds - forgottenMilliseconds)
        try forget.execute(arguments: [before.description])
        let all = try db.cachedStatement(
            sql: """
                SELECT g.gateway, ifnull(g.version, ''), g.sims, g.modems, g.seen,
                    (SELECT count(*) FROM messages INDEXED BY conductor_messages_busy
                        WHERE \(QueueSQL.queued()) AND claimed_by IS NOT NULL AND claimed_by = g.gateway
                        AND owner IS NULL AND claim_until > ?),
                    (SELECT count(*) FROM messages INDEXED BY conductor_messages_sending
                        WHERE delivery_status = 'sending' AND owner = g.gateway AND status = 'queued')
                FROM conductor_gateways g ORDER BY g.gateway
                """)
        return try Row.fetchAll(all, arguments: [now.description]).map { row in
            GatewayPresence(
                gateway: row[0], version: row[1],
                sims: decode(row[2]), modems: row[3], seen: Timestamp(row[4] as String) ?? Timestamp(milliseconds: 0),
                claimed: row[5],
                sending: row[6])
        }
    }

    /// Nil for a gateway that has not said which it has.
    static func sims(of gateway: String, on db: Database) throws -> [String]? {
        let statement = try db.cachedStatement(sql: "SELECT sims FROM conductor_gateways WHERE gateway = ?")
        return try String.fetchOne(statement, arguments: [gateway]).map(decode)
    }

    private static func decode(_ sims: String) -> [String] {
        (try? JSONDecoder().decode([String].self, from: Data(sims.utf8))) ?? []
    }
}
