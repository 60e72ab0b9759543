/// Telephone numbers in SQL, without functions of ours: other programs insert rows, and their SQLite has none.
enum PhoneSQL {
    /// What people put between digits. NUL, tab, no-break space and the dashes of word processors included.
    private static let separators = [
        "' '", "'-'", "'('", "')'", "'.'", "'/'", "char(9)", "char(160)", "char(8208)", "char(8209)", "char(8211)",
        "char(8239)",
    ]

    private static let northAmerican = "[2-9][0-9][0-9][2-9]" + String(repeating: "[0-9]", count: 6)

    /// `expression` as E.164, or NULL where it is not a telephone number (a name, a short code, a placeholder).
    ///
    /// `+` or `00` and 7 to 15 digits stand for themselves; ten digits, or eleven that begin with 1, are North American,
    /// and a number of that plan must have its form. Numbers that need nothing taken out are tried first.
    static func e164(_ expression: String) -> String {
        let bare = separators.reduce("ifnull(\(expression), '')") { "replace(\($0), \($1), '')" }
        return """
            CASE WHEN \(international(expression, mark: "+")) THEN \(expression) \
            WHEN \(international(bare, mark: "+")) THEN \(bare) \
            WHEN \(international(bare, mark: "00")) THEN '+' || substr(\(bare), 3) \
            WHEN \(bare) GLOB '\(northAmerican)' THEN '+1' || \(bare) \
            WHEN \(bare) GLOB '1\(northAmerican)' THEN '+' || \(bare) END
            """
    }

    /// Whether `expression` is `mark` and an international number.
    private static func international(_ expression: String, mark: String) -> String {
        """
        (\(expression) GLOB '\(mark)1\(northAmerican)' OR \(expression) GLOB '\(mark)[2-9]*' \
        AND substr(\(expression), \(mark.count + 1)) NOT GLOB '*[^0-9]*' \
        AND length(\(expression)) BETWEEN \(mark.count + 7) AND \(mark.count + 15))
        """
    }

    /// Who a row is to or from: the normalised number, else what stands there.
    static func recipient(_ table: String = "") -> String {
        "ifnull(\(table)phone_e164, \(table)phone_number)"
    }
}
