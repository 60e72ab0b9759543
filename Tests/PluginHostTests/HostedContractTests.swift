import Foundation
import PluginKit
import PluginTestKit
import Testing

@testable import PluginHost

@Suite(.enabled(if: CFixture.compiler != nil, "needs a C compiler"), .timeLimit(.minutes(2)))
struct HostedContractTests {
    @Test(
        "a plugin in C keeps the contract behind the host", arguments: ResponderContract.rules, ["inproc", "process"])
    func contract(_ rule: ContractRule<ResponderSubject>, isolation: String) async throws {
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
        try workshop.write("echo.yaml", "plugin: \(library)\nisolation: \(isolation)\n")
        try await rule.check(ResponderSubject { Hosted(workshop) })
    }
}
