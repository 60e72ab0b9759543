import Foundation
import Testing

extension EndToEnd {
    @Suite("Letters") struct Letters {
        @Test(
            "B4: exhausted rows are failed with reason and class, and one command sends them all again; B11: in order")
        func deadLetters() async throws {
            try await withWorld(answering: false) { world in
                world.policy = "{max_attempts: 1, dead_letters: {alarm: 4}}"
                try await world.startGateway()
                try world.tell("fault modem0 cms 42 always")
                let table = try Table(path: world.database)
                try table.queue([
                    ("+16195560001", "one"), ("+16195560001", "two"), ("+16195560001", "three"),
                    ("+16195560002", "four"),
                    ("0000000000", "never"),
                ])
                let sent = try await world.command("send", "+16195560003", "five", "--idempotency-key", "five")
                #expect(sent.status == 0)
                try await eventually("all have failed", within: 60) { try table.count("status = 'failed'") == 6 }
                #expect(try table.count("error_code = 'cms-42' AND error_message LIKE '%congested%'") == 5)
                try await eventually("people are told", within: 30, every: 200) {
                    try await world.status().alarms.contains { $0.kind == "messages.failed" }
                }
                let list = try await world.command("messages", "list", "--failed", "--json")
                #expect(list.output.components(separatedBy: #""class":"temporary""#).count == 6)
                #expect(list.output.contains(#""class":"permanent""#))
                #expect(try await world.command("messages", "retry", "--failed").status == 2)
                let trial = try await world.command(
                    "messages", "retry", "--failed", "--class", "temporary", "--dry-run")
                #expect(trial.output.contains("5 texts (5 temporary) would be sent again"))
                #expect(try world.ledger.count("submitted") == 0)

                try world.tell("fault modem0 clear")
                let done = try await world.command("messages", "retry", "--failed", "--class", "temporary", "--yes")
                #expect(done.status == 0 && done.output.contains("5 of 5 texts"), "\(done.output)")
                try await eventually("all are sent", within: 60) {
                    try table.count("delivery_status = 'delivered'") == 5
                }
                #expect(try world.ledger.count("submitted") == 5)
                let one = world.ledger.submitted.filter { $0.to == "+16195560001" }.compactMap(\.text)
                #expect(one == ["one", "two", "three"])
                try await eventually("the alarm is over", within: 30, every: 200) {
                    try await !world.status().alarms.contains { $0.kind == "messages.failed" }
                }
                try table.close()
            }
        }

        @Test("rows are cancelled in the table and in the journal, and a row is cancelled or sent, never both")
        func cancelled() async throws {
            try await withWorld(answering: false) { world in
                try await world.startGateway()
                let table = try Table(path: world.database)
                // One that is in the table only, one that waits in the journal for another attempt.
                let (status, output) = try await ChildProcess.run(
                    "sqlite3",
                    [
                        world.database,
                        "PRAGMA busy_timeout = 5000; INSERT INTO messages (phone_number, content, direction, status, not_before)"
                            + " VALUES ('+16195560001', 'tomorrow', 'outbound', 'queued', '2126-01-01T09:00:00.000Z')",
                    ], in: world.folder)
                try #require(status == 0, "\(output)")
                let id = try #require(try table.rows().first?.id)
                #expect(try await world.command("messages", "cancel", "row:\(id)").status == 0)
                #expect(try await world.command("messages", "cancel", "row:\(id)").status == 0, "it is so already")
                #expect(try table.count("status = 'failed' AND error_code = 'cancelled' AND id = \(id)") == 1)

                try world.tell("fault modem0 cms 42 always")
                try table.queue([("+16195560002", "refused")])
                try await eventually("it is refused once") { try world.ledger.count("rejected") >= 1 }
                let uid = try #require(try table.rows(where: "content = 'refused'").first?.uid)
                try await eventually("it is cancelled between two attempts") {
                    try await world.command("messages", "cancel", uid).status == 0
                }
                try await eventually("its row says so") {
                    try table.count("uid = '\(uid)' AND error_code = 'cancelled'") == 1
                }
                try world.tell("fault modem0 clear")

                try world.tell("radio modem0 20ms")
                try table.queue((0..<60).map { ("+1619557\(1_000 + $0)", "race \($0)") })
                let rows = try table.rows(where: "content LIKE 'race%'")
                var done = 0
                for slice in stride(from: rows.count, to: 0, by: -10) {
                    let ids = try table.rows(where: "content LIKE 'race%'")[(slice - 10)..<slice].reversed()
                        .map { $0.uid ?? "row:\($0.id)" }
                    let (_, said) = try await ChildProcess.run(
                        "/usr/bin/env",
                        ["CONDUCTOR_SOCKET=\(world.state)/control.sock", World.conductor, "messages", "cancel"] + ids,
                        in: world.folder)
                    done += said.components(separatedBy: "  cancelled\n").count - 1
                }
                try await eventually("all are settled", within: 60) {
                    try table.count("content LIKE 'race%' AND (status = 'failed' OR delivery_status = 'delivered')")
                        == 60
                }
                try world.ledger.refresh()
                let cancelled = try table.rows(where: "error_code = 'cancelled' AND content LIKE 'race%'").map(
                    \.content)
                let sent = world.ledger.submitted.compactMap(\.text).filter { $0.hasPrefix("race") }
                report("\(cancelled.count) cancelled, \(sent.count) sent")
                #expect(Set(cancelled).isDisjoint(with: sent))
                #expect(cancelled.count + Set(sent).count == 60 && Set(sent).count == sent.count)
                #expect(cancelled.count == done)
                let late = try #require(try table.rows(where: "delivery_status = 'delivered'").first?.uid)
                #expect(try await world.command("messages", "cancel", late).status == 4)
                try table.close()
            }
        }

