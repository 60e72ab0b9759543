import GRDB
import GatewayCore
import Testing

@testable import SQLiteStorage

/// The one table: a number as users' tills, forms and phones write it, and what it comes to.
struct WrittenForm: Sendable, CustomTestStringConvertible {
    var written: String
    var expected: String?
    /// Whether SQL knows the form, too; what it does not know is NULL there.
    var isInSQL = true

    var testDescription: String { written.debugDescription }

    init(_ written: String, _ expected: String?, sql: Bool = true) {
        self.written = written
        self.expected = expected
        isInSQL = sql
    }

    static let american: [WrittenForm] = [
        .init("+16195550123", "+16195550123"), .init("(619) 555-0123", "+16195550123"),
        .init("619-555-0123", "+16195550123"), .init("619.555.0123", "+16195550123"),
        .init("6195550123", "+16195550123"), .init("1-619-555-0123", "+16195550123"),
        .init("16195550123", "+16195550123"), .init("+1 619 555 0123", "+16195550123"),
        .init("+1 (619) 555-0123", "+16195550123"), .init("1 (619) 555-0123", "+16195550123"),
        .init("619/555/0123", "+16195550123"), .init("\t+16195550123", "+16195550123"),
        .init("619\u{A0}555\u{2011}0123", "+16195550123"), .init("\u{202A}+1 619-555-0123\u{202C}", "+16195550123"),
        .init("tel:+1-619-555-0123", "+16195550123"), .init("001 619 555 0123", "+16195550123"),
        .init("011 44 20 7946 0018", "+442079460018"), .init("0044 20 7946 0018", "+442079460018"),
        .init("+442079460018", "+442079460018"), .init("+44 (0)20 7946-0018", "+442079460018"),
        .init("+52.55.1234.5678", "+525512345678"), .init("+6831234", "+6831234"),
        .init("+49 1512 3456789", "+4915123456789"),
        // What only the gateway reads.
        .init("(619) 555-0123 x12", "+16195550123", sql: false),
        .init("619-555-0123 ext. 4", "+16195550123", sql: false),
        .init("619-555-0123#12", "+16195550123", sql: false),
        .init("+1 619 555 0123 EXT345", "+16195550123", sql: false),
        .init("tel:+16195550123;ext=9", "+16195550123", sql: false),
        .init("sms:+16195550123?body=hi", "+16195550123", sql: false),
        .init("＋１６１９５５５０１２３", "+16195550123", sql: false), .init("٦١٩٥٥٥٠١٢٣", "+16195550123", sql: false),
        // What is none.
        .init("", nil), .init(" ", nil), .init("+", nil), .init("n/a", nil), .init("none", nil), .init("0", nil),
        .init("0000000000", nil), .init("1111111111", nil), .init("2222222222", nil), .init("5555555555", nil),
        .init("9999999999", nil), .init("+15555555555", nil), .init("(555) 555-5555", nil), .init("+11111111111", nil),
        .init("1234567890", nil), .init("0123456789", nil), .init("1195550123", nil), .init("+1 119 555 0123", nil),
        .init("+1 619 055 0123", nil), .init("+1619555012", nil), .init("+16195550123456", nil), .init("555-0123", nil),
        .init("+12345678901234567", nil), .init("+123456", nil), .init("++16195550123", nil), .init("6.19E+09", nil),
        .init("6.19337E+09", nil), .init("555-0123 ext 4", nil), .init("AMAZON", nil), .init("1-800-FLOWERS", nil),
        .init("00", nil), .init("0012345", nil), .init("+0123456789", nil), .init("a@b.c", nil), .init("😀", nil),
        .init("619-555-0123 or 619-555-0199", nil), .init("6195550123; DROP TABLE messages", nil), .init("911", nil),
    ]
}

@Suite struct PhoneTests {
    private static func inSQL(_ written: String, _ home: PhoneSQL.Home = .northAmerica) throws -> String? {
        try DatabaseQueue().read { database in
            try String.fetchOne(
                database, sql: "SELECT \(PhoneSQL.e164(":written", home: home))", arguments: ["written": written])
        }
    }

