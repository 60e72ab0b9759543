import Foundation
import Testing

@testable import conductor

@Suite struct StorageMigrateTests {
    @Test(
        "the SQL of a step is written whole and in order",
        arguments: [
            ([], ["001-columns.sql", "002-phone.sql", "003-queue.sql", "007-grants.sql", "008-watch.sql"], "101-"),
            (["--step", "report"], ["100-before-lockdown.sql"], "001-"),
            (["--step", "lock-down"], ["101-lockdown.sql"], "102-"),
            (["--step", "rollback"], ["102-rollback.sql"], "101-lockdown.sql"),
        ])
    func steps(_ arguments: [String], _ names: [String], _ other: String) throws {
        let run = Program.run(Program.conductor, ["storage", "migrate"] + arguments)
        #expect(run.status == 0 && run.errors.isEmpty)
        let titles = run.output.split(separator: "\n").filter { $0.hasPrefix("-- ---- ") && $0.hasSuffix(".sql") }
            .map { String($0.dropFirst(8)) }
        #expect(titles.filter(names.contains) == names)
        #expect(!titles.contains { $0.hasPrefix(other) })
        #expect(run.output.contains("commit;"))
    }

    @Test("a file that is there stays, and where there is no SQL that is said")
    func refused() throws {
        let folder = FileManager.default.temporaryDirectory.path + "/conductor-migrate-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let file = folder + "/project.sql"
        let first = Program.run(Program.conductor, ["storage", "migrate", file])
        #expect(first.status == 0 && first.output.isEmpty && first.errors.contains("SQL editor"))
        let written = try String(contentsOfFile: file, encoding: .utf8)
        #expect(written.contains("conductor_exchange"))
        let second = Program.run(Program.conductor, ["storage", "migrate", file, "--step", "rollback"])
        #expect(second.status == 1 && second.errors.contains("is there already"))
        #expect(try String(contentsOfFile: file, encoding: .utf8) == written)
        let lost = Program.run(Program.conductor, ["storage", "migrate"], environment: ["CONDUCTOR_SQL": folder])
        #expect(lost.status == 1 && lost.errors.contains("CONDUCTOR_SQL"))
        #expect(Program.run(Program.conductor, ["storage", "migrate", "--step", "all"]).status == 2)
    }
}
