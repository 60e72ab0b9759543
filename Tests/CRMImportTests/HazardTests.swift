import PluginKit
import Testing

@testable import CRMImport

/// What till exports do to whoever reads them, one hazard each, with the rows and rejects that must come of it.
@Suite("Hazards of the till's files")
struct HazardTests {
    @Test("a byte order mark is no part of the first heading")
    func mark() throws {
        let file = try ImportedFile("\u{FEFF}Member ID,Name\nM1,Ana\n", .customers)
        #expect(file.rows == ["customers: member_id=M1 name=Ana"])
        #expect(file.encoding == .utf8)
    }

    @Test("UTF-16 of both kinds, with a mark and without", arguments: [true, false], [true, false])
    func utf16(isLittle: Bool, isMarked: Bool) throws {
        let text = (isMarked ? "\u{FEFF}" : "") + "Member ID,Name\r\nM1,Zoë \u{1F600}\r\n"
        let bytes = text.utf16.flatMap { unit in
            isLittle ? [UInt8(unit & 0xFF), UInt8(unit >> 8)] : [UInt8(unit >> 8), UInt8(unit & 0xFF)]
        }
        let file = try ImportedFile("", .customers, bytes: bytes)
        #expect(file.rows == ["customers: member_id=M1 name=Zoë \u{1F600}"])
        #expect(file.encoding == (isLittle ? .utf16LittleEndian : .utf16BigEndian))
    }

    @Test("what is no UTF-8 is Windows-1252, quotation marks of typesetters included")
    func windows() throws {
        let bytes = Array("Member ID,Name\nM1,".utf8) + [0x4D, 0xFC, 0x6C, 0x6C, 0x65, 0x72, 0x92, 0x73] + [0x0A]
        let file = try ImportedFile("", .customers, bytes: bytes)
        #expect(file.rows == ["customers: member_id=M1 name=Müller\u{2019}s"])
        #expect(file.encoding == .windows1252)
    }

