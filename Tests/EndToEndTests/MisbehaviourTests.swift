import Foundation
import Glibc
import Testing

extension EndToEnd {
    @Suite("Plugins that misbehave") struct Misbehaviour {
        /// As `conductor plugins list --json` tells of one.
        private struct Told: Decodable {
            var dropIn: String
            var state: String
            var isolation: String?
            var calls: Int
            var failures: Int
            var deadlines: Int
            var strayCompletions: Int
            var restarts: Int?
            var processId: Int32?
            var lastError: String?
        }

        private func told(_ world: World, _ dropIn: String) async throws -> Told {
            let (status, output) = try await world.command("plugins", "list", "--json")
            guard status == 0 else { throw Failure("plugins list: \(output)") }
            let decoder = JSONDecoder()
            decoder.keyDecodingStrategy = .convertFromSnakeCase
            let all = try decoder.decode([Told].self, from: Data(output.utf8))
            return try #require(all.first { $0.dropIn == dropIn }, "\(output)")
        }

        /// Word, and whether it is the end of the worker.
        private static let words = [
            ("twice", false), ("leak", false), ("pipe", false), ("other", false), ("large", false), ("bytes", false),
            ("null", true), ("never", true), ("abort", true), ("sleep", true), ("loop", true),
        ]

        @Test("a responder does the worst it can: every text is stored, and answered once by the next; the list tells")
        func villain() async throws {
            try await withWorld { world in
                try world.drop(
                    "20-villain", "plugin: \(try await Villain.build(in: world.folder))\ndeadline_ms: 700\n")
                try await world.startGateway()
                let table = try Table(path: world.database)
                var (sent, ends) = (0, 0)
                for (word, isTheEnd) in Self.words {
                    for body in ["\(word) it", "a question after \(word)", "another after \(word)"] {
                        sent += 1
                        try world.text(0, from: "+1619556\(String(format: "%04d", sent))", body)
                    }
                    try await eventually("every text is answered, in spite of \(word)", within: 60, every: 20) {
                        try table.count("answers IS NOT NULL") >= sent
                    }
                    ends += isTheEnd ? 1 : 0
                    try await eventually("it runs again after \(word)", within: 60, every: 50) {
                        let told = try await told(world, "20-villain.yaml")
                        return told.restarts == ends && told.state == "running"
                    }
                }
                try await eventually("every answer is delivered", within: 60, every: 20) {
                    try table.count("direction = 'outbound' AND ifnull(delivery_status, '') <> 'delivered'") == 0
                }
                var oracle = try Oracle(world)
                oracle.expectStoredOnce()
                // What is no UTF-8 is repaired, and is its answer all the same.
                oracle.expectAnsweredOnce { $0 == "bytes it" ? "\u{FFFD}\u{FFFD}" : "re: \($0)" }
                try oracle.expectSentOnce(unknownAtMost: 0)
                #expect(!oracle.rows.contains { $0.phone == "+16195559999" })
                let villain = try await told(world, "20-villain.yaml")
                #expect(villain.isolation == "process" && villain.processId != nil)
                #expect(villain.calls >= sent && villain.failures >= ends && villain.deadlines >= 3)
                #expect(villain.strayCompletions == 1)
                #expect(villain.lastError == "its calls did not end, so its worker was killed")
                let good = try await told(world, "50-answers.yaml")
                #expect(good.failures == 0 && good.restarts ?? 0 == 0 && good.state == "running")
                #expect(world.gatewayLog.contains("the plugin crashed (SIGSEGV)"))
                report("\(sent) texts past a villain, \(ends) ends of its worker: " + oracle.summary)
            }
        }

        @Test(
            "kill -9 of the gateway takes its workers with it, whatever they do, and their programs, deaf ones too",
            arguments: [("hello", "cat"), ("loop", "sleep, \"1000\""), ("sleep", "cat")])
        func orphans(word: String, program: String) async throws {
            try await withWorld { world in
                try world.drop("20-villain", "plugin: \(try await Villain.build(in: world.folder))\n")
                // A worker of root's gateway has an identity of its own, which must come to the program's folder.
                chmod(world.folder, 0o711)
                try world.drop("60-program", "exec: {command: [\(program)], format: text}\n")
                try await world.startGateway()
                var workers: [Int32] = []
                for dropIn in ["20-villain.yaml", "60-program.yaml"] {
                    workers.append(try #require(try await told(world, dropIn).processId))
                }
                let programs = children(workers[1])
                #expect(programs.count == 1)
                try world.text(0, from: "+16195560001", "\(word) it")
                try await eventually("it is asked") { try await told(world, "20-villain.yaml").calls == 1 }
                // It alone: the harness would end its group.
                world.gateway?.signal(SIGKILL)
                try await eventually("the gateway is gone") { world.gateway?.isRunning == false }
                let instant = now()
                try await eventually("its workers are gone", within: 10) {
                    !(workers + programs).contains(where: isAlive)
                }
                report(String(format: "workers gone %.0f ms after the gateway", now() - instant))
            }
        }

        private func children(_ pid: Int32) -> [Int32] {
            let threads = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/task")) ?? []
            return threads.flatMap { thread in
                let list = try? String(contentsOfFile: "/proc/\(pid)/task/\(thread)/children", encoding: .utf8)
                return (list ?? "").split(separator: " ").compactMap { Int32($0) }
            }
        }

        /// A process that ended and is not reaped yet is not.
        private func isAlive(_ pid: Int32) -> Bool {
            guard let line = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
                let end = line.lastIndex(of: ")")
            else { return false }
            return line[end...].split(separator: " ").dropFirst().first != "Z"
        }
    }
}
