import Foundation
import PluginKit
import Synchronization
import Testing

@testable import PluginHost

/// What ends a Swift program ends a worker, and nothing else.
@Suite(
    .enabled(if: swiftCompiler != nil && CFixture.compiler != nil, "no swiftc or no C compiler in the path"),
    .timeLimit(.minutes(5)))
struct SwiftCrashTests {
    /// Word, and what the runtime says about it.
    private static let ends = [
        ("fatal", "Fatal error: no paper"), ("unwrap", "Fatal error: Unexpectedly found nil"),
        ("index", "Fatal error: Index out of range"), ("assert", "Precondition failed: never"),
        ("throwing", "Fatal error: 'try!' expression unexpectedly raised an error"),
    ]

    @Test func aSwiftPluginThatTrapsIsSkippedAndRestarted() async throws {
        let workshop = try Workshop()
        let library = try SwiftFixture.build("trapping", Self.source, in: workshop.folder)
        try workshop.write("10-trapping.yaml", "plugin: \(library)\n")
        try workshop.addWild("20-good")
        let host = await workshop.started { $0.restarts.quarantineAfter = 60 }
        #expect(host.reports.map(\.problem) == [nil, nil])
        for (round, (word, said)) in Self.ends.enumerated() {
            let responders = host.responders
            try #require(responders.map(\.name) == ["10-trapping", "20-good"])
            let error = await #expect(throws: PluginError.self) { try await responders[0].respond(to: text(word)) }
            let sentence = try #require(host.reports[0].lastError)
            // Which of the two is the processor's choice.
            #expect(["the plugin crashed (SIGILL)", "the plugin crashed (SIGTRAP)"].contains(sentence))
            #expect(error?.code == .unavailable)
            #expect(error?.message == sentence + "; it is being restarted")
            #expect(try await responders[1].respond(to: text(word)).text == word)
            #expect(
                await eventually {
                    workshop.services.lines.withLock { $0.contains { $0.contains("10-trapping") && $0.contains(said) } }
                }, "\(said)")
            #expect(await eventually { host.reports[0].restarts == round + 1 && host.reports[0].state == .running })
            #expect(try await responders[0].respond(to: text("hello")).text == "re: hello")
        }
        #expect(host.reports.map(\.failures) == [Self.ends.count, 0])
        await host.stop()
    }

    private static let source = #"""
        struct Trapping: Responder {
            static let info = PluginInfo(id: "trapping", name: "Trapping", version: "1.0.0")
            struct Refusal: Error {}

            init(host: Host, settings: Settings) throws {}

            func refuse() throws { throw Refusal() }

            func respond(to text: InboundText, context: CallContext) async throws -> Decision {
                let none = Int(text.content)
                let many = [Int](repeating: 0, count: text.content.utf8.count)
                switch text.content {
                case "fatal": fatalError("no paper")
                case "unwrap": return .reply("\(none!)")
                case "index": return .reply("\(many[text.content.utf8.count])")
                case "assert": precondition(none != nil, "never")
                case "throwing": try! refuse()
                default: break
                }
                return .reply("re: \(text.content)")
            }
        }

        @c @implementation public func conductor_plugin_entry() -> UnsafePointer<conductor_plugin>? {
            exportPlugin(Trapping.self)
        }
        """#
}
