/// The conditions that partial indexes and queries share. SQLite uses a partial index only for a query that repeats its
/// condition word for word.
enum QueueSQL {
    /// Rows that are to be sent, or are being sent.
    static func queued(_ table: String = "") -> String {
        "\(table)direction = 'outbound' AND \(table)status = 'queued'"
    }

    /// Queued rows that a claim may take: neither being sent, nor cut off in the middle, nor held.
    static func claimable(_ table: String = "") -> String {
        """
        \(queued(table)) AND \(table)owner IS NULL AND \(table)delivery_status IS NOT 'held' \
        AND \(table)delivery_status IS NOT 'unknown' AND \(table)delivery_status IS NOT 'sending'
        """
    }
}
