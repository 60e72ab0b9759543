import Foundation
import GatewayCore
import PluginKit
import Synchronization
import Testing

@testable import conductor

@Suite struct StorageArchiveTests {
    private static func run(_ gateway: ServedGateway, _ arguments: String...) async -> Program {
        await Program.finished(
            Program.conductor, ["storage", "archive", "--before", "2099-01-01"] + arguments,
            environment: ["CONDUCTOR_SOCKET": gateway.socket])
    }

    private static func text(_ number: Int64, _ content: String = "a \"b\"\nc €😀\u{2028}", isRead: Bool = true)
        -> Message
    {
        var text = FakeGateway.inbound(number, content)
        if isRead { text.status = .read }
        return text
    }

    @Test("texts are in a private file, verified, before they leave; what is waited for stays")
    func moved() async throws {
        try await ServedGateway.with { gateway in
            gateway.fake.state.withLock { state in
                state.messages = (1...7).map { Self.text($0) } + [Self.text(8, "busy"), Self.text(9, isRead: false)]
            }
            let file = gateway.folder + "/old.jsonl"
            let trial = await Self.run(gateway, "--to", file, "--dry-run")
            #expect(trial.output.hasPrefix("8 texts would be archived"), "\(trial.errors)")
            #expect(!FileManager.default.fileExists(atPath: file))
            let run = await Self.run(gateway, "--to", file)
            #expect(run.status == 0, "\(run.errors)")
            #expect(run.output.hasPrefix("8 texts are in \(file), verified; 7 left storage\n1 of them were changed"))
            #expect(run.output.contains("1 that are as old stay"))
            #expect(Scratch.mode(file) == "600")
            #expect(!FileManager.default.fileExists(atPath: file + ".part"))
            #expect(gateway.fake.state.withLock { $0.messages.map(\.storageID) } == [8, 9])
            #expect(try ArchiveFile.verify(file).texts == 8)
            let lines = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n")
            #expect(lines.count == 10 && lines[1].contains(#""storage_id":1"#))
            // Nothing is overwritten.
            let again = await Self.run(gateway, "--to", file)
            #expect(again.status == 1 && again.errors.contains("is there already"))
        }
    }

    @Test("cut off at any moment nothing is lost: what left storage is in a whole file")
    func cutOff() async throws {
        try await ServedGateway.with { gateway in
            gateway.fake.state.withLock { state in
                state.messages = (1...3).map { Self.text($0) }
                state.refusal = GatewayError(.unavailable, "storage: it is away")
            }
            let file = gateway.folder + "/old.jsonl"
            // A command before this one was killed while it wrote.
            try "{".write(toFile: file + ".part", atomically: false, encoding: .utf8)
            let run = await Self.run(gateway, "--to", file)
            #expect(run.status == 1 && run.errors.contains("it is away"), "\(run.errors)")
            #expect(run.errors.contains("has all 3 texts; 0 have left storage"))
            #expect(try ArchiveFile.verify(file).texts == 3)
            gateway.fake.state.withLock { $0.refusal = nil }
            let rest = await Self.run(gateway, "--to", file + "2")
            #expect(rest.output.contains("3 left storage"))
            #expect(await Self.run(gateway, "--to", file + "3").output.hasPrefix("no text from before"))
            #expect(!FileManager.default.fileExists(atPath: file + "3"))
        }
    }

    @Test("an archive that was cut off or changed is no archive")
    func damaged() throws {
        let folder = Scratch.folder()
        defer { Scratch.remove(folder) }
        let head = ArchiveFile.Head(
            conductorArchive: 1, before: FakeGateway.time, takenAt: FakeGateway.time, storage: "here")
        let file = try ArchiveFile(path: folder + "/a", head: head)
        try file.add([Self.text(1), Self.text(2)])
        try file.finish()
        let whole = try String(contentsOfFile: folder + "/a", encoding: .utf8)
        for (name, text) in [
            ("cut", String(whole.dropLast(20))), ("short", whole.replacing(#""texts":2"#, with: #""texts":3"#)),
            ("changed", whole.replacing("€", with: "$")), ("longer", whole + "{}\n"), ("empty", ""),
            ("less", whole.split(separator: "\n").dropLast(1).joined(separator: "\n")),
        ] {
            try text.write(toFile: folder + "/\(name)", atomically: false, encoding: .utf8)
            #expect(throws: CommandFailure.self, "\(name)") { try ArchiveFile.verify(folder + "/\(name)") }
        }
    }
}
