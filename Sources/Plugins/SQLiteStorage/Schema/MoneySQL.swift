/// Amounts in SQL.
enum MoneySQL {
    /// `column` in millionths of the currency, a whole number; NULL where no number stands there.
    static func micros(_ column: String) -> String {
        "CASE WHEN typeof(\(column)) IN ('integer', 'real') THEN CAST(round(\(column) * 1000000.0) AS INTEGER) END"
    }
}
