import Foundation
import Glibc
import Testing

extension EndToEnd {
    /// Two files of SQLite stand for two storages.
    @Suite("Storages") struct Storages {
        /// Texts both ways, and who has which.
        private final class Exchange {
            let world: World
            private(set) var questions = 0
            private(set) var queued: [String: [String]] = [:]
            private var tables: [String: Table] = [:]

            init(_ world: World) throws {
                self.world = world
                try drop("10-first", "first", isEnabled: true)
                try drop("20-second", "second", isEnabled: false)
                try FileManager.default.removeItem(atPath: world.plugins + "/10-sqlite.yaml")
            }

            func path(_ name: String) -> String { "\(world.state)/\(name).db" }

            func drop(_ dropIn: String, _ name: String, isEnabled: Bool) throws {
                try world.drop(
                    dropIn, "# Texts.\nplugin: sqlite\nenabled: \(isEnabled)\nsettings:\n  path: \(name).db\n")
            }

            func table(_ name: String) throws -> Table {
                if let table = tables[name] { return table }
                let table = try Table(path: path(name))
                tables[name] = table
                return table
            }

            /// A text from outside, and a row in each table that there is.
            func more() throws {
                questions += 1
                try world.text(
                    questions % 2, from: "+1619556\(String(format: "%04d", questions % 50))", "question \(questions)")
                for name in ["first", "second"] where FileManager.default.fileExists(atPath: path(name)) {
                    guard (try? table(name).count("1")) != nil else { continue }
                    let content = "\(name) \(questions)"
                    try table(name).queue([("+1619557\(String(format: "%04d", questions % 50))", content)])
                    queued[name, default: []].append(content)
                }
            }

            /// Texts come and go until the storage has taken some of them, and rows of its own are sent.
            func goesOn(in name: String, _ why: String) async throws {
                try await eventually("\(name) serves: \(why)", within: 60, every: 10) {
                    try more()
                    let status = try? await world.status()
                    return status?.storage.location?.hasSuffix("/\(name).db") == true
                }
                let stored = try table(name).count("direction = 'inbound'")
                let sent = try table(name).count("status = 'sent'")
                try await eventually("texts come and go in \(name): \(why)", within: 60, every: 10) {
                    try more()
                    return try table(name).count("direction = 'inbound'") > stored + 5
                        && table(name).count("status = 'sent'") > sent + 5
                }
            }

            func shell(_ line: String) async throws {
                let (status, output) = try await ChildProcess.run(
                    "/bin/sh", ["-c", "cd '\(world.plugins)'\n\(line)"], in: world.folder)
                guard status == 0 else { throw Failure("\(line): \(output)") }
            }

            /// Until nothing is on its way in the storage that serves.
            func drain(_ name: String) async throws {
                try await eventually("\(name) has everything", within: 120, every: 50) {
                    try world.ledger.refresh()
                    guard world.ledger.unfinished.isEmpty, try await world.status().storage.lag == 0 else {
                        return false
                    }
                    return try table(name).count(
                        """
                        direction = 'outbound' AND content NOT LIKE 'old%'
                            AND ifnull(delivery_status, '') NOT IN ('delivered', 'unknown')
                        """) == 0
                        && table(name).count("direction = 'inbound'") >= questions
                        && table(name).count("answers IS NOT NULL") >= questions
                }
            }

            /// Nothing is lost, nothing is there twice.
            func expectAll(unknownAtMost most: Int) throws {
                try world.ledger.refresh()
                var wired: [String: Int] = [:]
                for event in world.ledger.submitted { wired[event.text ?? "", default: 0] += 1 }
                var unknown = Set<String>()
                for name in ["first", "second"] {
                    let rows = try table(name).rows()
                    for row in rows where row.delivery == "unknown" { unknown.insert(row.content) }
                    let inbound = rows.filter { $0.isInbound && !$0.content.hasPrefix("old") }.map(\.content)
                    #expect(Set(inbound).count == inbound.count, "\(name) has a text twice")
                    #expect(Set(inbound) == Set((1...questions).map { "question \($0)" }), "\(name) lacks texts")
                    let answers = rows.filter { $0.answers != nil }.map(\.content)
                    #expect(Set(answers).count == answers.count && answers.count == questions, "answers of \(name)")
                    let own = rows.filter { $0.content.hasPrefix("\(name) ") }
                    #expect(own.map(\.content).sorted() == (queued[name] ?? []).sorted(), "rows of \(name)")
                    let unsettled = own.filter { $0.status != "sent" }
                    #expect(unsettled.isEmpty, "\(name): \(unsettled.map { "\($0.content): \($0.status)" })")
                }
                let all = queued.values.flatMap { $0 } + (1...questions).map { "re: question \($0)" }
                for content in all {
                    let count = wired.removeValue(forKey: content) ?? 0
                    #expect(count == 1 || count == 0 && unknown.contains(content), "\(content): \(count) times")
                }
                #expect(wired.isEmpty, "on the wire, and nobody's: \(wired.keys)")
                #expect(unknown.count <= most)
                report("\(questions) texts came, \(all.count) went, \(unknown.count) unknown")
            }
        }

