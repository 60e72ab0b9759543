internal import GRDB
internal import PluginKit

/// The first two parts of an exchange: what finished, and what begins. Both may be repeated.
enum Settle {
    /// Which row an outcome is for. A uid is proof: the journal that minted it sent the row. Giving a row back, and
    /// refusing one that was only claimed, needs the row to be the asker's still; a repetition finds it gone.
    private static func address(_ outcome: ExchangeRequest.Outcome) -> String {
        switch (outcome.uid, outcome.status) {
        case (.some, .queued): "uid = :uid AND (owner = :gateway OR owner = '\(Put.journal)')"
        case (.some, _): "uid = :uid"
        case (nil, _): "id = :id AND claimed_by = :gateway AND owner IS NULL AND status = 'queued'"
        }
    }

    static func finish(_ outcome: ExchangeRequest.Outcome, by gateway: String, now: Timestamp, on db: Database) throws {
        // An unsettled row (`unknown`, still `queued`) stays with its gateway; all others are let go.
        let kept =
            outcome.status == .queued
            && (outcome.deliveryStatus == .unknown || outcome.deliveryStatus == .sending)
        let statement = try db.cachedStatement(
            sql: """
                UPDATE messages \(outcome.uid == nil ? "" : "INDEXED BY conductor_messages_uid") SET status = :status, delivery_status = :delivery, error_code = :code,
                    error_message = :message, modem_timestamp = ifnull(:modem, modem_timestamp),
                    not_before = :due, sim = ifnull(:sim, sim), parts = ifnull(nullif(:parts, 0), parts),
                    owner = CASE WHEN :kept OR owner = '\(Put.journal)' THEN owner END,
                    claimed_by = CASE WHEN :kept THEN claimed_by END, claim_until = NULL, updated_at = :now
                WHERE \(address(outcome)) AND direction = 'outbound'
                    AND NOT (\(Put.comesLate("messages.delivery_status", ":delivery")))
                    AND (status, delivery_status, error_code, error_message, not_before, claim_until,
                        ifnull(:modem, modem_timestamp), ifnull(:sim, sim), ifnull(nullif(:parts, 0), parts),
                        :kept OR claimed_by IS NULL)
                    IS NOT (:status, :delivery, :code, :message, :due, NULL, modem_timestamp, sim, parts, 1)
                """)
        var values: [String: (any DatabaseValueConvertible)?] = [
            "status": outcome.status.rawValue, "delivery": outcome.deliveryStatus?.rawValue,
            "code": outcome.errorCode, "message": outcome.errorMessage,
            "modem": outcome.modemTimestamp?.description, "due": outcome.notBefore?.description, "sim": outcome.sim,
            "parts": outcome.parts, "kept": kept, "gateway": gateway, "now": now.description,
        ]
        if let uid = outcome.uid { values["uid"] = uid } else { values["id"] = outcome.storageID }
        try statement.execute(arguments: StatementArguments(values))
    }

    /// False when the row is not ours: the claim ended, or somebody changed the row meanwhile.
    static func start(_ start: ExchangeRequest.Start, by gateway: String, now: Timestamp, on db: Database) throws
        -> Bool
    {
        let begin = try db.cachedStatement(
            sql: """
                UPDATE messages SET owner = ?1, delivery_status = 'sending', uid = ?2, claim_until = NULL,
                    not_before = NULL, error_code = NULL, error_message = NULL,
                    retry_count = ifnull(retry_count, 0) + 1, last_retry_at = ?3, updated_at = ?3
                WHERE id = ?4 AND \(QueueSQL.claimable()) AND claimed_by = ?1 AND claim_until > ?3
                """)
        try begin.execute(arguments: [gateway, start.uid, now.description, start.storageID])
        if db.changesCount > 0 { return true }
        let repeated = try db.cachedStatement(
            sql: "SELECT 1 FROM messages WHERE id = ? AND uid = ? AND owner = ? AND delivery_status = 'sending'")
        return try Int.fetchOne(repeated, arguments: [start.storageID, start.uid, gateway]) != nil
    }
}
