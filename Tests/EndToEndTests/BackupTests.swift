import Foundation
import GRDB
import Glibc
import Testing

extension EndToEnd {
    @Suite("Backups") struct Backups {
        @Test(
            "B1: everything is destroyed and put back from a backup taken under traffic: all is counted, nothing goes twice"
        )
        func drill() async throws {
            try await withWorld { world in
                try await world.startGateway()
                let table = try Table(path: world.database)
                // Traffic both ways before, while and after the backup is taken.
                for number in 0..<20 { try world.text(0, from: "+1619556\(1_000 + number)", "in \(number)") }
                try table.queue((0..<20).map { ("+1619557\(1_000 + $0)", "out \($0)") })
                try await eventually("some have gone") { try world.ledger.count("submitted") >= 5 }
                let folder = world.folder + "/backups"
                try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
                let taken = try await world.command("storage", "backup", folder, "--keep", "2", "--json")
                #expect(taken.status == 0, "\(taken.output)")
                let path = try #require(
                    try FileManager.default.contentsOfDirectory(atPath: folder).first { $0.hasSuffix(".tar") })
                for number in 20..<30 { try world.text(0, from: "+1619556\(1_000 + number)", "in \(number)") }
                try await eventually("all are sent and answered", within: 60) {
                    try world.ledger.count("submitted") == 50
                }
                try await eventually("all are settled", within: 60) {
                    try table.count("delivery_status = 'delivered'") == 50
                }
                try table.close()

                // While it runs, nothing is restored.
                let refused = try await world.command("storage", "restore", "\(folder)/\(path)", "--state", world.state)
                #expect(refused.status != 0)
                #expect(refused.output.contains("process \(world.gateway?.pid ?? 0)"), "\(refused.output)")
                let rehearsed = try await world.command(
                    "storage", "restore", "\(folder)/\(path)", "--state", world.state, "--dry-run")
                #expect(rehearsed.status == 0, "\(rehearsed.output)")

                try world.killGateway()
                for name in try FileManager.default.contentsOfDirectory(atPath: world.state) {
                    try FileManager.default.removeItem(atPath: "\(world.state)/\(name)")
                }
                let restored = try await world.command(
                    "storage", "restore", "\(folder)/\(path)", "--state", world.state, "--json")
                #expect(restored.status == 0, "\(restored.output)")
                let report = try JSONSerialization.jsonObject(with: Data(restored.output.utf8)) as? [String: Any]
                let manifest = report?["manifest"] as? [String: Any]
                let files = manifest?["files"] as? [[String: Any]]
                let messages = files?.first { $0["name"] as? String == "messages.db" }
                let rows = (messages?["rows"] as? [String: Any])?["messages"] as? Int ?? -1
                #expect(rows >= 20)
                #expect(try Table(path: world.database).count("1") == rows)

                try await world.startGateway()
                let again = try Table(path: world.database)
                // A new text and a new row go their way; by then, what was to go again would have gone.
                try again.queue([("+16195589999", "fresh")])
                try world.text(0, from: "+16195589998", "canary")
                try await eventually("the fresh ones go", within: 60) { try world.ledger.count("submitted") >= 52 }
                try await eventually("the journal is carried to storage", within: 60, every: 50) {
                    try await world.status().storage.lag == 0
                }
                #expect(try world.ledger.count("submitted") == 52)
                let texts = Dictionary(grouping: world.ledger.submitted, by: { "\($0.to ?? "") \($0.text ?? "")" })
                #expect(texts.values.allSatisfy { $0.count == 1 }, "a text left twice")
                // Whatever the backup had as waiting is there for a person, and nothing is stuck.
                #expect(
                    try again.count(
                        "direction = 'outbound' AND status = 'queued' AND delivery_status IS NOT 'held' "
                            + "AND content LIKE 'out %'") == 0)
                #expect(try again.count("content = 'canary'") == 1)
                let held = report?["held"] as? Int ?? -1
                if held > 1 {
                    var said = ""
                    defer { tell("held \(held), the alarm: \(said)") }
                    try await eventually("the alarm says how many", within: 40, every: 200) {
                        said = try await world.status().alarms.first { $0.kind == "restore.held" }?.message ?? "none"
                        // A delivery report that waited in the modem may have settled one since.
                        return (1...held).contains(Int(said.prefix { $0.isNumber }) ?? 0)
                    }
                }
                tell(rows: rows, held: report?["held"] as? Int ?? -1)
            }
        }

        @Test("B1: an old messages.db put back by hand sends nothing a second time; a person may release a row")
        func byHand() async throws {
            try await withWorld(answering: false) { world in
                func stop() async throws {
                    world.gateway?.signal(SIGTERM)
                    try await eventually("it ends", within: 60) { world.gateway?.isRunning == false }
                }
                try await world.startGateway()
                try await stop()
                let table = try Table(path: world.database)
                try table.queue((0..<5).map { ("+1619557\(1_000 + $0)", "out \($0)") })
                try table.close()
                let old = world.folder + "/old.db"
                try FileManager.default.copyItem(atPath: world.database, toPath: old)
                try await world.startGateway()
                try await eventually("all are sent", within: 60) {
                    try Table(path: world.database).count("delivery_status = 'delivered'") == 5
                }
                try await stop()
                for end in ["", "-wal", "-shm"] { unlink(world.database + end) }
                try FileManager.default.copyItem(atPath: old, toPath: world.database)
                try await world.startGateway()
                let again = try Table(path: world.database)
                try again.queue([("+16195589999", "fresh")])
                try await eventually("the fresh one goes, the others are held", within: 60) {
                    try again.count("delivery_status = 'delivered'") == 1
                        && again.count("delivery_status = 'held'") == 5
                }
                #expect(try world.ledger.count("submitted") == 6)
                try again.close()
            }
        }

        @Test("B1: a row that a lost journal had begun is held, not sent; a person sends it with one command")
        func journalLost() async throws {
            try await withWorld(answering: false) { world in
                try await world.startGateway()
                world.gateway?.signal(SIGTERM)
                try await eventually("it ends", within: 60) { world.gateway?.isRunning == false }
                let id = try String(contentsOfFile: world.state + "/journal.id", encoding: .utf8).prefix {
                    !$0.isNewline
                }
                let uid = "0199aaaa-0000-7000-8000-000000000001"
                let queue = try DatabaseQueue(path: world.database)
                try await queue.write { database in
                    try database.execute(
                        sql: """
                            INSERT INTO messages (uid, phone_number, content, status, direction, delivery_status, owner,
                                claimed_by)
                            VALUES (?, '+16195571000', 'begun', 'queued', 'outbound', 'sending', ?, ?)
                            """, arguments: [uid, "end-to-end/\(id)", "end-to-end/\(id)"])
                }
                try queue.close()
                for end in ["", "-wal", "-shm"] { unlink(world.state + "/journal.db" + end) }
                try await world.startGateway()
                let table = try Table(path: world.database)
                try await eventually("the row is held", within: 60) {
                    try table.count("uid = '\(uid)' AND delivery_status = 'unknown' AND error_code = 'restored'") == 1
                }
                #expect(try await world.status().alarms.contains { $0.kind == "journal.lost" })
                #expect(try world.ledger.count("submitted") == 0)
                let retried = try await world.command("messages", "retry", uid)
                #expect(retried.status == 0, "\(retried.output)")
                try await eventually("it goes", within: 60) { try world.ledger.count("submitted") == 1 }
                try table.close()
            }
        }

        private func tell(_ line: String) { EndToEndTests.report(line) }

        private func tell(rows: Int, held: Int) {
            report("restored \(rows) rows, \(held) texts held")
        }

        @Test("Without a gateway the files are backed up as they lie, and doctor and repair look at them")
        func offline() async throws {
            try await withWorld { world in
                try await world.startGateway()
                try world.text(0, from: "+16195561000", "hello")
                try await eventually("it is answered", within: 60) {
                    try Table(path: world.database).count("delivery_status = 'delivered'") == 1
                }
                try world.killGateway()
                let file = world.folder + "/one.tar"
                let taken = try await world.command("storage", "backup", file, "--state", world.state)
                #expect(taken.status == 0, "\(taken.output)")
                let whole = try await world.command("storage", "repair", "--state", world.state)
                #expect(whole.status == 0, "\(whole.output)")

                // A clean end folds the logs into the files: what lies in a log is whole, whatever the file says.
                try await world.startGateway()
                world.gateway?.signal(SIGTERM)
                try await eventually("it ends", within: 60) { world.gateway?.isRunning == false }
                let folded = try DatabaseQueue(path: world.database)
                _ = try await folded.writeWithoutTransaction { try $0.checkpoint(.truncate) }
                try folded.close()
                // A page of the table's file is destroyed.
                let database = FileHandle(forUpdatingAtPath: world.database)
                try database?.seek(toOffset: 4_096)
                try database?.write(contentsOf: Data(repeating: 0xA5, count: 4_096))
                try database?.close()
                let looked = try await world.command("storage", "repair", "--dry-run", "--state", world.state)
                #expect(looked.status == 1 && looked.output.contains("messages.db is damaged"), "\(looked.output)")
                let repaired = try await world.command("storage", "repair", "--state", world.state)
                #expect(repaired.output.contains("the damaged file is"), "\(repaired.output)")
                let after = try await world.command("storage", "repair", "--dry-run", "--state", world.state)
                #expect(after.status == 0, "\(after.output)")
                try await world.startGateway()
                try world.text(0, from: "+16195561001", "again")
                try await eventually("texts go on", within: 60) { try world.ledger.count("submitted") == 2 }
            }
        }
    }
}
