import Foundation
import GRDB
import SupabaseStandin
import Testing

extension EndToEnd {
    /// A till's exports at the size of a real shop, through the command, into each storage.
    @Suite("The till's exports")
    struct CustomerImports {
        private struct Report: Decodable {
            var number: Int
            var state: String
            var read: Int
            var new: Int
            var updated: Int
            var unchanged: Int
            var rejected: Int
        }
        private struct List: Decodable { var imports: [Report] }

        /// The exports of a shop, and what this test's own reading of them says.
        private struct Shop {
            let folder: String
            /// Lines without the headings, and the sum of a column in cents.
            let members: Int
            let receipts: (count: Int, cents: Int)
            let lines: (count: Int, cents: Int)

            init(_ world: World, scale: Double) async throws {
                folder = world.state + "/shop"
                try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
                let (code, output) = try await ChildProcess.run(
                    World.conductor, ["simulate", "crm", folder, "--scale", "\(scale)"], in: world.state)
                guard code == 0 else { throw Failure("the shop cannot be written: \(output)") }
                members = try Self.column("members", nil, folder).count
                receipts = try Self.column("transactions", 3, folder)
                lines = try Self.column("items", 4, folder)
            }

            /// No field of these columns has quotation marks.
            private static func column(
                _ file: String, _ index: Int?, _ folder: String
            ) throws -> (count: Int, cents: Int) {
                let text = try String(contentsOfFile: "\(folder)/\(file).csv", encoding: .utf8)
                let rows = text.split(separator: "\n").dropFirst()
                guard let index else { return (rows.count, 0) }
                let cents = rows.reduce(0) { sum, row in
                    let field = row.split(separator: ",", omittingEmptySubsequences: false)[index]
                    return sum + (Int(field.filter { $0 != "." }) ?? .min / 2)
                }
                return (rows.count, cents)
            }

            func file(_ name: String) -> String { "\(folder)/\(name).csv" }
        }

        /// `conductor import KIND FILE --json`.
        private static func importFile(_ kind: String, _ file: String, _ world: World) async throws -> Report {
            let (code, output) = try await world.command(
                ["import", kind, file, "--json"], within: 600)
            // What is told beside it stands before it.
            let report = try JSONDecoder().decode(Report.self, from: Data(output.drop { $0 != "{" }.utf8))
            if code != 0, report.rejected == 0 { throw Failure("import \(kind) ended with \(code): \(output)") }
            return report
        }

        private static func expectAll(_ report: Report, new count: Int, _ what: String) {
            #expect(report.read == count && report.new == count, "\(what): \(report)")
        }

        @Test(
            "into SQLite: every row once, to the cent, also when the gateway is killed on the way; again, nothing; and back"
        )
        func sqlite() async throws {
            try await withWorld { world in
                try await world.startGateway()
                let shop = try await Shop(world, scale: 1)
                Self.expectAll(
                    try await Self.importFile("customers", shop.file("members"), world), new: shop.members, "members")
                _ = try await Self.importFile("products", shop.file("products"), world)
                _ = try await Self.importFile("staff", shop.file("staff"), world)

                // Killed at row 60,000 or a little later.
                let (socket, folder, file) = (world.state + "/control.sock", world.folder, shop.file("transactions"))
                async let cutOff = ChildProcess.run(
                    "/usr/bin/env",
                    ["CONDUCTOR_SOCKET=\(socket)", World.conductor, "import", "transactions", file, "--json"],
                    in: folder,
                    within: 600)
                try await eventually("60,000 rows are read", within: 120, every: 5) {
                    let (_, output) = try await world.command(["import", "list", "--json"])
                    guard let all = try? JSONDecoder().decode([Report].self, from: Data(output.utf8)) else {
                        return false
                    }
                    return all.contains { $0.state == "running" && $0.read >= 60_000 }
                }
                try world.killGateway()
                #expect(try await cutOff.0 != 0, "a command whose gateway was killed said that all is well")
                let before =
                    try Self.table(world) { try Int.fetchOne($0, sql: "SELECT count(*) FROM transactions") } ?? 0
                #expect(before >= 60_000 && before < shop.receipts.count, "it was killed at \(before)")
                try await world.startGateway()
                // The same command follows what the gateway has taken up.
                Self.expectAll(
                    try await Self.importFile("transactions", shop.file("transactions"), world),
                    new: shop.receipts.count, "receipts")
                Self.expectAll(
                    try await Self.importFile("items", shop.file("items"), world), new: shop.lines.count, "lines")
                try Self.expectSums(shop, world)

                for (kind, file) in [
                    ("customers", "members"), ("products", "products"), ("staff", "staff"),
                    ("transactions", "transactions"), ("items", "items"),
                ] {
                    let again = try await Self.importFile(kind, shop.file(file), world)
                    #expect(again.unchanged == again.read && again.read > 0, "\(kind) once more: \(again)")
                }
                try Self.expectSums(shop, world)

                let (_, output) = try await world.command(["import", "list", "--json"])
                let all = try JSONDecoder().decode([Report].self, from: Data(output.utf8))
                let lines = try #require(all.last { $0.new == shop.lines.count })
                let undo = try await world.command(["import", "undo", "\(lines.number)"], within: 120)
                #expect(undo.status == 0, "\(undo.output)")
                let left = try Self.table(world) { try Int.fetchOne($0, sql: "SELECT count(*) FROM transaction_items") }
                #expect(left == 0, "lines are left that were taken back")
            }
        }