    @Test("B9, D3: the gateway and the table read a number alike, whoever wrote it", arguments: WrittenForm.american)
    func alike(form: WrittenForm) throws {
        #expect(PhoneNumber(form.written, country: "US")?.text == form.expected)
        #expect(try Self.inSQL(form.written) == (form.isInSQL ? form.expected : nil))
    }

    @Test("B9: a short code is no E.164: the column is NULL, and what is written counts", arguments: ["12345", "611"])
    func shortCodes(written: String) throws {
        #expect(PhoneNumber(written, country: "US")?.isShortCode == true)
        #expect(try Self.inSQL(written) == nil)
    }

    @Test(
        "D3: where the drop-in names the country's codes, its national forms are known to the table, too",
        arguments: [
            ("020 7946 0018", "GB", "44", "0", "+442079460018"), ("07911 123456", "GB", "44", "0", "+447911123456"),
            ("+44 7911 123456", "GB", "44", "0", "+447911123456"), ("0171 2345678", "DE", "49", "0", "+491712345678"),
            ("55 1234 5678", "MX", "52", "", "+525512345678"), ("612 34 56 78", "ES", "34", "", "+34612345678"),
            ("0412 345 678", "AU", "61", "0", "+61412345678"), ("06 20 123 4567", "HU", "36", "06", "+36201234567"),
        ])
    func atHome(written: String, country: String, code: String, trunk: String, expected: String) throws {
        #expect(PhoneNumber(written, country: country)?.text == expected)
        #expect(try Self.inSQL(written, .init(code: code, trunk: trunk)) == expected)
    }

    @Test("what needs nothing taken out is known without SQL, and the same there", arguments: WrittenForm.american)
    func asWritten(form: WrittenForm) throws {
        let inSQL = try Self.inSQL(form.written)
        #expect(PhoneSQL.isE164(form.written) == (inSQL == form.written))
    }

    @Test("so are ten thousand numbers that are nearly right")
    func nearlyRight() throws {
        try DatabaseQueue().read { database in
            let statement = try database.cachedStatement(sql: "SELECT \(PhoneSQL.e164(":written"))")
            for _ in 0..<10_000 {
                let digits = (0..<Int.random(in: 6...16)).map { _ in
                    String(Int.random(in: 0...9))
                }
                let begin = ["+", "+1", "+12", "", "+44", "+1619"].randomElement() ?? ""
                let written = begin + (Bool.random() ? digits : digits.map { _ in digits[0] }).joined()
                let known = try String.fetchOne(statement, arguments: ["written": written]) == written
                #expect(PhoneSQL.isE164(written) == known, "\(written)")
            }
        }
    }

    /// As files of early versions are.
    private static func early(_ db: Database) throws {
        try Migrator.run(Migrator.all, on: db)
        for (table, written) in [("messages", "phone_number"), ("optouts", "phone_number"), ("customers", "phone")] {
            let indexes = try String.fetchAll(
                db,
                sql: "SELECT sql FROM sqlite_master WHERE type = 'index' AND tbl_name = ? AND sql LIKE '%phone_e164%'",
                arguments: [table])
            for sql in indexes { try db.execute(sql: "DROP INDEX \(sql.split(separator: " ")[2])") }
            try db.execute(sql: "ALTER TABLE \(table) DROP COLUMN phone_e164")
            try db.execute(
                sql: "ALTER TABLE \(table) ADD COLUMN phone_e164 TEXT GENERATED ALWAYS AS (upper(\(written))) VIRTUAL")
            for sql in indexes { try db.execute(sql: sql) }
        }
    }