    @Test("each delimiter is found", arguments: [",", ";", "\t", "|"])
    func delimiters(sign: String) throws {
        let lines = ["Member ID|Name|Email", "M1|Ana|ana@example.com", "M2|Bo|bo@example.com"]
        let file = try ImportedFile(lines.map { $0.replacing("|", with: sign) }.joined(separator: "\n"), .customers)
        #expect(
            file.rows == [
                "customers: member_id=M1 email=ana@example.com name=Ana",
                "customers: member_id=M2 email=bo@example.com name=Bo",
            ])
    }

    @Test("commas in amounts do not make a file of semicolons one of commas")
    func commas() throws {
        var wish = ImportWish()
        wish.decimal = "comma"
        let file = try ImportedFile(
            "Receipt;Date;Total\n1;2026-07-04;\"1.234,50\"\n2;2026-07-05;12,00\n", .transactions, wish)
        #expect(
            file.rows == [
                "transactions: transaction_id=1 date=2026-07-04 total=1234500000µ",
                "transactions: transaction_id=2 date=2026-07-05 total=12000000µ",
            ])
    }

    @Test("lines end in CR, CRLF or LF; the last one may not end at all", arguments: ["\r", "\r\n", "\n"])
    func endings(ending: String) throws {
        let file = try ImportedFile(["Member ID,Name", "M1,Ana", "", "M2,Bo"].joined(separator: ending), .customers)
        #expect(file.rows == ["customers: member_id=M1 name=Ana", "customers: member_id=M2 name=Bo"])
        #expect(file.read == 2)
    }

    @Test("a title stands above the headings, and an empty line")
    func title() throws {
        let file = try ImportedFile("Customers as of 07/01/2026,,\n,,\n\nMember ID,Name\nM1,Ana\n", .customers)
        #expect(file.rows == ["customers: member_id=M1 name=Ana"])
        #expect(file.layout.headerLine == 4)
    }

    @Test("a file without headings needs a map, and is read by it")
    func noHeadings() throws {
        #expect(throws: ImportProblem.self) { try ImportedFile("M1,Ana\n", .customers) }
        var wish = ImportWish()
        wish.header = "none"
        wish.columns = [.init(column: "1", use: "member_id"), .init(column: "2", use: "name")]
        #expect(try ImportedFile("M1,Ana\n", .customers, wish).rows == ["customers: member_id=M1 name=Ana"])
    }

    @Test("quotation marks hold delimiters, line ends and themselves; the line of the next row is still right")
    func quotes() throws {
        let text =
            "Member ID,Name,Email\nM1,\"Ana \"\"A\"\"\nGarcia\",a@b\nM2,\"x, Inc.\",\nM3,7\" pipe,\nM4,,,,extra\n"
        let file = try ImportedFile(text, .customers)
        #expect(
            file.rows == [
                "customers: member_id=M1 email=a@b name=Ana \"A\" Garcia", "customers: member_id=M2 name=x, Inc.",
                "customers: member_id=M3 name=7\" pipe",
            ])
        #expect(file.rejects.count == 1)
        #expect(file.rejects[0].hasPrefix("line 6: it has 5 fields, and the headings are 3"))
    }

    @Test("a quotation mark that nothing closes costs its own line and no other")
    func unclosed() throws {
        let file = try ImportedFile("Member ID,Name\nM1,\"Ana\nM2,Bo\nM3,Cy\n", .customers)
        #expect(file.rows == ["customers: member_id=M2 name=Bo", "customers: member_id=M3 name=Cy"])
        #expect(file.rejects == ["line 2: a quotation mark opens a field, and none closes it"])
    }

    @Test(
        "amounts as tills write them",
        arguments: [
            ("$1,234.50", "1234500000µ"), ("(12.00)", "-12000000µ"), ("-$12", "-12000000µ"), ("12.00-", "-12000000µ"),
            ("USD 12.5", "12500000µ"), ("12.5 USD", "12500000µ"), ("\u{2212}3", "-3000000µ"), ("0.1234567", "123457µ"),
            (".5", "500000µ"), ("1 234.5", "1234500000µ"), ("0", "0µ"),
        ])
    func amounts(written: String, value: String) throws {
        let file = try ImportedFile("Receipt,Total\n1,\"\(written)\"\n", .transactions)
        #expect(file.rows == ["transactions: transaction_id=1 total=\(value)"])
    }

    @Test(
        "what is no amount is refused with its reason",
        arguments: [
            ("12,50", "its comma is no sign of thousands"), ("1,23,456.00", "otherwise than by threes"),
            ("1.2.3", "two decimal signs"), ("12%", "a share"), ("1.2E+03", "exponent"), ("abc", "no amount"),
            ("(12", "parenthesis"), ("99999999999999", "too large"),
        ])
    func noAmounts(written: String, reason: String) throws {
        let file = try ImportedFile("Receipt,Total\n1,\"\(written)\"\n", .transactions)
        #expect(file.rows.isEmpty)
        #expect(file.rejects.first?.contains(reason) == true, "\(file.rejects)")
    }

    @Test(
        "fields that stand for nothing leave what is known as it is",
        arguments: ["", " ", "N/A", "n/a", "#N/A", "-", "NULL", "none", "\u{2014}"])
    func blanks(written: String) throws {
        let file = try ImportedFile("Member ID,Email,Total Visits\nM1,\(written),\(written)\n", .customers)
        #expect(file.rows == ["customers: member_id=M1"])
    }

    @Test("a person may be called None, Null or Na")
    func names() throws {
        let file = try ImportedFile("Member ID,First Name,Last Name\nM1,Na,Null\nM2,N/A,None\n", .customers)
        #expect(file.rows == ["customers: member_id=M1 name=Na Null", "customers: member_id=M2 name=None"])
    }

    @Test(
        "days as tills write them",
        arguments: [
            ("2026-07-04", "2026-07-04"), ("2026-07-04 23:59:00", "2026-07-04"), ("7/4/2026", "2026-07-04"),
            ("07/04/26", "2026-07-04"), ("7/4/99", "1999-07-04"), ("07-04-2026 11:05 PM", "2026-07-04"),
            ("04.07.2026", "2026-07-04"), ("Jul 4, 2026", "2026-07-04"), ("4 July 2026", "2026-07-04"),
            ("Saturday, July 4th, 2026", "2026-07-04"), ("4-Jul-26", "2026-07-04"), ("20260704", "2026-07-04"),
            ("46207", "2026-07-04"), ("46207.75", "2026-07-04"), ("2028-02-29", "2028-02-29"),
            // Four in the morning in UTC is the evening before at the shop, and in winter an hour earlier.
            ("2026-07-05T04:00:00Z", "2026-07-04"), ("2026-01-05T07:59:00Z", "2026-01-04"),
            ("2026-01-05T08:00:00Z", "2026-01-05"), ("2026-07-05T04:00:00+02:00", "2026-07-04"),
        ])
    func days(written: String, day: String) throws {
        let file = try ImportedFile("Receipt,Date\n1,\"\(written)\"\n", .transactions)
        #expect(file.rows == ["transactions: transaction_id=1 date=\(day)"], "\(file.rejects)")
    }

    @Test("days that there are not are refused", arguments: ["2026-02-30", "13/13/2026", "2026-13-01", "soon", "123"])
    func noDays(written: String) throws {
        let file = try ImportedFile("Receipt,Date\n1,\(written)\n", .transactions)
        #expect(file.rows.isEmpty && file.rejects.count == 1)
    }

    @Test("one date tells of the whole file whether day or month comes first")
    func dateOrder() throws {
        let dayFirst = try ImportedFile("Receipt,Date\n1,03/04/2026\n2,31/12/2026\n", .transactions)
        #expect(
            dayFirst.rows == [
                "transactions: transaction_id=1 date=2026-04-03", "transactions: transaction_id=2 date=2026-12-31",
            ])
        #expect(!dayFirst.layout.isOrderAssumed)
        let open = try ImportedFile("Receipt,Date\n1,03/04/2026\n", .transactions)
        #expect(open.rows == ["transactions: transaction_id=1 date=2026-03-04"])
        #expect(open.layout.isOrderAssumed)
        let elsewhere = try ImportedFile("Receipt,Date\n1,03/04/2026\n", .transactions, monthFirst: false)
        #expect(elsewhere.rows == ["transactions: transaction_id=1 date=2026-04-03"])
        var wish = ImportWish()
        wish.dates = "dmy"
        #expect(
            try ImportedFile("Receipt,Date\n1,03/04/2026\n", .transactions, wish).rows
                == ["transactions: transaction_id=1 date=2026-04-03"])
    }

    @Test("a number that a spreadsheet has cut is refused; one that is none stays as it is written")
    func phones() throws {
        let text = "Member ID,Phone\nM1,(619) 555-0101\nM2,6.19E+09\nM3,ask Bo\nM4,6.195550101E+9\n"
        let file = try ImportedFile(text, .customers)
        #expect(
            file.rows == ["customers: member_id=M1 phone=+16195550101", "customers: member_id=M3 phone=ask Bo"])
        #expect(file.rejects.map { $0.prefix(6) } == ["line 3", "line 5"])
        #expect(file.rejects.allSatisfy { $0.contains("Phone: a spreadsheet has written the number with an exponent") })
    }

    @Test("the till's numbers keep their digits; a member's keeps its zeros")
    func codes() throws {
        let text = "Trans No,Member ID\n#1001,00042\n1002.0,7E\n12A,1\n9999999999,1\nINV-5,1\n"
        let file = try ImportedFile(text, .transactions)
        #expect(
            file.rows == [
                "customers: member_id=00042", "customers: member_id=7E",
                "transactions: transaction_id=1001 customers.member_id=00042",
                "transactions: transaction_id=1002 customers.member_id=7E",
            ])
        #expect(file.rejects.count == 3)
    }

    @Test("what the till has not completed, or has taken back, is no sale; a refund counts against the sum")
    func sales() throws {
        let text = """
            Trans No,Trans Type,Trans Status,Total
            1,Sale,Completed,10.00
            2,Sale,In Progress,10.00
            3,Refund,Completed,10.00
            4,Refund,Completed,-4.00
            5,Reconciliation,Completed,10.00
            6,Sale,Void,10.00
            """
        let file = try ImportedFile(text, .transactions)
        #expect(
            file.rows == [
                "transactions: transaction_id=1 total=10000000µ", "transactions: transaction_id=3 total=-10000000µ",
                "transactions: transaction_id=4 total=-4000000µ",
            ])
        #expect(file.rejects.map { $0.prefix(7) } == ["line 3:", "line 6:", "line 7:"])
    }

    @Test("a line of a receipt tells of everything, and each once; lines that are the same are numbered")
    func lines() throws {
        let text = """
            Date,Member,Member ID,Trans No,Product Name,Product Category,Quantity Sold,Unit Price,Line Total,Employee
            07/04/2026,"Garcia, Ana",M1,1001,Gummies,Edible,2,5.00,10.00,Lee
            07/04/2026,"Garcia, Ana",M1,1001,Gummies,Edible,2,5.00,10.00,Lee
            07/04/2026,"Garcia, Ana",M1,1001,Vape,Vape,1,20.00,20.00,Lee
            """
        let file = try ImportedFile(text, .items)
        #expect(
            file.rows == [
                "customers: member_id=M1 name=Ana Garcia", "products: name=Gummies category=Edible",
                "products: name=Vape category=Vape", "staff: name=Lee",
                "transactions: transaction_id=1001 date=2026-07-04 customers.member_id=M1 customers.name=Ana Garcia staff.name=Lee",
                "transaction_items: transaction_id=1001 products.name=Gummies quantity=2 unit_price=5000000µ total_price=10000000µ occurrence=1",
                "transaction_items: transaction_id=1001 products.name=Gummies quantity=2 unit_price=5000000µ total_price=10000000µ occurrence=2",
                "transaction_items: transaction_id=1001 products.name=Vape quantity=1 unit_price=20000000µ total_price=20000000µ occurrence=1",
            ])
    }

    @Test("71 columns, of which some are used: the others are named")
    func wide() throws {
        let own = (1...69).map { "Field \($0)" }
        let text =
            (["Member ID"] + own + ["Name"]).joined(separator: ",") + "\n"
            + (["M1"] + own.map { _ in "x" } + ["Ana"]).joined(separator: ",") + "\n"
        let file = try ImportedFile(text, .customers)
        #expect(file.rows == ["customers: member_id=M1 name=Ana"])
        #expect(file.layout.unused == own)
    }

    @Test("rows with too few fields tell nothing of the rest; empty ones behind the headings are none")
    func short() throws {
        let file = try ImportedFile("Member ID,Name,Email\nM1\nM2,Bo,b@c,,,\n", .customers)
        #expect(file.rows == ["customers: member_id=M1", "customers: member_id=M2 email=b@c name=Bo"])
    }

    @Test("the aliases of the old exports are known")
    func aliases() throws {
        let text = """
            member_id,name,phone,total_visits,date_joined,last_visited,lifetime_value
            M1,Ana,6195550101,12,2020-01-02,2026-06-30,"1,500.25"
            """
        #expect(
            try ImportedFile(text, .customers).rows == [
                "customers: member_id=M1 phone=+16195550101 visit_count=12 lifetime_value=1500250000µ "
                    + "first_visit_date=2020-01-02 last_visit_date=2026-06-30 name=Ana"
            ])
        let sales =
            "transaction_id,date,total_amount,payment_type,shop_location,staff_name\n7,2026-07-04,9.99,Cash,Uptown,Lee\n"
        #expect(
            try ImportedFile(sales, .transactions).rows == [
                "staff: name=Lee",
                "transactions: transaction_id=7 date=2026-07-04 total=9990000µ payment_method=Cash location=Uptown staff.name=Lee",
            ])
        let items = "transaction_id,product_name,quantity,gross_sales\n7,Tea,1,9.99\n"
        #expect(
            try ImportedFile(items, .items).rows == [
                "products: name=Tea",
                "transaction_items: transaction_id=7 products.name=Tea quantity=1 total_price=9990000µ occurrence=1",
            ])
    }

    @Test("a map that names what is not there is refused in words that help")
    func wrongMap() throws {
        var wish = ImportWish()
        wish.columns = [.init(column: "Nmae", use: "name")]
        #expect(throws: ImportProblem("columns: the file has no column \"Nmae\"")) {
            try ImportedFile("Name,Phone\nAna,1\n", .customers, wish)
        }
        wish.columns = [.init(column: "Name", use: "nam")]
        let problem = #expect(throws: ImportProblem.self) { try ImportedFile("Name,Phone\nAna,1\n", .customers, wish) }
        #expect(problem?.description.contains("did you mean") == true || problem?.description.contains("name") == true)
    }

    @Test("in steps of any length the same rows come, and a reader goes on where another stopped")
    func steps() throws {
        let lines = (1...50).map { "\($0 / 3 + 1),S\($0 % 2),1,2.00" }
        let text = "Trans No,SKU,Quantity,Line Total\n" + lines.joined(separator: "\r\n")
        let whole = try ImportedFile(text, .items)
        for step in [1, 7, 50] {
            #expect(try ImportedFile(text, .items, step: step).rows == whole.rows)
            #expect(try ImportedFile(text, .items, step: step, isCut: true).rows == whole.rows)
        }
    }

    @Test(
        "long rows come in smaller steps, so that a step is never more than a plugin takes at once",
        arguments: [false, true])
    func longRows(isCut: Bool) throws {
        let long = String(repeating: "tea ", count: 25_000)
        let text = "sku,name,effects\n" + (1...100).map { "S\($0),Tea \($0),\(long)\n" }.joined()
        let file = try ImportedFile(text, .products, step: 10_000, isCut: isCut)
        #expect(file.read == 100 && file.rows.count == 100 && file.rejects.isEmpty)
        #expect(file.steps.count == 3 && file.steps.allSatisfy { $0 <= 42 }, "\(file.steps)")
    }
}