        @Test("B1: an unknown text is settled by a person with one command, or sent again by policy")
        func unknown() async throws {
            try await withWorld(answering: false) { world in
                world.policy = "{report_deadline: 2s, on_unknown: {notice: resend}}"
                try await world.startGateway()
                let table = try Table(path: world.database)
                // The network did not answer in time (CMS 332): the part may have left.
                try world.tell("fault modem0 cms 332 kept next 2")
                try table.queue([("+16195560001", "asked")])
                try await eventually("nobody knows of it", within: 60) {
                    try table.count("content = 'asked' AND delivery_status = 'unknown'") == 1
                }
                let notice = try await world.command("send", "+16195560002", "again", "--purpose", "notice")
                #expect(notice.status == 0)
                try await eventually("the notice is sent again by itself", within: 60) {
                    try table.count("content = 'again' AND delivery_status = 'delivered'") == 1
                }
                #expect(try world.ledger.count("submitted") == 1)
                try await eventually("people are asked") {
                    try await world.status().alarms.contains { $0.kind == "message.unknown" }
                }
                let list = try await world.command("messages", "list", "--unknown", "--json")
                let uid = try #require(try table.rows(where: "content = 'asked'").first?.uid)
                #expect(list.output.contains(uid))
                let settled = try await world.command("messages", "settle", uid, "--resend")
                #expect(settled.status == 0, "\(settled.output)")
                try await eventually("it goes", within: 60) {
                    try table.count("content = 'asked' AND delivery_status = 'delivered'") == 1
                }
                #expect(try await world.command("messages", "settle", uid, "--sent").status == 4)
                #expect(try world.ledger.count("submitted") == 2)
                #expect(try await world.status().alarms.isEmpty)
                try table.close()
            }
        }

        @Test("a program that writes ids of its own cannot queue a row twice: the table refuses the second")
        func ownIDs() async throws {
            try await withWorld(answering: false) { world in
                try await world.startGateway()
                let insert =
                    "PRAGMA busy_timeout = 5000; INSERT OR IGNORE INTO messages (uid, phone_number, content, direction, status)"
                    + " VALUES ('order-17', '+16195560001', 'ready', 'outbound', 'queued')"
                let table = try Table(path: world.database)
                for _ in 0..<3 {
                    let (status, output) = try await ChildProcess.run(
                        "sqlite3", [world.database, insert], in: world.folder)
                    try #require(status == 0, "\(output)")
                    try await eventually("it is delivered") { try table.count("delivery_status = 'delivered'") == 1 }
                }
                #expect(try table.count("1") == 1)
                #expect(try world.ledger.count("submitted") == 1)
                try table.close()
            }
        }
    }
}