    @Test("D3: the column follows the number, whoever writes it, and the home country of the drop-in")
    func filled() throws {
        let database = try DatabaseQueue()
        try database.write { db in
            try Migrator.run(Migrator.all, on: db)
            try PhoneColumn.bringUpToDate(home: .northAmerica, on: db)
            try db.execute(
                sql: """
                    INSERT INTO messages (phone_number, status, direction) VALUES ('07911 123456', 'unread', 'inbound'),
                        ('(619) 555-0123', 'unread', 'inbound'), ('12345', 'unread', 'inbound');
                    INSERT INTO customers (id, phone) VALUES ('c', '619.555.0124');
                    INSERT INTO optouts (phone_number) VALUES ('1 619 555 0125');
                    """)
            let numbers = "SELECT phone_e164 FROM messages ORDER BY id"
            #expect(try String?.fetchAll(db, sql: numbers) == [nil, "+16195550123", nil])
            #expect(try String.fetchOne(db, sql: "SELECT phone_e164 FROM customers") == "+16195550124")
            #expect(try String.fetchOne(db, sql: "SELECT phone_e164 FROM optouts") == "+16195550125")
            try db.execute(sql: "UPDATE messages SET phone_number = '619-555-0199' WHERE id = 2")
            #expect(try String?.fetchAll(db, sql: numbers) == [nil, "+16195550199", nil])
            try db.execute(sql: "UPDATE messages SET phone_number = 'AMAZON' WHERE id = 2")
            #expect(try String?.fetchAll(db, sql: numbers) == [nil, nil, nil])

            try PhoneColumn.bringUpToDate(home: .init(code: "44", trunk: "0"), on: db)
            #expect(try String?.fetchAll(db, sql: numbers) == ["+447911123456", nil, nil])
            #expect(try String.fetchOne(db, sql: "SELECT phone_e164 FROM customers") == nil)
            try db.execute(sql: "INSERT INTO optouts (phone_number) VALUES ('020 7946 0018')")
            let latest = "SELECT phone_e164 FROM optouts ORDER BY id DESC"
            #expect(try String.fetchOne(db, sql: latest) == "+442079460018")
        }
    }

    @Test("an early file's generated column is made an ordinary one, with its indexes, and only then")
    func rebuilt() throws {
        let database = try DatabaseQueue()
        try database.write { db in
            try Self.early(db)
            let indexes = try Self.indexes(db)
            try db.execute(
                sql: """
                    INSERT INTO messages (phone_number, status, direction) VALUES ('(619) 555-0123', 'unread', 'inbound');
                    INSERT INTO customers (id, phone) VALUES ('c', 'none');
                    """)
            try PhoneColumn.bringUpToDate(home: .northAmerica, on: db)
            #expect(try String.fetchOne(db, sql: "SELECT phone_e164 FROM messages") == "+16195550123")
            #expect(try String.fetchOne(db, sql: "SELECT phone_e164 FROM customers") == nil)
            #expect(try Self.indexes(db) == indexes)
            #expect(try String.fetchOne(db, sql: "PRAGMA integrity_check") == "ok")
            let changes = db.totalChangesCount
            try PhoneColumn.bringUpToDate(home: .northAmerica, on: db)
            #expect(db.totalChangesCount == changes)
        }
    }

    @Test("D3: a view of another program over an early file's column is not broken: people are told what to do")
    func viewsStay() throws {
        let database = try DatabaseQueue()
        try database.write { db in
            try Self.early(db)
            try db.execute(sql: "CREATE VIEW theirs AS SELECT phone_e164 FROM messages")
        }
        #expect(throws: ForeignSchema.self) {
            try database.write { try PhoneColumn.bringUpToDate(home: .northAmerica, on: $0) }
        }
        let (rows, indexes) = try database.read { db in
            (try Int.fetchOne(db, sql: "SELECT count(*) FROM theirs"), try Self.indexes(db))
        }
        #expect(rows == 0)
        #expect(indexes.contains("conductor_messages_recipient"))
    }

    private static func indexes(_ db: Database) throws -> [String] {
        try String.fetchAll(db, sql: "SELECT name FROM sqlite_master WHERE type = 'index' ORDER BY name")
    }
}