        @Test("plugins.d is edited by hand while texts flow: the other storage serves, nothing is lost or sent twice")
        func byHand() async throws {
            try await withWorld(modems: 2) { world in
                let exchange = try Exchange(world)
                for modem in 0..<2 {
                    try world.tell("radio modem\(modem) 10ms jitter 20ms")
                    try world.tell("reports modem\(modem) delay 150ms")
                }
                try await world.startGateway()
                try await exchange.goesOn(in: "first", "it is the only one")
                let started = try await world.status().processId

                // Two: the one that serves goes on.
                try await exchange.shell("sed -i 's/enabled: false/enabled: true/' 20-second.yaml")
                try await eventually("status says why") {
                    let storage = try await world.status().storage
                    return storage.dropIn == "10-first"
                        && storage.problem?.contains("10-first.yaml serves on, 20-second.yaml does not") == true
                }
                try await exchange.goesOn(in: "first", "two are enabled")
                try await exchange.shell("sed -i 's/enabled: true/enabled: false/' 10-first.yaml")
                try await exchange.goesOn(in: "second", "sed, the new one first")
                var problem = try await world.status().storage.problem
                #expect(problem == nil, "\(problem ?? "")")

                // None: the same.
                try await exchange.shell("mv 20-second.yaml 20-second.yaml.disabled")
                try await eventually("status says why") {
                    let storage = try await world.status().storage
                    return storage.dropIn == "20-second"
                        && storage.problem?.contains("20-second.yaml is gone, but no other storage is enabled") == true
                }
                try await exchange.goesOn(in: "second", "none is enabled")
                try exchange.drop("10-first", "first", isEnabled: true)
                try await exchange.goesOn(in: "first", "mv, the old one first")

                // As vim writes: beside it, then renamed over it. One that cannot take texts does not take over.
                try await exchange.shell(
                    """
                    sed 's/enabled: true/enabled: false/' 10-first.yaml > .10-first.yaml.swp
                    printf 'plugin: sqlite\\nsettings: {path: /dev/null/no.db}\\n' > 20-second.yaml
                    mv .10-first.yaml.swp 10-first.yaml
                    """)
                try await eventually("status says why") {
                    try await world.status().storage.problem?.contains("20-second.yaml cannot take its place") == true
                }
                try await exchange.goesOn(in: "first", "the other one is away")
                try exchange.drop("20-second", "second", isEnabled: true)
                try await exchange.goesOn(in: "second", "vim")
                // The place itself.
                try await exchange.shell("sed -i 's/path: second/path: first/' 20-second.yaml")
                try await exchange.goesOn(in: "first", "another place in the same file")
                #expect(try await world.status().processId == started, "it goes on without restart")
                try await exchange.drain("first")
                try await exchange.shell("sed -i 's/path: first/path: second/' 20-second.yaml")
                try await exchange.drain("second")
                problem = try await world.status().storage.problem
                #expect(problem == nil, "\(problem ?? "")")
                try exchange.expectAll(unknownAtMost: 0)
            }
        }

        @Test("storages are exchanged again and again, and the gateway is killed: nothing is lost or sent twice")
        func killed() async throws {
            let rounds = getenv("CONDUCTOR_SWITCHES").flatMap { Int(String(cString: $0)) } ?? 8
            try await withWorld(modems: 2) { world in
                let exchange = try Exchange(world)
                for modem in 0..<2 {
                    try world.tell("radio modem\(modem) 10ms jitter 20ms")
                    try world.tell("reports modem\(modem) delay 150ms")
                }
                try await world.startGateway()
                try await exchange.goesOn(in: "first", "at first")
                var dice = Dice(seed: 5)
                var kills = 0
                for round in 1...rounds {
                    let name = round % 2 == 0 ? "first" : "second"
                    try exchange.drop("10-first", name, isEnabled: true)
                    if round % 3 == 0 {
                        let instant = now() + Double.random(in: 0...300, using: &dice)
                        try await eventually("its instant", every: 5) {
                            try exchange.more()
                            return now() >= instant
                        }
                        try world.killGateway()
                        kills += 1
                        try await world.startGateway()
                    }
                    try await exchange.goesOn(in: name, "round \(round)")
                }
                for name in ["first", "second", "first"] {
                    try exchange.drop("10-first", name, isEnabled: true)
                    try await eventually("\(name) serves") {
                        try await world.status().storage.location?.hasSuffix("/\(name).db") == true
                    }
                    try await exchange.drain(name)
                }
                try exchange.expectAll(unknownAtMost: kills * 2)
            }
        }

