import GRDB
import GatewayCore
import Testing

@testable import SQLiteStorage

@Suite struct PhoneTests {
    @Test(
        "D3: the table's normaliser and the gateway's say the same",
        arguments: [
            "+16195550123", "(619) 555-0123", "1-619-555-0123", "16195550123", "0044 20 7946 0018", "+442079460018",
            "+44 20 7946-0018", "+1 619 555 0123", "001 619 555 0123", "+52.55.1234.5678", "+6831234", "619/555/0123",
            "619\u{A0}555\u{2011}0123", "\t+16195550123", "+1 119 555 0123", "+1 619 055 0123", "+1619555012",
            "+12345678901234567", "+123456", "0000000000", "1195550123", "n/a", "", " ", "+", "++16195550123",
            "6.19E+09", "555-0123 ext 4", "AMAZON", "00", "0012345", "+0123456789",
        ])
    func sameAsTheGateway(written: String) throws {
        let table = try DatabaseQueue().read { database in
            try String.fetchOne(
                database, sql: "SELECT \(PhoneSQL.e164(":written"))", arguments: ["written": written])
        }
        let gateway = PhoneNumber(written, country: "US")
        // A short code is no E.164: the column is NULL, and the number itself counts.
        #expect(table == (gateway?.isShortCode == true ? nil : gateway?.text))
    }
}
