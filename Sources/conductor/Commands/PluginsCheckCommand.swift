import ArgumentParser
import PluginHost

extension PluginsCommand {
    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Would the gateway load this file? Yes, or why not.",
            discussion: "Needs no running gateway. The file's entry function runs, and nothing else of it.")

        @Argument(help: "The plugin, as libconductor-NAME.so, or a drop-in, as 60-bot.yaml.")
        var file: String

        @OptionGroup var output: JSONOption

        func run() async throws {
            let check = await check(try StateFolder.absolute(file))
            let terminal = Terminal.output
            if output.json {
                try terminal.json(Report(check))
            } else if check.isLoadable {
                terminal.line("\(terminal.style("yes", .green))  \(check.path)")
                for (name, value) in facts(check) { terminal.line("     \(terminal.style(name, .dim)) \(value)") }
            } else {
                terminal.line("\(terminal.style("no", .red))  \(check.problem ?? check.path)")
            }
            guard check.isLoadable else { throw CommandFailure(.failed, "") }
        }

        /// A drop-in is checked with the library or the program that it names.
        private func check(_ path: String) async -> PluginCheck {
            guard let dropIn = DropInFile(path: path) else { return await PluginHost.check(path) }
            do {
                return try await dropIn.check(searchPath: BundledPlugins.folders)
            } catch {
                return PluginCheck(path: path, problem: error.description)
            }
        }

        private func facts(_ check: PluginCheck) -> [(String, String)] {
            let name = [check.name ?? check.id, check.version].compactMap { $0 }.joined(separator: " ")
            return [
                ("plugin      ", name),
                ("capabilities", check.capabilities.joined(separator: ", ")),
                ("built for   ", check.abi.map { "plugin ABI \($0)" } ?? ""),
                ("toolchain   ", check.toolchain ?? ""),
                (
                    "runs        ",
                    check.isOtherToolchain
                        ? "in a worker only (isolation: process): its Swift toolchain is another than the gateway's"
                        : ""
                ),
                ("program     ", check.program ?? ""),
            ]
            .filter { !$0.1.isEmpty }
        }

        private struct Report: Encodable {
            var file: String
            var isLoadable: Bool
            var problem: String?
            var id: String?
            var name: String?
            var version: String?
            var abi: String?
            var toolchain: String?
            var capabilities: [String]
            var program: String?
            var isOtherToolchain: Bool

            init(_ check: PluginCheck) {
                file = check.path
                isLoadable = check.isLoadable
                problem = check.problem
                id = check.id
                name = check.name
                version = check.version
                abi = check.abi
                toolchain = check.toolchain
                capabilities = check.capabilities
                program = check.program
                isOtherToolchain = check.isOtherToolchain
            }
        }
    }
}
