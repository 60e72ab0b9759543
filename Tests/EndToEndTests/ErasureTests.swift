import Foundation
import GRDB
import Testing

extension EndToEnd {
    @Suite("Erasure") struct Erasure {
        private static let person = "+16195550177"
        private static let other = "+16195550188"
        private static let inSpring = Date(timeIntervalSinceNow: 100 * 86_400).formatted(.iso8601)
        private static let words = "Quokka zebra 7731 jumping"
        private let traces = Traces(phone: person, text: words)
        private let others = Traces(phone: other, text: "Walrus violin 4452 sleeping")

        /// A gateway that knows two people, in every file it has.
        private func withPeople(_ body: (World, Table) async throws -> Void) async throws {
            try await withWorld { world in
                try world.drop("90-log", "plugin: log\nsettings: {path: events.jsonl, mask: false}\n")
                try await world.startGateway()
                let table = try Table(path: world.database)
                try world.text(0, from: Self.person, Self.words)
                try world.text(0, from: Self.other, "Walrus violin 4452 sleeping")
                // Several parts, in septets and in UTF-16.
                try world.text(0, from: Self.person, String(repeating: Self.words + ", ", count: 9))
                try world.text(0, from: Self.person, Self.words + " \u{1F600}")
                try await eventually("all are answered and delivered", within: 120) {
                    try table.count("direction = 'inbound'") == 4 && table.count("delivery_status = 'delivered'") == 4
                }
                // One to be sent much later, one of another program, what people and plugins wrote.
                let later = try await world.command("send", Self.person, Self.words, "--at", Self.inSpring)
                #expect(later.status == 0)
                try table.queue([("(619) 555-0177", Self.words)])
                try await eventually("it is delivered", within: 60) {
                    try table.count("delivery_status = 'delivered'") == 5
                }
                let console = try DatabaseQueue(path: world.state + "/console.db")
                try await console.write { database in
                    for person in [Self.person, Self.other] {
                        try database.execute(
                            sql: "INSERT INTO contact (phone, name) VALUES (?, 'Zoë')", arguments: [person])
                        try database.execute(
                            sql: "INSERT INTO plugin_value (plugin, key, value) VALUES ('bot', ?, ?)",
                            arguments: ["seen:\(person)", Data("1".utf8)])
                    }
                    try database.execute(
                        sql: "INSERT INTO plugin_value (plugin, key, value) VALUES ('bot', 'last', ?)",
                        arguments: [Data("{\"number\":\"\(Self.person)\",\"said\":\"\(Self.words)\"}".utf8)])
                }
                try console.close()
                try await body(world, table)
            }
        }

        private static let damaged = "journal.db.damaged-20260101T000000.000Z"

