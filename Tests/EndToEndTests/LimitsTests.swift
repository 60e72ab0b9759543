import Foundation
import Glibc
import Testing

extension EndToEnd {
    @Suite("Limits") struct Limits {
        @Test(
            "B12: a SIM's minute and day, and the budget, bind what other programs queue, over kill -9, too",
            arguments: ["{per_sim: {per_minute: 4}}", "{per_sim: {per_day: 4}}", "budget"])
        func counted(_ limit: String) async throws {
            try await withWorld(answering: false) { world in
                world.policy =
                    limit == "budget"
                    ? "{budget: {per_day: 4}, limits: off}"
                    : "{limits: {\(limit.dropFirst().dropLast()), per_recipient: off, per_plugin: off}}"
                try await world.startGateway()
                let table = try Table(path: world.database)
                try table.queue((0..<10).map { ("+1619556100\($0)", "Hello") })
                try await eventually("four are sent") { try table.count("status = 'sent'") == 4 }
                try world.killGateway()
                try await world.startGateway()
                try await eventually("they count in the next run") {
                    let status = try await world.command("status", "--json").output
                    return status.contains(limit == "budget" ? "\"spent\":4" : "\"day\":4")
                }
                let (_, metrics) = try await ChildProcess.run(
                    "/usr/bin/curl",
                    [
                        "-s", "--max-time", "20", "--unix-socket", world.state + "/control.sock",
                        "http://localhost/metrics",
                    ],
                    in: world.folder)
                let lines = metrics.split(separator: "\n")
                func has(_ name: String, _ label: String, _ value: Int) -> Bool {
                    lines.contains {
                        $0.hasPrefix(name) && (label.isEmpty || $0.contains(label)) && $0.hasSuffix(" \(value)")
                    }
                }
                #expect(has("conductor_sim_sent_parts", #"span="day""#, 4), "\(metrics)")
                #expect(has("conductor_sim_paused", "sim=", 0) && has("conductor_sim_recipients", "sim=", 4))
                if limit == "budget" {
                    #expect(has("conductor_budget_spent_parts", "", 4) && has("conductor_budget_parts", "", 4))
                } else {
                    let span = limit.contains("minute") ? #"span="minute""# : #"span="day""#
                    #expect(has("conductor_sim_limit_parts", span, 4), "\(metrics)")
                }
                let page = try await world.command("status")
                #expect(page.output.contains(limit == "budget" ? "4 of 4" : "SIM "), "\(page.output)")
                if limit == "budget" {
                    try await eventually("people and programs are told") {
                        let told = try await world.status().alarms.contains { $0.kind == "budget" }
                        let waiting = try table.count("status = 'queued' AND error_code = 'budget' AND owner IS NULL")
                        return told && waiting == 6
                    }
                } else {
                    #expect(try table.count("status = 'queued' AND owner IS NULL") == 6, "nobody else may take them")
                }
                #expect(try table.count("status = 'queued'") == 6)
                #expect(try world.ledger.count("submitted") == 4)
            }
        }

        @Test("B6: a row outside its window stays queued in the table and says until when; whoever writes is answered")
        func window() async throws {
            try await withWorld(answering: false) { world in
                var hour = tm()
                var now = time(nil) + 12 * 3_600
                gmtime_r(&now, &hour)
                let window = "'\(hour.tm_hour):00-\(hour.tm_hour):30'"
                world.policy = "{windows: {zone: shop, conversation: \(window)}, max_wait: off}"
                try await world.startGateway()
                let table = try Table(path: world.database)
                try table.queue([("+16195561001", "Hello")])
                try await eventually("it is put off") {
                    try table.count(
                        """
                        status = 'queued' AND error_code = 'outside-window' AND error_message <> ''
                            AND not_before > strftime('%Y-%m-%dT%H:%M:%fZ', 'now') AND claimed_by IS NULL
                        """) == 1
                }
                #expect(try world.ledger.count("submitted") == 0)
                try world.text(0, from: "+16195561001", "Are you there?")
                try await eventually("the text is stored") { try table.count("direction = 'inbound'") == 1 }
                try table.queue([("+16195561001", "Yes")])
                try await eventually("the answer is sent") {
                    try table.count("content = 'Yes' AND status = 'sent'") == 1
                }
                #expect(try world.ledger.count("submitted") == 1)
                #expect(world.ledger.submitted.map(\.text) == ["Yes"])

                let sent = try await world.command("send", "+16195561002", "Hello")
                #expect(sent.status == 0)
                let uid = String(sent.output.prefix { $0 != " " })
                try await eventually("it says why it waits") {
                    try await world.command("messages", "show", uid).output.contains("outside the hours of its class")
                }
            }
        }

        @Test(
            "A text is planned for a time, holds up no other to its number, and a time that is past is refused in words"
        )
        func planned() async throws {
            try await withWorld(answering: false) { world in
                try await world.startGateway()
                let past = try await world.command("send", "+16195561003", "late", "--at", "2020-01-01 09:00")
                #expect(past.status != 0 && past.output.contains("is in the past"), "\(past)")
                let far = try await world.command("send", "+16195561003", "late", "--at", "2090-01-01 09:00")
                #expect(far.status != 0 && far.output.contains("more than a year ahead"), "\(far)")
                let soon = try await world.command("send", "+16195561003", "then", "--at", "+4s")
                #expect(soon.status == 0)
                #expect(try await world.command("send", "+16195561003", "now").status == 0)
                try await eventually("both are sent") { try world.ledger.count("submitted") == 2 }
                #expect(world.ledger.submitted.map(\.text) == ["now", "then"])
            }
        }
    }
}
