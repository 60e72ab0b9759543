import Foundation
import SupabaseStandin
import Testing

extension EndToEnd {
    /// Decision 6: a program that answers through the table works beside our responders.
    @Suite("Table bots") struct TableBots {
        private static let script =
            (#filePath.components(separatedBy: "/Tests/EndToEndTests/").first ?? ".") + "/Tests/Supabase/table_bot.py"

        @Test(
            "D6: a table bot and our responders share a project: every text gets one answer, from the one it is meant for",
            arguments: Project.Place.supabase)
        func beside(place: Project.Place) async throws {
            let texts = TestTime.number("CONDUCTOR_BOT_TEXTS", or: 50)
            try await withWorld(modems: 2) { world in
                let project = try Project(place, for: world)
                world.policy =
                    "{report_deadline: 2s, loop_guard: {enabled: false}, limits: off, delivered_share: off, "
                    + "external_bots: {words: [order]}}"
                try await world.startGateway()
                let bot = try ChildProcess(
                    "/usr/bin/python3",
                    ["-B", Self.script, project.standin?.url ?? "", world.folder + "/supabase.key"],
                    output: world.folder + "/bot.out", speaks: true)
                defer { bot.end() }
                var due: [String] = []
                for number in 1...texts {
                    let content = number % 2 == 0 ? "Order \(number), please" : "Question \(number)"
                    due.append((number % 2 == 0 ? "bot: " : "re: ") + content)
                    try world.text(number % 2, from: "+1619554\(String(format: "%04d", number))", content)
                    // Not more at once than people write.
                    if number % 20 == 0 {
                        try await eventually("they are answered", within: 60, every: 10) {
                            try world.ledger.count("submitted") >= number - 20
                        }
                    }
                }
                do {
                    try await eventually("every text is answered", within: 60 + Double(texts) / 4, every: 20) {
                        try world.ledger.count("submitted") >= texts
                    }
                } catch {
                    throw Failure(
                        "\(error): \(try world.ledger.count("submitted")) of \(texts); the bot: \(bot.printed)")
                }
                try await eventually("all is told, and nothing is left to do", within: 60, every: 50) {
                    try await world.status().storage.lag == 0
                        && project.count("status IN ('unread', 'queued')") == 0
                        && project.count("direction = 'inbound' AND status = 'read'") == texts
                }
                #expect(bot.isRunning, "\(bot.printed)")
                try world.ledger.refresh()
                #expect(world.ledger.submitted.compactMap(\.text).sorted() == due.sorted())
                #expect(try project.count("direction = 'outbound' AND status = 'sent'") == texts)
                #expect(try await world.status().alarms.map(\.kind).contains { $0 == "bots.two" } == false)
            }
        }
    }
}