        /// A backup, what a restore replaced, and what a repair set aside; the backup's path in the state folder.
        private func keepCopies(_ world: World) async throws -> String {
            #expect(try await world.command("storage", "backup").status == 0)
            let files = FileManager.default
            let folder = world.state + "/replaced-20260101T000000.000Z"
            try files.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let console = try DatabaseQueue(path: world.state + "/console.db")
            let copy = try DatabaseQueue(path: folder + "/console.db")
            try console.backup(to: copy)
            try console.close()
            try copy.close()
            let rest = "no database: \(Self.person)"
            #expect(files.createFile(atPath: "\(world.state)/\(Self.damaged)", contents: Data(rest.utf8)))
            return "backups/" + (try #require(files.contentsOfDirectory(atPath: world.state + "/backups").first))
        }

        @Test("decision 10: an erased person is in no byte of any file, nobody else is touched, and STOP still holds")
        func everywhere() async throws {
            try await withPeople { world, table in
                try world.text(0, from: Self.person, "STOP")
                try await eventually("the stop is confirmed", within: 60) {
                    try table.count("delivery_status = 'delivered'") == 6
                }
                let archive = try await keepCopies(world)
                let before = try traces.found(in: world.state)
                #expect(before.contains { $0.hasPrefix("\(archive): the number") })
                for sight in [
                    "replaced-20260101T000000.000Z/console.db: the number",
                    "journal.db.damaged-20260101T000000.000Z: the number",
                    "messages.db: the number", "messages.db: the text", "journal.db: the number",
                    "journal.db: the number in semi-octets", "journal.db: the text in septets",
                    "journal.db: the text in UTF-16, big end first", "console.db: the number", "console.db: the text",
                    "events.jsonl: the number", "events.jsonl: the text",
                ] {
                    // What is not in the file yet is in its log.
                    let log = sight.replacing(".db:", with: ".db-wal:")
                    #expect(before.contains(sight) || before.contains(log), "\(sight): the search does not see it")
                }
                let othersBefore = try others.found(in: world.state).map { $0.replacing("-wal:", with: ":") }

                let shown = try await world.command("contacts", "show", "(619) 555-0177", "--json")
                #expect(shown.status == 0 && shown.output.contains("seen:\(Self.person)"))
                #expect(shown.output.contains(#""is_opted_out":true"#) && shown.output.contains(#""name":"Zoë""#))
                let exported = try await world.command("contacts", "export", Self.person, world.folder + "/person.csv")
                #expect(exported.status == 0, "\(exported.output)")
                let csv = try String(contentsOfFile: world.folder + "/person.csv", encoding: .utf8)
                let rows = try table.count("phone_e164 = '\(Self.person)'")
                #expect(exported.status == 0 && csv.split(separator: "\r\n").count == 1 + rows)
                #expect(try await world.command("contacts", "erase", Self.person).status == 2, "nobody can be asked")
                let counted = try await world.command("contacts", "erase", Self.person, "--dry-run", "--json")
                #expect(counted.output.contains(#""cancelled":1"#) && counted.output.contains(#""plugin_values":2"#))
                // A checkpoint meanwhile takes what was in a log into the file.
                let still = Set(try traces.found(in: world.state).map { $0.replacing("-wal:", with: ":") })
                #expect(still == Set(before.map { $0.replacing("-wal:", with: ":") }), "a dry run erases nothing")

                let erased = try await world.command("contacts", "erase", Self.person, "--yes", "--json")
                #expect(erased.status == 0, "\(erased.output)")
                #expect(erased.output.contains(#""is_finished":true"#), "\(erased.output)")
                #expect(try traces.found(in: world.state) == [])
                #expect(erased.output.contains(#""copies":3"#), "\(erased.output)")
                #expect(
                    !FileManager.default.fileExists(atPath: "\(world.state)/\(Self.damaged)"), "it cannot be opened")
                let tried = try await world.command("storage", "restore", "\(world.state)/\(archive)", "--dry-run")
                #expect(tried.status == 0, "\(tried.output)")
                let othersAfter = try others.found(in: world.state).map { $0.replacing("-wal:", with: ":") }
                #expect(Set(othersAfter).isSuperset(of: othersBefore.filter { !$0.contains("-shm") }))
                let key = try FileManager.default.attributesOfItem(atPath: world.state + "/erased.key")
                #expect((key[.posixPermissions] as? Int) == 0o600)

                // On another machine, from the backup alone.
                try table.close()
                try world.killGateway()
                let files = FileManager.default
                try files.moveItem(atPath: "\(world.state)/\(archive)", toPath: world.folder + "/only.tar")
                for name in try files.contentsOfDirectory(atPath: world.state) {
                    try files.removeItem(atPath: "\(world.state)/\(name)")
                }
                let restored = try await world.command(
                    "storage", "restore", world.folder + "/only.tar", "--state", world.state)
                #expect(restored.status == 0, "\(restored.output)")
                try await world.startGateway()
                #expect(try traces.found(in: world.state) == [])
                #expect(try await world.command("send", Self.person, "hello").status == 4)
                let table = try Table(path: world.database)
                #expect(try table.count("phone_e164 = '\(Self.other)'") > 0, "nobody else is touched")

                // A later text makes a new person, who is still out until they say START.
                try world.text(0, from: Self.person, "anybody there")
                try await eventually("the text is stored", within: 60) {
                    try table.count("content = 'anybody there'") == 1
                }
                try world.text(0, from: Self.person, "START")
                try await eventually("the start is confirmed", within: 60) {
                    try table.count(
                        "phone_e164 = '\(Self.person)' AND direction = 'outbound' AND delivery_status = 'delivered'")
                        == 1
                }
                #expect(try table.count("content LIKE 're: anybody there%'") == 0)
                #expect(try await world.command("send", Self.person, "hello").status == 0)
                try table.close()
            }
        }

