import Foundation
import Glibc
import PluginKit
import Synchronization
import Testing

@testable import ScriptPlugin

/// A program in a folder of its own, as a plugin, and what it logs.
final class ScriptRig: Sendable {
    let folder = Folder()
    let plugin: ScriptPlugin
    private let log: Log

    final class Log: Sendable {
        let lines = Mutex<[String]>([])
    }

    var lines: [String] { log.lines.withLock { $0 } }

    /// - Parameter program: what stands in the file `bot`, its first line `#!…` included.
    init(
        _ program: String, format: LineFormat = .json, options: String = "{}", command: [String] = ["./bot"],
        _ change: (inout ScriptLimits) -> Void = { _ in }
    ) throws {
        let path = folder.file("bot")
        try program.write(toFile: path, atomically: false, encoding: .utf8)
        chmod(path, 0o755)
        var limits = ScriptLimits()
        change(&limits)
        let log = Log()
        self.log = log
        let host = Host(
            instanceName: "60-bot", baseFolder: folder.path,
            log: { level, line in log.lines.withLock { $0.append("\(level): \(line)") } })
        plugin = ScriptPlugin(
            host: host,
            settings: ScriptSettings(command: command, folder: folder.path, format: format, options: options),
            limits: limits)
    }

    /// With the program started, and stopped in the end.
    static func with(
        _ program: String, format: LineFormat = .json, options: String = "{}",
        _ change: (inout ScriptLimits) -> Void = { _ in }, _ body: (ScriptRig) async throws -> Void
    ) async throws {
        let rig = try ScriptRig(program, format: format, options: options, change)
        try await rig.plugin.start()
        do {
            try await body(rig)
        } catch {
            await rig.plugin.stop()
            throw error
        }
        await rig.plugin.stop()
    }

    func ask(_ content: String, uid: String = "u1") async throws -> Decision {
        try await plugin.respond(
            to: InboundText(
                uid: uid, phone: "+15005550100", content: content, receivedAt: Timestamp(milliseconds: 0), sim: "s"),
            context: CallContext())
    }

    /// Asks, and expects this answer.
    func expect(_ content: String, _ answer: String, _ location: SourceLocation = #_sourceLocation) async throws {
        let text = try await ask(content).text
        #expect(text == answer, sourceLocation: location)
    }

    /// What the program wrote to a file of its folder, once it is there.
    func read(_ name: String) async -> String {
        _ = await soon {
            (try? String(contentsOfFile: self.folder.file(name), encoding: .utf8))?.hasSuffix("\n") == true
        }
        let text = (try? String(contentsOfFile: folder.file(name), encoding: .utf8)) ?? ""
        return text.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    func logs(_ words: String) async -> Bool { await soon { self.lines.contains { $0.contains(words) } } }
}

/// False when it did not come true within ten seconds.
func soon(_ condition: @Sendable () -> Bool) async -> Bool {
    let end = ContinuousClock.now + .seconds(10)
    while !condition() {
        if ContinuousClock.now > end { return false }
        await Task.yield()
    }
    return true
}
