import Foundation
import Glibc
import Testing

extension EndToEnd {
    @Suite("Plugins come and go") struct Reload {
        private static let swaps = getenv("CONDUCTOR_SWAPS").flatMap { Int(String(cString: $0)) } ?? 15

        @Test("hot swaps under 200 texts a second: each text is answered once, by one version, and the version rises")
        func swapped() async throws {
            let swaps = Self.swaps
            try await withWorld(modems: 4, answering: false) { world in
                var versions: [String] = []
                for version in 1...(swaps + 1) { versions.append(try await Signer.build(version, in: world.folder)) }
                try FileManager.default.copyItem(atPath: versions[0], toPath: world.plugins + "/signer.so")
                try world.drop("50-signer", "plugin: ./signer.so\nisolation: inproc\n")
                try await world.startGateway()
                let table = try Table(path: world.database)
                let memory = try resident(world)
                let begin = now()
                var sent = 0
                func traffic() throws {
                    while Double(sent) < (now() - begin) / 1_000 * 200 {
                        sent += 1
                        let sender = "+1619556\(String(format: "%04d", sent % 400))"
                        try world.text(sent % 4, from: sender, "question \(sent)")
                    }
                }
                var slowest = 0.0
                for version in 2...(swaps + 1) {
                    // As a package manager does it: written beside, then renamed.
                    let fresh = world.plugins + "/.signer.so.new"
                    try FileManager.default.copyItem(atPath: versions[version - 1], toPath: fresh)
                    let instant = now()
                    try #require(rename(fresh, world.plugins + "/signer.so") == 0)
                    try await eventually("version \(version) answers") {
                        try traffic()
                        return try table.count("direction = 'outbound' AND content LIKE 'v\(version): %'") > 0
                    }
                    slowest = max(slowest, now() - instant)
                }
                let seconds = (now() - begin) / 1_000
                try await eventually("every text is answered", within: 240, every: 50) {
                    try table.count("direction = 'outbound'") >= sent
                }
                try await eventually("every answer is delivered", within: 240, every: 50) {
                    try table.count("direction = 'outbound' AND ifnull(delivery_status, '') <> 'delivered'") == 0
                }
                var oracle = try Oracle(world)
                oracle.expectStoredOnce()
                try oracle.expectSentOnce(unknownAtMost: 0)
                let used = expectOneVersionEach(oracle.rows, sent: sent)
                #expect(used.isSuperset(of: 2...(swaps + 1)))
                let growth = try resident(world) - memory
                report(
                    String(
                        format:
                            "%d swaps in %.1f s at %.0f texts/s: %d texts, %d versions answered, %.0f ms at most from "
                            + "the rename to its first answer in the table, memory %+d KiB", swaps, seconds,
                        Double(sent) / seconds, sent, used.count, slowest, growth))
                #expect(growth < 65_536 + swaps * 256, "KiB of memory")
                let list = try await world.command("plugins", "list", "--json")
                #expect(list.output.contains("\"generations\":\(swaps + 1)"), "\(list.output)")
            }
        }

        /// A3 across versions. Returns the versions that answered.
        private func expectOneVersionEach(_ rows: [Table.Row], sent: Int) -> Set<Int> {
            var answers: [Int: Int] = [:]
            for row in rows where row.answers != nil {
                let words = row.content.split(separator: " ")
                guard words.count == 3, let version = Int(words[0].dropFirst().dropLast()), let number = Int(words[2])
                else {
                    Issue.record("an answer to nothing: \(row.content)")
                    continue
                }
                #expect(answers[number] == nil, "question \(number) is answered twice")
                answers[number] = version
            }
            #expect(answers.count == sent, "\(sent) texts came, \(answers.count) were answered")
            // Of one sender, each text is asked about after the one before is decided.
            for sender in 0..<400 {
                let versions = stride(from: sender, through: sent, by: 400).compactMap { answers[$0] }
                #expect(versions == versions.sorted(), "an older version answered after a newer one")
            }
            return Set(answers.values)
        }

        @Test("enable, disable, reload, SIGHUP and logs, as a person does it")
        func byHand() async throws {
            try await withWorld { world in
                try world.drop(
                    "50-answers",
                    "# Ours.\nplugin: auto-reply # bundled\nsettings: {default: {reply: \"re: {{text}}\", every_minutes: 0}}\n"
                )
                try await world.startGateway()
                func ask(_ number: Int) async throws -> Bool {
                    let before = try Table(path: world.database).count("direction = 'outbound'")
                    try world.text(0, from: "+16195560001", "question \(number)")
                    try await eventually("it is stored") {
                        try Table(path: world.database).count("content = 'question \(number)'") == 1
                    }
                    let table = try Table(path: world.database)
                    let end = now() + 2_000
                    while now() < end, try table.count("direction = 'outbound'") == before {
                        try await Task.sleep(for: .milliseconds(10))
                    }
                    return try table.count("direction = 'outbound'") > before
                }
                let first = try await ask(1)
                #expect(first)
                var (status, output) = try await world.command("plugins", "disable", "answers")
                #expect(status == 0 && output.contains("50-answers.yaml is disabled"), "\(output)")
                #expect(output.contains("no responder is enabled any more"), "\(output)")
                let file = try String(contentsOfFile: world.plugins + "/50-answers.yaml", encoding: .utf8)
                #expect(file.hasPrefix("# Ours.\nplugin: auto-reply # bundled\nenabled: false\nsettings:"))
                let second = try await ask(2)
                #expect(!second)
                (status, output) = try await world.command("plugins", "enable", "50-answers.yaml")
                #expect(status == 0 && output.contains("it serves"), "\(output)")
                let third = try await ask(3)
                #expect(third)
                (status, output) = try await world.command("plugins", "enable", "anwsers")
                #expect(status == 1 && output.contains("did you mean \"answers\"?"), "\(output)")
                (status, output) = try await world.command("plugins", "reload", "answers")
                #expect(status == 0 && output.contains("was loaded anew and serves"), "\(output)")
                (status, output) = try await world.command("plugins", "disable", "sqlite")
                #expect(status == 0 && output.contains("no storage is enabled any more"), "\(output)")
                let fourth = try await ask(4)
                #expect(fourth, "the storage that serves stays")
                var problem = try await world.status().storage.problem
                #expect(problem?.contains("10-sqlite.yaml is disabled, but") == true, "\(problem ?? "none")")
                (status, output) = try await world.command("plugins", "enable", "sqlite")
                #expect(status == 0, "\(output)")
                problem = try await world.status().storage.problem
                #expect(problem == nil, "\(problem ?? "")")
                (status, output) = try await world.command("plugins", "logs", "answers")
                #expect(status == 0 && output.contains("it is disabled, and does not serve"), "\(output)")
                world.gateway?.signal(SIGHUP)
                try await eventually("SIGHUP is obeyed") {
                    world.gatewayLog.contains("SIGHUP: plugins.d is read again")
                }
                let fifth = try await ask(5)
                #expect(fifth)
            }
        }

        /// Of the gateway, in KiB.
        private func resident(_ world: World) throws -> Int {
            let pid = try #require(world.gateway).pid
            let lines = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8).split(separator: "\n")
            let line = try #require(lines.first { $0.hasPrefix("VmRSS:") })
            return try #require(
                line.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap { Int($0) })
        }
    }
}
