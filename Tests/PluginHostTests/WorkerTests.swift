import CSandbox
import Foundation
import PluginKit
import Synchronization
import Testing

@testable import PluginHost

@Suite(.enabled(if: CFixture.compiler != nil, "no C compiler: fixtures cannot be built"), .timeLimit(.minutes(2)))
struct WorkerTests {
    @Test(arguments: [
        ("null", "the plugin crashed (SIGSEGV); it is being restarted"),
        ("trap", "the plugin crashed (SIGILL); it is being restarted"),
        ("divide", "the plugin crashed (SIGFPE); it is being restarted"),
        ("exit", "the plugin ended its process (exit code 3); it is being restarted"),
        (
            "rubbish",
            "its worker sent what no worker sends (a frame of 4294967295 bytes) and was killed; it is being restarted"
        ),
    ])
    func aWorkerThatDiesFailsItsCallsAndIsBackForTheNext(word: String, sentence: String) async throws {
        let workshop = try Workshop()
        try workshop.addWild("10-wild")
        let host = await workshop.started()
        #expect(workshop.services.lines.withLock { $0 } == [])
        #expect(host.reports.map(\.problem) == [nil] && host.reports[0].isolation == .process)
        let responder = try #require(host.responders.first)
        let open = Task { try await responder.respond(to: text("never")) }
        #expect(await eventually { host.reports[0].calls == 1 })
        #expect(try await responder.respond(to: text("hello")).text == "hello")
        let error = await #expect(throws: PluginError.self) { try await responder.respond(to: text(word)) }
        #expect(error?.code == .unavailable && error?.message == sentence)
        #expect((error?.retryAfterMilliseconds ?? 0) > 0)
        // What was in flight beside it ends the same way.
        await #expect(throws: PluginError.self) { try await open.value }
        #expect(await eventually { host.reports[0].restarts == 1 && host.reports[0].state == .running })
        #expect(try await responder.respond(to: text("again")).text == "again")
        let report = host.reports[0]
        #expect(report.lastError.map { sentence.hasPrefix($0) } == true)
        #expect(report.processID != nil && (report.memoryBytes ?? 0) > 100_000)
        #expect(report.calls == 4 && report.failures == 2 && report.highLatency != nil)
        #expect(workshop.services.lines.withLock { $0.contains("10-wild error: \(sentence)") })
        await host.stop()
    }

