internal import PluginKit

/// Moments in SQL: the one text form `YYYY-MM-DDTHH:MM:SS.sssZ`, whose order as text is the order in time.
enum TimeSQL {
    /// What `strftime` makes of the one form.
    static let format = "%Y-%m-%dT%H:%M:%fZ"

    /// The moment of the statement.
    static let now = "strftime('\(format)', 'now')"

    /// True where `column` already has the one form.
    static func isCanonical(_ column: String) -> String {
        "\(column) GLOB '????-??-??T??:??:??.???Z'"
    }

    /// `column` in the one form, or NULL where it cannot be read as a time. Understands what SQLite does (ISO 8601 with
    /// `T` or a blank, with or without offset; without one it is UTC) and seconds or milliseconds since 1970.
    static func canonical(_ column: String) -> String {
        """
        CASE WHEN \(isCanonical(column)) THEN \(column) \
        WHEN \(column) IS NULL THEN NULL \
        WHEN \(column) NOT GLOB '*[^0-9.]*' AND \(column) <> '' THEN strftime('\(format)', \
        CASE WHEN \(column) + 0 > 100000000000 THEN \(column) / 1000.0 ELSE \(column) + 0 END, 'unixepoch') \
        ELSE strftime('\(format)', \(column)) END
        """
    }
}