        /// What the texts of a table say, those aside that are to be sent, by this test's own SQL.
        private func said(_ table: Table) throws -> [String] {
            try table.rows(where: "NOT (direction = 'outbound' AND status = 'queued')").map {
                "\($0.isInbound) \($0.phone) \($0.status) \($0.delivery ?? "-") \($0.answers ?? "-") \($0.content)"
            }.sorted()
        }

        @Test("storage switch copies both ways, sends nothing by it, and goes on where it was cut off by kill -9")
        func switched() async throws {
            let kills = getenv("CONDUCTOR_SWITCHES").flatMap { Int(String(cString: $0)) } ?? 4
            try await withWorld(modems: 2) { world in
                let exchange = try Exchange(world)
                for modem in 0..<2 {
                    try world.tell("radio modem\(modem) 10ms jitter 20ms")
                    try world.tell("reports modem\(modem) delay 150ms")
                }
                try await world.startGateway()
                try await exchange.goesOn(in: "first", "at first")
                // Rows of other programs that were settled long ago, without any id of ours.
                let first = try exchange.table("first")
                for number in 1...600 {
                    try first.add("outbound", "sent", "+1619558\(number % 10)000", "old \(number)")
                }
                try first.add("outbound", "failed", "+16195580001", "old failure")
                try first.add("inbound", "read", "+16195580001", "old and read")
                let before = try first.count("1")
                var (status, output) = try await world.command("storage", "switch", "second", "--dry-run")
                #expect(status == 0 && output.contains("would serve"), "\(output)")
                #expect(try first.count("content LIKE 'old%'") == 602 && first.count("1") >= before)
                #expect(try exchange.table("second").count("1") == 0, "a rehearsal changes nothing")
                (status, output) = try await world.command("storage", "switch", "first")
                #expect(status != 0 && output.contains("10-first.yaml serves already"), "\(output)")

                var dice = Dice(seed: 17)
                var name = "first"
                for kill in 1...kills {
                    let next = name == "first" ? "second" : "first"
                    let command = try ChildProcess(
                        "/usr/bin/env",
                        ["CONDUCTOR_SOCKET=\(world.state)/control.sock", World.conductor, "storage", "switch", next],
                        output: world.folder + "/switch-\(kill).out")
                    let instant = now() + Double.random(in: 0...1_500, using: &dice)
                    try await eventually("its instant", every: 10) {
                        try exchange.more()
                        return now() >= instant
                    }
                    try world.killGateway()
                    try await eventually("the command ends") { !command.isRunning }
                    try await world.startGateway()
                    (status, output) = try await world.command("storage", "switch", next)
                    #expect(status == 0 || output.contains("serves already"), "\(output)")
                    try await exchange.goesOn(in: next, "switched after kill \(kill)")
                    let files = try ["10-first", "20-second"].map {
                        try String(contentsOfFile: "\(world.plugins)/\($0).yaml", encoding: .utf8)
                    }
                    #expect(files.count { $0.contains("enabled: true") } == 1)
                    #expect(files.allSatisfy { $0.hasPrefix("# Texts.") }, "one word is changed")
                    name = next
                }
                // Each sends what waits in it; then both have nothing but the same.
                try await exchange.drain(name)
                for next in [name == "first" ? "second" : "first", name] {
                    (status, output) = try await world.command("storage", "switch", next)
                    #expect(status == 0 && output.contains("checksum"), "\(output)")
                    try await exchange.drain(next)
                }
                let (here, there) = (try said(first), try said(try exchange.table("second")))
                #expect(here == there, "both have the same")
                #expect(here.count { $0.contains(" old ") } == 602)
                #expect(try first.count("content LIKE 'old%' AND uid IS NOT NULL") == 0, "and stay as they are")
                try exchange.expectAll(unknownAtMost: kills * 2)
            }
        }
    }
}
