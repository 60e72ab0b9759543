/// Telephone numbers in SQL, without functions of ours: other programs insert rows, and their SQLite has none.
///
/// What SQL knows less of than the gateway: no extension (`x12`), no digits of other scripts, no body or parameter of a
/// `tel:`; national forms of one country only; and of an international number only whether its length is 7 to 15, not
/// whether its calling code has numbers of this length. Such a row is sent and answered as any other, since the gateway
/// reads it itself; but its column is NULL (or, for a length that cannot be, set), so that a look-up by number finds it
/// only as it is written.
enum PhoneSQL {
    /// How numbers are written at home, where that is not North America.
    struct Home: Sendable, Hashable {
        /// Calling code, as `44`.
        var code: String
        /// What is dialled before a national number, as `0`; empty where nothing is.
        var trunk: String

        static let northAmerica = Home(code: "1", trunk: "1")
    }

    /// What stands around digits: what people put between them, what word processors make of it, the marks of writing
    /// direction that phones put around a copied number.
    private static let around = [
        "'(0)'", "' '", "'-'", "'('", "')'", "'.'", "'/'", "'tel:'", "char(9)", "char(160)", "char(8208)", "char(8209)",
        "char(8211)", "char(8239)", "char(8234)", "char(8236)", "char(8206)", "char(65279)",
    ]

    private static let northAmerican = "[2-9][0-9][0-9][2-9]" + String(repeating: "[0-9]", count: 6)

    /// `expression` as E.164, or NULL where it is not a telephone number (a name, a short code, a placeholder).
    ///
    /// `+` or `00` and 7 to 15 digits stand for themselves; at home in North America, so does `011`, and ten digits, or
    /// eleven that begin with 1, are of its plan, and must have its form. Elsewhere 7 to 12 digits behind the trunk
    /// prefix are national ones. Numbers that need nothing taken out are tried first; in others, a subquery takes out what
    /// stands around the digits, once for all forms.
    static func e164(_ expression: String, home: Home = .northAmerica) -> String {
        let taken = around.reduce("ifnull(\(expression), '')") { "replace(\($0), \($1), '')" }
        let bare = "w.bare"
        var cases = [
            (international(bare, mark: "+"), bare),
            (international(bare, mark: "00"), "'+' || substr(\(bare), 3)"),
        ]
        if home == .northAmerica {
            cases += [
                (northAmerican(bare, mark: ""), "'+1' || \(bare)"),
                (northAmerican(bare, mark: "1"), "'+' || \(bare)"),
                (international(bare, mark: "011"), "'+' || substr(\(bare), 4)"),
            ]
        } else {
            cases.append((national(bare, home), "'+\(home.code)' || substr(\(bare), \(home.trunk.count + 1))"))
        }
        let form = "CASE " + cases.map { "WHEN \($0) THEN \($1)" }.joined(separator: " ") + " END"
        return """
            CASE WHEN \(international(expression, mark: "+")) THEN \(expression) \
            ELSE (SELECT \(form) FROM (SELECT \(taken) AS bare) w) END
            """
    }

    /// Whether `e164` is what is written, since nothing has to be taken out: so of every number that the gateway writes.
    static func isE164(_ written: String) -> Bool {
        let digits = written.utf8.dropFirst()
        guard written.utf8.first == UInt8(ascii: "+"), let first = digits.first,
            digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return false }
        guard first == UInt8(ascii: "1") else {
            return first != UInt8(ascii: "0") && (7...15).contains(digits.count) && digits.contains { $0 != first }
        }
        // Two to nine: where the number's two halves begin.
        let own = Array(digits.dropFirst())
        return own.count == 10 && own[0] >= UInt8(ascii: "2") && own[3] >= UInt8(ascii: "2")
            && own.contains { $0 != own[0] }
    }

    /// Whether `expression` is `mark` and an international number.
    private static func international(_ expression: String, mark: String) -> String {
        let first = mark.count + 1
        return """
            (\(northAmerican(expression, mark: mark + "1")) OR \(expression) GLOB '\(mark)[2-9]*' \
            AND substr(\(expression), \(first)) NOT GLOB '*[^0-9]*' \
            AND length(\(expression)) BETWEEN \(mark.count + 7) AND \(mark.count + 15) \
            AND \(isVaried(expression, from: first)))
            """
    }

    /// Whether `expression` is `mark` and ten digits of the North American plan.
    private static func northAmerican(_ expression: String, mark: String) -> String {
        "(\(expression) GLOB '\(mark)\(northAmerican)' AND \(isVaried(expression, from: mark.count + 1)))"
    }

    private static func national(_ expression: String, _ home: Home) -> String {
        let count = home.trunk.count
        return """
            (\(expression) GLOB '\(home.trunk)[1-9]*' AND substr(\(expression), \(count + 1)) NOT GLOB '*[^0-9]*' \
            AND length(\(expression)) BETWEEN \(count + 7) AND \(count + 12))
            """
    }

    /// False for one digit said over and over: what people type where a number is demanded.
    private static func isVaried(_ expression: String, from first: Int) -> String {
        "replace(substr(\(expression), \(first)), substr(\(expression), \(first), 1), '') <> ''"
    }

    /// Who a row is to or from: the normalised number, else what stands there.
    static func recipient(_ table: String = "", phone: String = "phone_number") -> String {
        "ifnull(\(table)phone_e164, \(table)\(phone))"
    }
}
