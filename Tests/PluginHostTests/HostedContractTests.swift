import Foundation
import PluginKit
import PluginTestKit
import Testing

@testable import PluginHost

/// A plugin behind the host, as if it were in this process: the contract suites run on it.
private struct Hosted: Responder {
    static let info = PluginInfo(id: "hosted", name: "Hosted", version: "1.0.0")
    let workshop: Workshop
    let host: PluginHost

    init(_ workshop: Workshop) {
        self.workshop = workshop
        host = workshop.host()
    }

    init(host: PluginKit.Host, settings: Settings) throws { throw PluginError(.unsupported, "made by its test") }

    func start() async throws {
        await host.start()
        guard !host.responders.isEmpty else { throw PluginError(.unavailable, host.reports.first?.problem ?? "") }
    }

    func stop() async { await host.stop() }

    func respond(to text: InboundText, context: CallContext) async throws -> Decision {
        guard let handle = host.responders.first else { throw PluginError(.unavailable, "it is gone") }
        return try await handle.respond(to: text)
    }
}

@Suite(.enabled(if: CFixture.compiler != nil, "needs a C compiler"), .timeLimit(.minutes(2)))
struct HostedContractTests {
    @Test("a plugin in C keeps the contract behind the host", arguments: ResponderContract.rules)
    func contract(_ rule: ContractRule<ResponderSubject>) async throws {
        let workshop = try Workshop()
        let repository = #filePath.components(separatedBy: "/Tests/PluginHostTests/").first ?? "."
        let library = workshop.folder + "/echo.so"
        let compile = Process()
        compile.executableURL = URL(fileURLWithPath: CFixture.compiler ?? "cc")
        compile.arguments = [
            "-std=gnu11", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-fvisibility=hidden",
            "-I\(repository)/CShims/CPluginABI/include", "\(repository)/Examples/c/echo.c", "-o", library,
        ]
        try compile.run()
        compile.waitUntilExit()
        #expect(compile.terminationStatus == 0)
        try workshop.write("echo.yaml", "plugin: \(library)\n")
        try await rule.check(ResponderSubject { Hosted(workshop) })
    }
}
