import Foundation
import Glibc
import Testing

extension EndToEnd {
    @Suite("Consent") struct ConsentBinds {
        @Test("B10: an opt-out that another program wrote binds the row that it wrote after it, also while nothing ran")
        func foreign() async throws {
            try await withWorld(answering: false) { world in
                try await world.startGateway()
                let table = try Table(path: world.database)
                for (phone, running) in [("(619) 556-0001", true), ("+16195560002", false)] {
                    if !running { try world.killGateway() }
                    let (status, output) = try await ChildProcess.run(
                        "sqlite3",
                        [
                            world.database,
                            "PRAGMA busy_timeout = 5000; INSERT INTO optouts (phone_number) VALUES ('\(phone)');"
                                + " INSERT INTO messages (phone_number, content, direction, status)"
                                + " VALUES ('\(phone)', 'Hello', 'outbound', 'queued')",
                        ], in: world.folder)
                    try #require(status == 0, "\(output)")
                    if !running { try await world.startGateway() }
                    let condition = "phone_number = '\(phone)' AND status = 'failed' AND delivery_status = 'opted_out'"
                    try await eventually("the row is refused") { try table.count(condition) == 1 }
                }
                #expect(try world.ledger.count("submitted") == 0)
            }
        }

        @Test("B9: rows with placeholders for numbers, and with nothing to say, fail in words")
        func placeholders() async throws {
            try await withWorld(answering: false) { world in
                try await world.startGateway()
                let table = try Table(path: world.database)
                let numbers = ["0000000000", "5555555555", "n/a", "", "6.19E+09", "+16195560009", "(619) 556-0008 x12"]
                try table.queue(numbers.map { ($0, $0 == "+16195560009" ? "  " : "Hello") })
                try await eventually("what can be sent is sent") {
                    try table.count("status = 'failed'") == 6 && table.count("status = 'sent'") == 1
                }
                #expect(try table.count("error_code = 'invalid-number' AND error_message <> ''") == 5)
                #expect(try table.count("error_code = 'empty-body'") == 1)
                #expect(try world.ledger.count("submitted") == 1)
                #expect(world.ledger.submitted.map(\.to) == ["+16195560008"])
            }
        }

        @Test("B10: STOP by text stands in storage's optouts; the command shows it")
        func stored() async throws {
            try await withWorld { world in
                try await world.startGateway()
                try world.text(0, from: "+16195560003", "Stop!")
                try await eventually("it is confirmed") { try world.ledger.count("submitted") == 1 }
                try await eventually("it is stored") {
                    let (_, rows) = try await ChildProcess.run(
                        "sqlite3", [world.database, "SELECT phone_number, action, source FROM optouts"],
                        in: world.folder)
                    return rows.contains("+16195560003|out|sms")
                }
            }
        }
    }
}
