import PluginKit
import Testing

@Suite("Rows of the CRM")
struct RecordTests {
    private static func column(_ name: String) throws -> RecordColumn {
        let (table, column) = (name.prefix { $0 != "." }, name.drop { $0 != "." }.dropFirst())
        return try #require(CustomerTable(rawValue: String(table))?.column(String(column)))
    }

    @Test(
        "a value has one form, whoever wrote it",
        arguments: [
            ("transactions.total", .number("12.50"), .number("12.5")), ("transactions.total", .text("7"), .number("7")),
            ("transactions.total", .number("1e-7"), .number("0")),
            ("transactions.total", .number("-0.0"), .number("0")),
            ("transactions.total", .number("11.8333333333333333"), .number("11.833333")),
            ("transactions.total", .number("11.833333333333334"), .number("11.833333")),
            ("transactions.total", .number("0.9999995"), .number("1")),
            ("transactions.total", .number("-19.9999999"), .number("-20")),
            ("transactions.total", .number("1.5e+3"), .number("1500")), ("transactions.total", .text("NaN"), .null),
            ("transactions.total", .number("123456789012345678.25"), .number("123456789012345678.25")),
            ("transactions.transaction_id", .number("3.0"), .number("3")),
            ("transactions.transaction_id", .text("0017"), .number("17")),
            ("transactions.transaction_id", .number("9223372036854775807"), .number("9223372036854775807")),
            ("transactions.date", .text("2024-02-29T23:59:59Z"), .text("2024-02-29")),
            ("transactions.date", .text("2024-02-29"), .text("2024-02-29")),
            (
                "customers.id", .text("ABCDEF00-0000-4000-8000-00000000000A"),
                .text("abcdef00-0000-4000-8000-00000000000a")
            ),
            ("customers.name", .number("17"), .text("17")), ("customers.name", .text("a\0b"), .text("a\u{FFFD}b")),
            ("customers.name", .null, .null), ("staff.active", .number("1"), .flag(true)),
            ("staff.active", .text("False"), .flag(false)),
            (
                "customers.created_at", .text("2026-11-28T10:00:00.123456+01:00"),
                .text("2026-11-28T09:00:00.123Z")
            ),
        ] as [(String, RecordValue, RecordValue)])
    func canonical(_ name: String, _ value: RecordValue, _ wanted: RecordValue) throws {
        #expect(try Self.column(name).canonical(value) == wanted)
    }

    @Test(
        "what cannot stand in a column is told as that",
        arguments: [
            ("transactions.total", .text("12,50")), ("transactions.total", .text("")),
            ("transactions.transaction_id", .number("3.5")), ("transactions.transaction_id", .text("x")),
            ("transactions.date", .text("2025-02-30")), ("transactions.date", .text("7/1/2025")),
            ("transactions.customer_id", .text("17")), ("staff.active", .text("maybe")),
            ("customers.id", .text("abcdef00-0000-4000-8000-00000000000")),
        ] as [(String, RecordValue)])
    func wrong(_ name: String, _ value: RecordValue) throws {
        #expect(try Self.column(name).canonical(value) == nil)
        let table = try #require(CustomerTable(rawValue: String(name.prefix { $0 != "." })))
        let column = try Self.column(name).name
        let error = #expect(throws: PluginError.self) {
            try CustomerRecord([column: value]).canonical(in: table)
        }
        #expect(error?.code == .conflict && error?.message.contains(name) == true)
    }

    @Test("a time of keeping that nobody can read is none, and no reason to refuse a row")
    func unreadable() throws {
        let record = CustomerRecord(["created_at": .text("yesterday"), "name": .text("A")])
        #expect(try record.canonical(in: .staff) == CustomerRecord(["created_at": .null, "name": .text("A")]))
    }

    @Test("rows that have a key come before those that have none; receipts by number, all else by bytes")
    func order() {
        func order(_ table: CustomerTable, _ keys: [RecordKey]) -> Bool {
            zip(keys, keys.dropFirst()).allSatisfy { $0.precedes($1, in: table) && !$1.precedes($0, in: table) }
        }
        #expect(order(.transactions, [RecordKey("-1"), RecordKey("9"), RecordKey("10"), RecordKey("0", isID: true)]))
        #expect(order(.products, [RecordKey("10"), RecordKey("9"), RecordKey("Z"), RecordKey("a"), RecordKey("é")]))
        #expect(!RecordKey("a").precedes(RecordKey("a"), in: .products))
        #expect(CustomerRecord(["sku": .null, "id": .text("x")]).key(in: .products) == RecordKey("x", isID: true))
        #expect(CustomerRecord(["sku": .text(""), "id": .text("x")]).key(in: .products) == RecordKey(""))
        #expect(CustomerRecord(["name": .text("x")]).key(in: .products) == nil)
    }
}
