import Foundation
import PluginKit
import Synchronization
import Testing

@testable import PluginHost

let swiftCompiler: String? = ProcessInfo.processInfo.environment["PATH"]?.split(separator: ":")
    .map { "\($0)/swiftc" }.first { FileManager.default.isExecutableFile(atPath: $0) }

/// A Swift plugin on the SDK as it was frozen, built once and loaded by today's host.
@Suite(.enabled(if: swiftCompiler != nil, "no swiftc in the path"), .timeLimit(.minutes(5)))
struct FrozenSwiftTests {
    /// One test for both isolations: the compiler is slow.
    @Test func aSwiftPluginOnTheFrozenSDKUsesEveryService() async throws {
        let folder = try Workshop()
        let library = try SwiftFixture.build("frozen-swift", in: folder.folder)
        for isolation in ["inproc", "process"] { try await usesEveryService(library, isolation) }
    }

    private func usesEveryService(_ library: String, _ isolation: String) async throws {
        let workshop = try Workshop()
        try workshop.write(
            "10-frozen.yaml",
            """
            plugin: \(library)
            isolation: \(isolation)
            grants: \(FrozenPluginTests.everything)
            settings: {word: grün}

            """)
        try workshop.write("20-wrong.yaml", "plugin: \(library)\nisolation: \(isolation)\nsettings: {wort: grün}\n")
        try workshop.write("30-bare.yaml", "plugin: \(library)\nisolation: \(isolation)\nsettings: {word: x}\n")
        workshop.services.answer.withLock { $0 = .init(reply: FrozenPluginTests.serve) }
        let host = await workshop.started()
        #expect(host.reports.map(\.state) == [.running, .refused, .running])
        #expect(host.reports[0].capabilities == ["responder", "notifier"])
        #expect(host.reports[1].problem?.contains("the key \"word\" is missing (is \"wort\" meant for it?)") == true)
        let decision = try await host.responders[0].respond(to: text("all"))
        #expect(decision == .reply("0190-9 grüß dich Zoë Ana Zoë kept a+ab 418 10-frozen", reason: "grün"))
        #expect(try await host.responders[0].respond(to: text("other")) == .decline(reason: "grün"))
        #expect(workshop.services.samples.withLock { $0 } == [MetricSample(.counter, name: "texts", value: 1)])
        await #expect {
            try await host.responders[1].respond(to: text("all"))
        } throws: {
            "\($0)".contains("add \"send\" to `grants` in the drop-in 30-bare")
        }
        try await host.notifiers[0].notify(
            Event(id: "e", kind: "modem.ready", at: Timestamp(milliseconds: 1), json: "{}"))
        #expect(workshop.services.lines.withLock { $0 }.contains("10-frozen notice: modem.ready"))
        await host.stop()
        #expect(host.reports.map(\.state) == [.stopped, .refused, .stopped])
    }
}