        @Test("into Supabase: every row once, to the cent; again, nothing", .enabled(if: Standin.isPossible))
        func supabase() async throws {
            try await withWorld { world in
                let project = try Project(.migrated, for: world)
                guard let standin = project.standin else { throw Failure("there is no stand-in for Supabase") }
                try await world.startGateway()
                // A twentieth: a real one is measured by `make bench`.
                let shop = try await Shop(world, scale: 0.05)
                for (kind, file) in [
                    ("customers", "members"), ("products", "products"), ("staff", "staff"),
                    ("transactions", "transactions"), ("items", "items"),
                ] {
                    let report = try await Self.importFile(kind, shop.file(file), world)
                    #expect(report.new == report.read && report.read > 0, "\(kind): \(report)")
                    let again = try await Self.importFile(kind, shop.file(file), world)
                    #expect(again.unchanged == again.read, "\(kind) once more: \(again)")
                }
                let sums = try standin.psql(
                    """
                    select (select count(*) from customers), (select count(*) from transactions),
                        (select (sum(total) * 100)::bigint from transactions), (select count(*) from transaction_items),
                        (select (sum(total_price) * 100)::bigint from transaction_items)
                    """)
                #expect(
                    sums.trimmingCharacters(in: .whitespacesAndNewlines)
                        == "\(shop.members)|\(shop.receipts.count)|\(shop.receipts.cents)|\(shop.lines.count)|\(shop.lines.cents)",
                    "members, receipts, their cents, lines, their cents")
            }
        }

        @Test(
            "rows that cannot be taken come back with their reasons, can be mended, and go with a person who is erased")
        func rejects() async throws {
            try await withWorld { world in
                try await world.startGateway()
                let file = world.state + "/members.csv"
                try "Member ID,Phone,Total Visits\nM1,(619) 555-0142,many\nM2,(619) 555-0143,3\n".write(
                    toFile: file, atomically: true, encoding: .utf8)
                let report = try await Self.importFile("customers", file, world)
                #expect(report.new == 1 && report.rejected == 1, "\(report)")
                let rejects = try String(contentsOfFile: file + ".rejects.csv", encoding: .utf8)
                #expect(
                    rejects
                        == "Member ID,Phone,Total Visits,rejected_because\n"
                        + "M1,(619) 555-0142,many,\"Total Visits: it is no whole number\"\n")
                let kept = world.state + "/imports/\(report.number)/rejects"
                #expect(FileManager.default.fileExists(atPath: kept))
                // Mended in place, with the reason still behind it.
                let mended = world.state + "/mended.csv"
                try rejects.replacing(",many,", with: ",7,").write(toFile: mended, atomically: true, encoding: .utf8)
                #expect(try await Self.importFile("customers", mended, world).new == 1)
                let (code, output) = try await world.command("contacts", "erase", "+16195550142", "--yes")
                #expect(code == 0, "\(output)")
                #expect(!FileManager.default.fileExists(atPath: kept), "rows of an erased person are kept")
            }
        }

        @Test(
            "a file that is no table, a wrong map and a missing file are told in a sentence, and leave nothing behind")
        func wrong() async throws {
            try await withWorld { world in
                try await world.startGateway()
                let file = world.state + "/wrong.csv"
                try "\u{1}\u{2}\u{3}\n".write(toFile: file, atomically: true, encoding: .utf8)
                var (code, output) = try await world.command("import", "customers", file)
                #expect(code == 2 && output.contains("has headings that are known for customers"), "\(code): \(output)")
                (code, output) = try await world.command("import", "customers", world.state + "/none.csv")
                #expect(code == 2 && output.contains("cannot open"), "\(code): \(output)")
                try "Name,Phone\nAna,6195550101\n".write(toFile: file, atomically: true, encoding: .utf8)
                (code, output) = try await world.command("import", "customers", file, "--dates", "ymd")
                #expect(code == 2 && output.contains("dates:"), "\(code): \(output)")
                (code, output) = try await world.command("import", "customers", file, "--check")
                #expect(code == 0 && output.contains("customers.phone"), "\(code): \(output)")
                (code, output) = try await world.command("import", "list", "--json")
                #expect(output.trimmingCharacters(in: .whitespacesAndNewlines) == "[]", "\(output)")
            }
        }

        private static func expectSums(_ shop: Shop, _ world: World) throws {
            let found = try table(world) { database in
                try Row.fetchOne(
                    database,
                    sql: """
                        SELECT (SELECT count(*) FROM customers), (SELECT count(DISTINCT transaction_id) FROM transactions),
                            (SELECT count(*) FROM transactions),
                            (SELECT sum(CAST(round(total * 100) AS INTEGER)) FROM transactions),
                            (SELECT count(*) FROM transaction_items),
                            (SELECT sum(CAST(round(total_price * 100) AS INTEGER)) FROM transaction_items)
                        """)
            }
            let row = try #require(found)
            #expect(
                (0..<6).map { row[$0] as Int? } == [
                    shop.members, shop.receipts.count, shop.receipts.count, shop.receipts.cents, shop.lines.count,
                    shop.lines.cents,
                ])
        }

        private static func table<T>(_ world: World, _ body: (Database) throws -> T) throws -> T {
            var configuration = Configuration()
            configuration.busyMode = .timeout(10)
            configuration.readonly = true
            return try DatabaseQueue(path: world.state + "/messages.db", configuration: configuration).read(body)
        }
    }
}
