internal import GRDB

/// Receipts whose sum no line of the file told: it is that of their lines.
enum ImportTotals {
    static func fill(of importID: String, on db: Database) throws {
        guard let id = try ImportUndo.number(importID, on: db) else { return }
        try db.cachedStatement(
            sql: """
                UPDATE transactions AS t SET total = (
                    SELECT sum(\(MoneySQL.micros("i.total_price"))) / 1000000.0 FROM transaction_items i
                    WHERE i.transaction_id = t.transaction_id)
                WHERE t.import_id = ? AND t.total IS NULL
                    AND EXISTS (SELECT 1 FROM transaction_items i WHERE i.transaction_id = t.transaction_id)
                """
        ).execute(arguments: [id])
    }
}
