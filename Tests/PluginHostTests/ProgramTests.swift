import Foundation
import PluginKit
import Synchronization
import Testing

@testable import PluginHost

/// The bundled plugin `exec`, beside the worker.
private enum ExecPlugin {
    static let folder = Workshop.workerPath.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 }
    static let isThere = FileManager.default.fileExists(atPath: folder + "/libconductor-exec.so")
}

/// Drop-ins that run programs, with the bundled plugin `exec`.
@Suite(.enabled(if: ExecPlugin.isThere, "libconductor-exec.so is not built"), .timeLimit(.minutes(2)))
struct ProgramTests {
    private static let bot = "#!/bin/sh\nwhile IFS='\t' read -r n t; do echo \"VERSION $t\"; done\n"

    /// A folder that a worker's own user may enter, as /etc/conductor/plugins.d is.
    private func workshop() throws -> Workshop {
        let workshop = try Workshop()
        for path in [workshop.folder, workshop.dropIns] { chmod(path, 0o755) }
        return workshop
    }

    private func write(_ name: String, _ text: String, mode: mode_t = 0o644, in workshop: Workshop) throws {
        try workshop.write(name, text)
        chmod(workshop.dropIns + "/" + name, mode)
    }

    private func host(_ workshop: Workshop) async -> PluginHost {
        return await workshop.started { $0.searchPath = [ExecPlugin.folder] }
    }

    private func check(_ yaml: String, in workshop: Workshop) async throws -> String {
        try workshop.write("60-bot.yaml", yaml)
        let file = try #require(DropInFile(path: workshop.dropIns + "/60-bot.yaml"))
        do {
            return try await file.check(searchPath: [ExecPlugin.folder], workerPath: Workshop.workerPath).program
                ?? "library"
        } catch {
            return "\(error)"
        }
    }

    @Test(
        "what a command lacks is said with its cure",
        arguments: [
            ("[sh, bot.sh]", "sh bot.sh"), ("[./run.sh, x]", "./run.sh x"), ("[sh, -c, \"cat gone.sh\"]", "cat gone"),
            ("[sh, gone.sh]", "60-bot.yaml:1:1: exec: there is no file FOLDER/gone.sh"),
            ("[./gone]", "exec: there is no program FOLDER/gone"),
            ("[./bot.sh]", "FOLDER/bot.sh is not executable: run `chmod +x FOLDER/bot.sh`"),
            ("[bot.sh]", "write ./bot.sh for the file in FOLDER"),
            (
                "[no-such-program, x]",
                "there is no program \"no-such-program\" in /usr/local/bin, /usr/bin, /bin; install it, or write its"
            ),
            ("{command: [sh, gone.sh], format: text}", "exec: there is no file FOLDER/gone.sh"),
        ])
    func commands(exec: String, sentence: String) async throws {
        let workshop = try workshop()
        try write("bot.sh", Self.bot, in: workshop)
        try write("run.sh", Self.bot, mode: 0o755, in: workshop)
        let result = try await check("exec: \(exec)\n", in: workshop)
        #expect(result.contains(sentence.replacingOccurrences(of: "FOLDER", with: workshop.dropIns)), "\(result)")
    }

    @Test(.enabled(if: getuid() == 0, "only root's workers have users of their own"))
    func aScriptThatTheWorkersUserCannotReachIsRefusedWithTheCure() async throws {
        let workshop = try workshop()
        try write("bot.sh", Self.bot, mode: 0o600, in: workshop)
        let yaml = "exec: {command: [sh, bot.sh], format: text}\n"
        let path = workshop.dropIns + "/bot.sh"
        #expect(try await check(yaml, in: workshop).contains("may not read \(path): run `chmod o+r \(path)`"))
        chmod(path, 0o644)
        chmod(workshop.folder, 0o700)
        let host = await host(workshop)
        let problem = try #require(host.reports[0].problem)
        #expect(problem.contains("may not enter the folder \(workshop.folder), which "), "\(problem)")
        #expect(problem.contains("run `chmod o+x \(workshop.folder)`") && host.reports[0].restarts == 0)
        chmod(workshop.folder, 0o755)
        _ = await host.reload()
        #expect(host.reports[0].state == .running, "\(host.reports[0].problem ?? "")")
        await host.stop()
    }

    @Test(arguments: ["{command: [sh, bot.sh], format: text}", "{command: [./bot.sh], format: text}"])
    func aChangedScriptIsANewGeneration(exec: String) async throws {
        let workshop = try workshop()
        func version(_ number: Int) throws {
            try write(
                "bot.sh", Self.bot.replacingOccurrences(of: "VERSION", with: "v\(number)"), mode: 0o755, in: workshop)
        }
        try version(1)
        try workshop.write("60-bot.yaml", "exec: \(exec)\n")
        let host = await host(workshop)
        let task = Task { await host.watch(settling: .milliseconds(20)) }
        #expect(await eventually { host.watcher.withLock { $0 != nil } })
        #expect(host.reports.map(\.state) == [.running], "\(host.reports[0].problem ?? "")")
        #expect(try await host.responders.first?.respond(to: text("a")).text == "v1 a")
        try version(2)
        #expect(await eventually { host.reports[0].generations == 2 })
        #expect(try await host.responders.first?.respond(to: text("b")).text == "v2 b")
        // Touched, but the same: nothing is started anew.
        try version(2)
        #expect(await host.reload().isEmpty && host.reports[0].generations == 2)
        // Gone: the old one serves on, and says so.
        try FileManager.default.removeItem(atPath: workshop.dropIns + "/bot.sh")
        #expect(await eventually { host.reports[0].problem?.contains("still serving") == true })
        #expect(try await host.responders.first?.respond(to: text("c")).text == "v2 c")
        try version(3)
        #expect(await eventually { host.reports[0].generations == 3 && host.reports[0].problem == nil })
        task.cancel()
        await task.value
        await host.stop()
    }

    @Test func aBareScriptIsNoticedAndToldWhatItNeeds() async throws {
        let workshop = try workshop()
        let host = await host(workshop)
        let task = Task { await host.watch(settling: .milliseconds(20)) }
        #expect(await eventually { host.watcher.withLock { $0 != nil } })
        try write("helper.py", "x = 1\n", in: workshop)
        try write("bot.py", "#!/usr/bin/env python3\n", in: workshop)
        #expect(await eventually { host.reports.map(\.dropIn) == ["bot.py"] })
        #expect(host.reports.first?.state == .unnamed)
        #expect(
            host.reports.first?.problem
                == "no drop-in names this program: to use it, write \(workshop.dropIns)/50-bot.yaml with the line "
                + "\"exec: [python3, bot.py]\"")
        try workshop.write("50-bot.yaml", "exec: [python3, bot.py]\nenabled: false\n")
        #expect(await eventually { host.reports.map(\.dropIn) == ["50-bot.yaml"] })
        task.cancel()
        await task.value
        await host.stop()
    }
}