    @Test(arguments: ["loop", "sleep", "never", "stopped"])
    func aWorkerWhoseCallsHangIsAnsweredForAndKilled(word: String) async throws {
        let workshop = try Workshop()
        try workshop.addWild("10-wild", more: "deadline_ms: 400\n")
        let host = await workshop.started()
        let responder = try #require(host.responders.first)
        await #expect(throws: PluginError(.deadline, "the call did not end within 0.4 seconds")) {
            try await responder.respond(to: text(word))
        }
        #expect(await eventually { host.reports[0].restarts == 1 })
        let isStopped = word == "stopped"
        #expect(
            host.reports[0].lastError
                == (isStopped
                    ? "its worker did not answer any more and was killed"
                    : "its calls did not end, so its worker was killed"))
        #expect(host.reports[0].deadlines == 1)
        #expect(try await responder.respond(to: text("again")).text == "again")
        await host.stop()
    }

    @Test(arguments: ["", "isolation: inproc\n"])
    func whatIsSurvivableIsSurvivedInBothIsolations(isolation: String) async throws {
        let workshop = try Workshop()
        try workshop.addWild("10-wild", more: isolation)
        let host = await workshop.started()
        let responder = try #require(host.responders.first)
        #expect(try await responder.respond(to: text("twice")).text == "twice")
        #expect(try await responder.respond(to: text("bytes")).text == "\u{FFFD}\u{FFFD} ok")
        #expect(try await responder.respond(to: text("large")).text.utf8.count == 10 << 20)
        #expect(try await responder.respond(to: text("leak")).text == "leak")
        #expect(await eventually { host.reports[0].strayCompletions == 1 })
        if isolation.isEmpty {
            #expect(try await responder.respond(to: text("pipe")).text == "EPIPE")
            let error = await #expect(throws: PluginError.self) { try await responder.respond(to: text("huge")) }
            #expect(error?.message == "the plugin's answer is longer than 64 MiB")
            _ = try await responder.respond(to: text("print"))
            #expect(await eventually { workshop.services.lines.withLock { $0.contains("10-wild notice: said aloud") } })
        }
        #expect(host.reports[0].restarts == 0 && host.reports[0].state == .running)
        await host.stop()
    }

    @Test(arguments: [
        (["CREATE_CRASHES"], PluginState.Phase.refused, "the plugin crashed (SIGABRT)"),
        (["START_CRASHES"], .failed, "start failed: the plugin crashed (SIGABRT)"),
        (["ABORT_ON_LOAD"], .refused, "loading it ends the process: the plugin crashed (SIGABRT)"),
    ])
    func aCrashOnTheWayUpIsReported(macros: [String], state: PluginState.Phase, sentence: String) async throws {
        let workshop = try Workshop()
        try workshop.addWild("10-wild", macros)
        // What crashes the host when it is loaded is found out before: in the host's place, a probe dies.
        if macros == ["ABORT_ON_LOAD"] { try workshop.addWild("20-wild", macros, more: "isolation: inproc\n") }
        let host = await workshop.started()
        for report in host.reports {
            #expect(report.state == state)
            #expect(report.problem?.hasSuffix(sentence) == true, "\(report.problem ?? "")")
        }
        await host.stop()
    }

    /// As the system does when it has no memory left: a start without the plugin would leave texts without its answer.
    @Test(arguments: [
        (killed: 0..<2, macros: [String](), isolation: "process"),  // while the library is looked at
        (1..<3, [], "process"),  // while the instance is made
        (0..<0, ["START_IS_KILLED_ONCE"], "process"),
        (0..<3, [], "inproc"),
    ])
    func aWorkerThatOthersEndOnTheWayUpBeginsAgain(
        killed: Range<Int>, macros: [String], isolation: String
    ) async throws {
        let workshop = try Workshop()
        let program = try workshop.killedWorker(killed)
        try workshop.addWild("10-wild", macros, more: "isolation: \(isolation)\n")
        let host = await workshop.started { $0.workerPath = program }
        #expect(host.reports[0].state == .running, "\(host.reports[0].problem ?? "")")
        #expect(try await host.responders.first?.respond(to: text("hello")) != nil)
        await host.stop()
    }

    @Test func whatCouldNotBeginIsTriedAgainLater() async throws {
        let workshop = try Workshop()
        let program = try workshop.killedWorker(0..<5)
        try workshop.addWild("10-wild")
        let host = await workshop.started {
            $0.workerPath = program
            $0.restarts.longestPause = .milliseconds(300)
        }
        #expect(host.reports[0].state == .refused)
        #expect(host.reports[0].problem?.contains("its worker was killed (SIGKILL)") == true)
        #expect(await eventually { host.reports[0].state == .running }, "\(host.reports[0].problem ?? "")")
        await host.stop()
    }

    @Test(arguments: [
        ("STOP_CRASHES", "stop failed: the plugin crashed (SIGABRT)"),
        ("STOP_HANGS", "stop failed: stop did not end within 0.5 seconds, so its worker was killed"),
    ])
    func stoppingEndsWhateverThePluginDoes(macro: String, sentence: String) async throws {
        let workshop = try Workshop()
        try workshop.addWild("10-wild", [macro], more: "deadline_ms: 500\n")
        let host = await workshop.started()
        let pid = try #require(host.reports[0].processID)
        await host.stop()
        #expect(host.reports[0].problem == sentence)
        #expect(await eventually { kill(pid, 0) != 0 })
    }

    @Test func aPluginThatCrashesAgainAndAgainIsLeftAlone() async throws {
        let workshop = try Workshop()
        try workshop.addWild("10-wild")
        let host = await workshop.started { $0.restarts.quarantineAfter = 4 }
        let responder = try #require(host.responders.first)
        for _ in 0..<4 {
            #expect(await eventually { host.reports[0].state == .running })
            _ = try? await responder.respond(to: text("null"))
        }
        #expect(await eventually { host.reports[0].state == .quarantined })
        let error = await #expect(throws: PluginError.self) { try await responder.respond(to: text("hello")) }
        #expect(
            error?.message
                == "the plugin crashed (SIGSEGV); that was the end number 4 in a row, so it is left alone: mend it, then "
                + "run `conductor plugins reload 10-wild`")
        #expect(host.reports[0].restarts == 3 && host.reports[0].processID == nil)
        await host.stop()
    }

    @Test func fiftyRestartsLeaveNoZombieAndNoDescriptor() async throws {
        let workshop = try Workshop()
        try workshop.addWild("10-wild")
        let host = await workshop.started { $0.restarts.longestPause = .milliseconds(1) }
        let responder = try #require(host.responders.first)
        func descriptors() throws -> Int { try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count }
        _ = try await responder.respond(to: text("hello"))
        let before = try descriptors()
        for round in 1...50 {
            _ = try? await responder.respond(to: text("exit"))
            #expect(await eventually { host.reports[0].restarts == round && host.reports[0].state == .running })
        }
        #expect(try await responder.respond(to: text("hello")).text == "hello")
        #expect(await eventually { (try? descriptors()) ?? .max <= before + 2 })
        await host.stop()
        let children = try String(contentsOfFile: "/proc/self/task/\(getpid())/children", encoding: .utf8)
        #expect(await eventually { Self.zombies() == 0 }, "\(children)")
    }

    /// Children of this process that ended and are not reaped.
    private static func zombies() -> Int {
        let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return processes.count { process in
            guard Int(process) != nil,
                let line = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
                let end = line.lastIndex(of: ")")
            else { return false }
            let words = line[end...].split(separator: " ")
            return words.count > 2 && words[1] == "Z" && words[2] == "\(getpid())"
        }
    }

    @Test func aWorkerEndsWhenItsHostHangsUp() async throws {
        let workshop = try Workshop()
        let worker = try WorkerProcess.spawn(Workshop.workerPath, environment: [])
        close(worker.socket)
        let end = worker.reap()
        #expect(end.code == PluginWorker.refusal && end.signal == 0)
        close(worker.output)
        withExtendedLifetime(workshop) {}
    }

    @Test func figuresOfAWorker() async throws {
        let workshop = try Workshop()
        try workshop.addWild("10-wild")
        let host = await workshop.started()
        let responder = try #require(host.responders.first)
        for _ in 0..<200 { _ = try await responder.respond(to: text("x")) }
        let clock = ContinuousClock()
        let pipelined = try await clock.measure {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<64 {
                    group.addTask { for _ in 0..<50 { _ = try await responder.respond(to: text("x")) } }
                }
                try await group.waitForAll()
            }
        }
        // Generous: what is slow here is broken, not slow.
        #expect(pipelined < .seconds(20))
        #expect((host.reports[0].medianLatency ?? .seconds(9)) < .seconds(1))
        await host.stop()
    }
}
