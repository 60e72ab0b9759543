import CSandbox
import Foundation
import PluginKit
import Testing

@testable import PluginHost

@Suite(.enabled(if: CFixture.compiler != nil, "no C compiler: fixtures cannot be built"), .timeLimit(.minutes(2)))
struct FenceTests {
    private func answers(_ words: [String], more: String = "", _ workshop: Workshop) async throws -> [String] {
        try workshop.addWild("10-wild", more: more)
        let host = await workshop.started()
        #expect(host.reports.map(\.problem) == [nil])
        let responder = try #require(host.responders.first)
        var answers: [String] = []
        for word in words { answers.append(try await responder.respond(to: text(word)).text) }
        await host.stop()
        return answers
    }

    private static let hasLandlock = csandbox_landlock_revision() > 0

    @Test(.enabled(if: hasLandlock, "SKIPPED: this kernel has no Landlock"))
    func withoutAGrantNothingOfTheGatewayIsReached() async throws {
        let workshop = try Workshop()
        let folder = workshop.folder
        for name in ["journal.db", "secret"] { try Data("x".utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)")) }
        chmod("\(folder)/secret", 0o644)
        let words = [
            "open \(folder)/journal.db", "open \(folder)/secret", "write \(folder)/journal.db", "open /etc/passwd",
            "write /tmp/conductor-escaped", "unix \(folder)/control.sock", "tcp", "exec", "environment",
            "open /proc/\(getpid())/environ", "open /proc/\(getpid())/maps",
        ]
        setenv("CONDUCTOR_SECRET_OF_THE_TEST", "x", 1)
        #expect(
            try await answers(words, workshop) == [
                "EACCES", "EACCES", "EACCES", "EACCES", "EACCES", "EPERM", "EPERM", "EPERM", "clean", "EACCES",
                "EACCES",
            ])
        // The same in the host, which has no fence: the files are there.
        let free = try await answers(["open \(folder)/journal.db"], more: "isolation: inproc\n", workshop)
        #expect(free == ["open"])
    }

    @Test(.enabled(if: hasLandlock, "SKIPPED: this kernel has no Landlock"))
    func grantsOpenTheFenceSoFar() async throws {
        let workshop = try Workshop()
        let folder = workshop.folder
        try FileManager.default.createDirectory(atPath: folder + "/shared", withIntermediateDirectories: true)
        for name in ["shared/a", "list", "other"] {
            try Data("x".utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
        }
        chmod("\(folder)/shared", 0o777)
        let words = [
            "open \(folder)/list", "write \(folder)/list", "open \(folder)/shared/a", "write \(folder)/shared/b",
            "open \(folder)/other", "tcp", "unix \(folder)/control.sock",
        ]
        let more = "grants: [log, network, {files: {read: [list], write: [\(folder)/shared]}}]\n"
        // Nobody listens at that port: the call got through.
        #expect(
            try await answers(words, more: more, workshop) == [
                "open", "EACCES", "open", "open", "EACCES", "ECONNREFUSED", "EPERM",
            ])
    }

    @Test func aPluginMayWriteToItsOwnFolderOnly() async throws {
        let workshop = try Workshop()
        #expect(try await answers(["write state", "open state"], workshop) == ["open", "open"])
        #expect(FileManager.default.fileExists(atPath: workshop.folder + "/plugin-data/10-wild/state"))
    }
}
