import CRMImport
import Foundation
import GatewayCore
import PluginKit
import Testing

@testable import conductor

@Suite("The map of a till's file")
struct ImportMapTests {
    private func file(_ text: String) throws -> String {
        let path = FileManager.default.temporaryDirectory.path + "/conductor-map-\(UUID().uuidString).yaml"
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        return path
    }

    @Test("says all that options say, and is read strictly")
    func read() throws {
        let path = try file(
            """
            header: 3
            delimiter: ";"
            dates: dmy
            decimal: comma
            zone: Europe/Berlin
            columns:
              Kunde Nr: customers.member_id
              "Betrag: brutto": total
              7: location
              Intern: skip
            """)
        defer { unlink(path) }
        let wish = try ImportMapFile.read(path)
        #expect(wish.header == "3" && wish.delimiter == ";" && wish.dates == "dmy" && wish.decimal == "comma")
        #expect(wish.zone == "Europe/Berlin")
        #expect(
            wish.columns == [
                .init(column: "Kunde Nr", use: "customers.member_id"), .init(column: "Betrag: brutto", use: "total"),
                .init(column: "7", use: "location"), .init(column: "Intern", use: "skip"),
            ])
        let map = try wish.map(for: .transactions)
        #expect(map.columns[.number(7)] == ImportColumn.named("location", in: .transactions).map { .column($0) })
        #expect(map.columns[.heading("Intern")] == .skip)
    }

    @Test(
        "names what is wrong, and where",
        arguments: [
            ("heder: 3", "heder"), ("dates: ymd", "dates"), ("columns: [a]", "columns"), ("decimal: dot", "decimal"),
        ])
    func wrong(text: String, word: String) throws {
        let path = try file(text)
        defer { unlink(path) }
        let failure = #expect(throws: CommandFailure.self) { try ImportMapFile.read(path) }
        #expect(failure?.message.contains(word) == true && failure?.status == .usage, "\(failure?.message ?? "")")
        #expect(failure?.message.contains(path) == true)
    }
}