        @Test(
            "a storage that was left and is missing: the erasure waits for it after kill -9, and is done when it is back"
        )
        func left() async throws {
            try await withWorld { world in
                try world.drop(
                    "20-second", "plugin: sqlite\nenabled: false\nsettings: {path: second.db}\n")
                try await world.startGateway()
                let table = try Table(path: world.database)
                try world.text(0, from: Self.person, Self.words)
                try world.text(0, from: Self.other, "Walrus violin 4452 sleeping")
                try await eventually("both are answered", within: 60) {
                    try table.count("delivery_status = 'delivered'") == 2
                }
                try table.close()
                let switched = try await world.command("storage", "switch", "second")
                #expect(switched.status == 0, "\(switched.output)")
                let files = FileManager.default
                let away = world.folder + "/away"
                try files.createDirectory(atPath: away, withIntermediateDirectories: false)
                func move(_ from: String, _ to: String) throws {
                    for name in try files.contentsOfDirectory(atPath: from) where name.hasPrefix("messages.db") {
                        try files.moveItem(atPath: "\(from)/\(name)", toPath: "\(to)/\(name)")
                    }
                }
                try world.killGateway()
                // While no gateway runs, the storage that is backed up can be chosen, too.
                try files.createSymbolicLink(
                    atPath: world.state + "/plugins.d", withDestinationPath: world.plugins)
                let copied = try await world.command(
                    "storage", "backup", world.folder + "/left.tar", "--storage", "sqlite", "--state", world.state,
                    "--json")
                #expect(copied.status == 0 && copied.output.contains("/messages.db"), "\(copied.output)")
                #expect(!copied.output.contains("/second.db"))
                try move(world.state, away)
                try await world.startGateway()
                let erased = try await world.command("contacts", "erase", Self.person, "--yes")
                #expect(erased.status == 1 && erased.output.contains("messages.db is not there"), "\(erased.output)")
                #expect(erased.output.contains("conductor storage forget"))
                #expect(try traces.found(in: world.state) == [], "what waits is sealed")
                #expect(try !traces.found(in: away).isEmpty)
                try world.killGateway()
                try move(away, world.state)
                try await world.startGateway()
                try await eventually("nothing of the person is left", within: 60, every: 100) {
                    try traces.found(in: world.state).isEmpty
                }
                try await eventually("it is over", within: 30, every: 50) {
                    try await !world.status().alarms.contains { $0.kind == "contact.erasure" }
                }
                #expect(try !others.found(in: world.state).isEmpty, "nobody else is touched")
            }
        }

        @Test("an erasure that storage holds up is finished after kill -9, by itself")
        func interrupted() async throws {
            try await withPeople { world, table in
                try table.close()
                var configuration = Configuration()
                configuration.allowsUnsafeTransactions = true
                let holder = try DatabaseQueue(path: world.database, configuration: configuration)
                try await holder.writeWithoutTransaction { try $0.execute(sql: "BEGIN IMMEDIATE") }
                let erased = try await world.command("contacts", "erase", Self.person, "--yes", "--json")
                #expect(erased.status == 1 && erased.output.contains(#""is_finished":false"#), "\(erased.output)")
                #expect(try await world.status().alarms.contains { $0.kind == "contact.erasure" })
                try world.killGateway()
                #expect(try !traces.found(in: world.state).isEmpty, "storage has it still")
                try await holder.writeWithoutTransaction { try $0.execute(sql: "ROLLBACK") }
                try holder.close()
                try await world.startGateway()
                try await eventually("nothing of the person is left", within: 60, every: 100) {
                    try traces.found(in: world.state).isEmpty
                }
                let journal = try DatabaseQueue(path: world.state + "/journal.db")
                try await eventually("it is over", within: 30, every: 50) {
                    try await journal.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM erasure") } == 0
                }
                try journal.close()
                #expect(try await !world.status().alarms.contains { $0.kind == "contact.erasure" })
            }
        }
    }
}
