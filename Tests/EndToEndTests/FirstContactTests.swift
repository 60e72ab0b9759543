import Foundation
import Glibc
import Testing

extension EndToEnd {
    /// Decision 7: the first connection to a project that lives must hurt nobody.
    @Suite("First contact") struct FirstContact {
        private struct Listed: Decodable {
            var uid: String?
            var storageId: Int64?
            var deliveryStatus: String?
            var content: String
        }

        /// What waits in a project for years, some of it twice.
        private func fill(_ project: Project) throws {
            func rows(_ count: Int, _ direction: String, _ status: String, _ prefix: String) -> String {
                (1...count).map { number in
                    let phone = prefix + String(repeating: "0", count: 4 - "\(number)".count) + "\(number)"
                    return
                        "('\(phone)', 'old \(direction) \(number)', '2026-01-02 03:04:05', '\(status)', '\(direction)')"
                }.joined(separator: ", ")
            }
            for values in [
                rows(500, "outbound", "queued", "+1619551"), rows(180, "inbound", "unread", "+1619552"),
                rows(20, "inbound", "unread", "+1619552"),
            ] {
                try project.run(
                    "INSERT INTO messages (phone_number, content, timestamp, status, direction) VALUES \(values)")
            }
        }

        private func held(_ world: World) async throws -> [Listed] {
            try await world.texts(["--held", "--limit", "900"], as: Listed.self)
        }

        private func end(_ world: World) async throws {
            world.gateway?.signal(SIGTERM)
            try await eventually("the gateway ends") { world.gateway?.isRunning != true }
        }

        @Test(
            "D7: 500 old rows to send and 200 unread ones: connecting sends and answers nothing; a person releases one",
            arguments: Project.Place.all)
        func live(place: Project.Place) async throws {
            try await withWorld { world in
                let project = try Project(place, for: world)
                try fill(project)

                // First with tied hands.
                let before = try project.fingerprint()
                world.runOptions = ["--observe"]
                try await world.startGateway()
                for (number, words) in ["Are you open?", "HELP", "STOP"].enumerated() {
                    try world.text(0, from: "+161955300\(number)1", words)
                }
                try await eventually("texts are received") {
                    try world.ledger.count("arrived") == 3 && world.ledger.unfinished.isEmpty
                }
                let status = try await world.status()
                #expect(status.observes == true && status.alarms.contains { $0.kind == "observing" })
                #expect(status.storage.lag > 0 && status.storage.reachable)
                #expect(try await world.command("status").output.contains("OBSERVES ONLY"))
                try await eventually("it says what it would do", every: 50) {
                    try await world.status().alarms.contains {
                        $0.kind == "observing" && $0.message.contains("send 0 now and 0 later, hold 500 ")
                    }
                }
                #expect(try await held(world).count == 500)
                let sent = try await world.command("send", "+16195530009", "Hello")
                #expect(sent.status == 4 && sent.output.contains("only observes"), "\(sent)")
                let released = try await world.command("messages", "retry", "row:1")
                #expect(released.status == 4 && released.output.contains("only observes"), "\(released)")
                try await end(world)
                #expect(try world.ledger.count("submitted") == 0)
                #expect(try project.count("1 = 1") == 700 && project.count("status IN ('queued', 'unread')") == 700)
                #expect(try project.fingerprint() == before, "nothing is written")

                // Then in earnest.
                world.runOptions = []
                try await world.startGateway()
                try await eventually("what came meanwhile is stored") {
                    try project.count("direction = 'inbound' AND content IN ('Are you open?', 'HELP', 'STOP')") == 3
                }
                try await eventually("old rows are held", every: 50) { try await held(world).count == 500 }
                try world.text(0, from: "+16195530011", "And now?")
                try project.run(
                    """
                    INSERT INTO messages (phone_number, content, status, direction)
                    VALUES ('+16195530012', 'fresh', 'queued', 'outbound')
                    """)
                try await eventually("new ones are answered and sent") { try world.ledger.count("submitted") == 2 }
                #expect(Set(world.ledger.submitted.map(\.text)) == ["re: And now?", "fresh"])

                let list = try await held(world)
                #expect(list.count == 500 && list.allSatisfy { $0.content.hasPrefix("old outbound") })
                let one = try #require(list.first { $0.content == "old outbound 77" })
                let release = try await world.command("messages", "retry", "row:\(one.storageId ?? 0)")
                #expect(release.status == 0, "\(release.output)")
                try await eventually("it is sent") { try world.ledger.count("submitted") == 3 }
                #expect(world.ledger.submitted.last?.text == "old outbound 77")
                try await eventually("it is told") {
                    try project.count("content = 'old outbound 77' AND status = 'sent'") == 1
                }
                #expect(try await held(world).count == 499)

                // The old gateway, which somebody forgot to stop.
                try project.run(
                    "UPDATE messages SET status = 'sent' WHERE content IN ('old outbound 1', 'old outbound 2')")
                try await eventually("another sender is noticed", within: 60, every: 100) {
                    try await world.status().alarms.contains { $0.kind == "storage.other-sender" }
                }
                #expect(try project.count("content LIKE 'old inbound%' AND status = 'unread'") == 200)
                try await end(world)
                #expect(try world.ledger.count("submitted") == 3)
            }
        }
    }
}
