import Foundation
import Glibc
import Testing

extension EndToEnd {
    /// What a programmer who is new here does, and how long it takes until a text is answered.
    @Suite("Authors") struct Authors {
        static let repository = #filePath.components(separatedBy: "/Tests/EndToEndTests/").first ?? "."

        @Test(
            "the examples answer",
            arguments: [
                ("python", ["bot.py", "60-bot.yaml"], "We are open from 9 to 6."),
                ("shell", ["bot.sh", "60-bot.yaml"], "We are open from 9 to 6."),
                ("c", ["echo.so", "60-echo.yaml"], "When are you open?"),
                ("swift", ["hours.so", "60-hours.yaml"], "We are open from 9 to 6."),
            ])
        func examples(folder: String, files: [String], answer: String) async throws {
            try await withWorld(answering: false) { world in
                // A plugin apart may run as another user, who must be able to read it.
                chmod(world.folder, 0o755)
                let example = world.folder + "/example"
                try FileManager.default.copyItem(atPath: "\(Self.repository)/Examples/\(folder)", toPath: example)
                switch folder {
                case "c":
                    try await run(
                        world, ["make", "-C", example, "INCLUDE=\(Self.repository)/CShims/CPluginABI/include"])
                case "swift": try await buildSwift(world, example)
                default: break
                }
                for file in files {
                    try FileManager.default.copyItem(atPath: "\(example)/\(file)", toPath: "\(world.plugins)/\(file)")
                }
                try await world.startGateway()
                try await expectAnswer(world, answer)
            }
        }

        /// Against the SDK alone: with caches of its own, which hold none of the repository's dependencies.
        private func buildSwift(_ world: World, _ example: String) async throws {
            for leaving in [".build", "sdk"] { try? FileManager.default.removeItem(atPath: "\(example)/\(leaving)") }
            try await run(world, ["\(Self.repository)/scripts/sdk.sh", example + "/sdk"])
            let caches = ["cache", "config", "security"].flatMap { ["--\($0)-path", "\(world.folder)/swiftpm/\($0)"] }
            try await run(
                world,
                ["swift", "build", "-c", "release", "--package-path", example, "--product", "hours", "-Xlinker", "-s"]
                    + caches)
            try await run(world, ["cp", example + "/.build/release/libhours.so", example + "/hours.so"])
        }

        @Test(
            "a new plugin answers its first text: in Swift within five minutes, else within one",
            arguments: [("python", 60.0), ("shell", 60), ("c", 60), ("swift", 300)])
        func firstPlugin(language: String, limit: Double) async throws {
            try await withWorld(answering: false) { world in
                // A plugin apart may run as another user, who must be able to read it.
                chmod(world.folder, 0o755)
                let start = now()
                let (status, output) = try await world.command(
                    "plugins", "new", "my-hours", "--kind", "responder", "--language", language, "--directory",
                    world.folder)
                #expect(status == 0, "\(output)")
                let package = world.folder + "/my-hours"
                // The commands that were printed; into this world's folder, where it says /etc.
                #expect(output.contains("make test") && output.contains("make install"))
                try await run(world, ["make", "-C", package, "test"])
                try await run(world, ["make", "-C", package, "install", "PLUGINS_D=\(world.plugins)"])
                let built = now()
                try await world.startGateway()
                try await expectAnswer(world, "We are open from 9 to 6.")
                let seconds = (now() - start) / 1000
                report(
                    "\(language): an answered text \(Int(seconds)) s after `plugins new`, \(Int((built - start) / 1000)) s "
                        + "of it to build and test")
                #expect(seconds < limit)
            }
        }

        @Test("a program that dies of a text answers the next ones, and nothing is answered twice")
        func killedProgram() async throws {
            try await withWorld(answering: false) { world in
                // A plugin apart may run as another user, who must be able to read it.
                chmod(world.folder, 0o755)
                let program = """
                    #!/bin/sh
                    tab=$(printf '\\t')
                    while IFS=$tab read -r number text; do
                        case $text in die*) kill -9 $$ ;; esac
                        echo "re: $text"
                    done

                    """
                try program.write(toFile: world.plugins + "/bot.sh", atomically: true, encoding: .utf8)
                try world.drop("60-bot", "exec: {command: [sh, bot.sh], format: text}\n")
                try await world.startGateway()
                let table = try Table(path: world.database)
                for round in 1...3 {
                    try world.text(0, from: "+16195550001", "die \(round)")
                    try await eventually("the text fails in words") {
                        let words = "bot.sh was ended by signal 9 (Killed)"
                        return world.gatewayLog.components(separatedBy: "reason=\(words)").count == round + 1
                    }
                    try world.text(0, from: "+16195557777", "still there, \(round)?")
                    try await eventually("the next is answered") {
                        try table.count("content = 're: still there, \(round)?' AND delivery_status = 'delivered'") == 1
                    }
                }
                #expect(try table.count("direction = 'inbound'") == 6)
                #expect(try table.count("direction = 'outbound'") == 3)
                let state = try await world.status().plugins.first { $0.dropIn.contains("60-bot") }?.state
                #expect(state == "running")
            }
        }

        private func expectAnswer(_ world: World, _ answer: String) async throws {
            let table = try Table(path: world.database)
            try world.text(0, from: "+16195557777", "When are you open?")
            try await eventually("it answers") {
                try table.rows(where: "direction = 'outbound' AND delivery_status = 'delivered'").map(\.content) == [
                    answer
                ]
            }
        }

        /// With this process's own PATH, which has the toolchain.
        private func run(_ world: World, _ words: [String]) async throws {
            let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
            let output = "\(world.folder)/run.out"
            let child = try ChildProcess(
                "/usr/bin/env", ["PATH=\(path)", "HOME=\(world.folder)"] + words, output: output)
            defer { child.end() }
            try await eventually("\(words[0]) ends", within: 280, every: 20) { !child.isRunning }
            guard child.status == 0 else {
                throw Failure("\(words.joined(separator: " ")):\n\(child.printed.suffix(2_000))")
            }
        }
    }
}
