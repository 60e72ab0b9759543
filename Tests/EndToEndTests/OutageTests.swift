import Foundation
import GRDB
import SupabaseStandin
import Testing

extension EndToEnd {
    /// The project is away for a day: nobody who writes or is written to notices.
    @Suite("Outage") struct Outage {
        private struct Listed: Decodable {
            var direction: String
            var content: String
            var status: String
        }

        private func listed(_ world: World, _ count: Int) async throws -> [Listed] {
            try await world.texts(["--limit", "\(count)"], as: Listed.self)
        }

        private func lagMetric(_ world: World) async throws -> Int? {
            let (_, page) = try await ChildProcess.run(
                "/usr/bin/curl",
                ["-s", "--max-time", "20", "--unix-socket", world.state + "/control.sock", "http://localhost/metrics"],
                in: world.folder)
            return page.split(separator: "\n").first { $0.hasPrefix("conductor_storage_lag_messages ") }?
                .split(separator: " ").last.flatMap { Int($0) }
        }

        /// What came, in the order of the journal.
        private func read(_ world: World) throws -> [String] {
            var configuration = Configuration()
            configuration.readonly = true
            configuration.busyMode = .timeout(10)
            return try DatabaseQueue(path: world.state + "/journal.db", configuration: configuration).read {
                try String.fetchAll($0, sql: "SELECT content FROM inbound WHERE visible = 1 ORDER BY seq")
            }
        }

        @Test(
            "With the project away texts are received, answered, sent and readable; back again, it has all, once, in order",
            arguments: Project.Place.supabase)
        func away(place: Project.Place) async throws {
            let texts = TestTime.number("CONDUCTOR_OUTAGE_TEXTS", or: 100)
            let own = max(5, texts / 20)
            let step = texts / own
            try await withWorld(modems: 2) { world in
                let project = try Project(place, for: world)
                let standin = try #require(project.standin)
                try await world.startGateway()
                try world.text(0, from: "+16195540000", "before")
                try await eventually("it serves", every: 20) {
                    try project.count("content IN ('before', 're: before') AND status <> 'queued'") == 2
                }

                try standin.control("POST", "faults", #"{"kind": "status", "status": 540, "next": 100000000}"#)
                for number in 1...texts {
                    try world.text(
                        number % 2, from: "+161955410\(String(format: "%02d", number % 40))", "question \(number)")
                    if number % step == 0, number / step <= own {
                        let sent = try await world.command("send", "+16195550200", "note \(number / step)")
                        #expect(sent.status == 0, "\(sent.output)")
                    }
                }
                try await eventually("all are answered and sent", within: 60 + Double(texts) / 4, every: 20) {
                    try world.ledger.count("submitted") >= 1 + texts + own
                }
                try await eventually("status says that it is away", every: 50) {
                    let status = try await world.status()
                    return !status.storage.reachable && status.alarms.contains { $0.kind == "storage.down" }
                }
                // The journal has them over a kill, too.
                for isSecond in [false, true] {
                    #expect(try await world.status().storage.lag >= 2 * texts + own)
                    #expect(try await lagMetric(world) ?? 0 >= 2 * texts + own)
                    try await eventually("the list has all of them, as sent", every: 20) {
                        let list = try await listed(world, 3 * texts + 100)
                        return list.count { $0.content.hasPrefix("question ") } == texts
                            && list.count { $0.content.hasPrefix("re: question ") && $0.status == "sent" } == texts
                            && list.count { $0.content.hasPrefix("note ") && $0.status == "sent" } == own
                    }
                    if isSecond { break }
                    try world.killGateway()
                    try await world.startGateway()
                }

                try standin.control("DELETE", "faults")
                try await eventually("the journal has drained", within: 60 + Double(texts) / 10, every: 50) {
                    let status = try await world.status()
                    return status.storage.lag == 0 && status.storage.reachable
                        && !status.alarms.contains { $0.kind == "storage.down" }
                }
                #expect(try await lagMetric(world) == 0)
                func stored(_ condition: String) throws -> [String] {
                    try project.column("SELECT content FROM messages WHERE \(condition) ORDER BY id")
                }
                try world.ledger.refresh()
                // In the order in which the modems were read: which of their slots a text gets is theirs.
                let came = try stored("direction = 'inbound'")
                #expect(came.count == texts + 1 && Set(came).count == came.count)
                #expect(try came == read(world))
                let went = try stored("direction = 'outbound' AND status = 'sent'")
                let answers = (1...texts).map { "re: question \($0)" } + ["re: before"]
                let notes = (1...own).map { "note \($0)" }
                #expect(went.sorted() == (answers + notes).sorted())
                #expect(went.filter { $0.hasPrefix("note ") } == notes)
                #expect(try project.count("1 = 1") == came.count + went.count)
                #expect(world.ledger.submitted.compactMap(\.text).sorted() == went.sorted(), "each once on the air")
            }
        }
    }
}
