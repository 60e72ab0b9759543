import Foundation
import PluginKit
import Synchronization
import Testing

@testable import PluginHost

@Suite(.enabled(if: CFixture.compiler != nil, "no C compiler: fixtures cannot be built"), .timeLimit(.minutes(2)))
struct CallTests {
    @Test(arguments: [[], ["OTHER_THREAD"], ["OLD_DECISION"]])
    func aPlainCResponderAnswers(macros: [String]) async throws {
        let workshop = try Workshop()
        try workshop.add("10-echo", macros)
        let host = await workshop.started()
        #expect(host.reports.map(\.problem) == [nil])
        #expect(host.responders.map(\.name) == ["10-echo"])
        let decision = try await host.responders[0].respond(to: text("grüß dich"))
        #expect(decision == .reply("10-echo: grüß dich"))
        #expect(host.reports[0].calls == 1 && host.reports[0].failures == 0)
        #expect(workshop.services.lines.withLock { $0 } == ["10-echo notice: made"])
        await host.stop()
    }

    @Test func aSecondCompletionIsCountedAndIgnored() async throws {
        let workshop = try Workshop()
        try workshop.add("10-twice", ["TWICE", "OTHER_THREAD"])
        let host = await workshop.started()
        for _ in 0..<100 { #expect(try await host.responders[0].respond(to: text("x")).text == "10-twice: x") }
        #expect(await eventually { host.reports[0].strayCompletions == 100 })
        await host.stop()
        #expect(host.reports[0].state == .stopped)
    }

    @Test func aCallThatNeverEndsIsAnsweredAtItsDeadline() async throws {
        let workshop = try Workshop()
        try workshop.add("10-never", ["NEVER"], more: "deadline_ms: 50\n")
        let host = await workshop.started()
        let began = ContinuousClock.now
        await #expect(throws: PluginError(.deadline, "the call did not end within 0.05 seconds")) {
            try await host.responders[0].respond(to: text("x"))
        }
        #expect(ContinuousClock.now - began < .seconds(5))
        #expect(host.reports[0].deadlines == 1 && host.reports[0].failures == 1)
        // It is not destroyed under its own feet.
        await host.stop()
        #expect(host.reports[0].state == .failed)
        #expect(host.reports[0].problem == "1 of its calls have not ended, so it is not stopped")
    }

    @Test func grantsDecideWhichServicesAPluginGets() async throws {
        let workshop = try Workshop()
        try workshop.add("10-mute", more: "grants: [clock]\n")
        let host = await workshop.started()
        #expect(host.reports[0].state == .running)
        #expect(workshop.services.lines.withLock { $0 } == [])
        await host.stop()
    }
}

@Suite(.enabled(if: CFixture.compiler != nil, "no C compiler: fixtures cannot be built"), .timeLimit(.minutes(2)))
struct StartTests {
    @Test func aBrokenPluginIsReportedWithItsPlaceAndTheOthersRun() async throws {
        let workshop = try Workshop()
        try workshop.add("10-storage", ["STORAGE"])
        try workshop.add(
            "20-create", ["CREATE_FAILS"], more: "settings:\n  rules:\n    - pattern: a\n    - pattern: b\n")
        try workshop.add("30-start", ["START_FAILS"])
        try workshop.add("40-hangs", ["START_HANGS"], more: "deadline_ms: 50\n")
        try workshop.add("50-slow", ["CREATE_HANGS"], more: "deadline_ms: 50\n")
        try workshop.add("60-half", ["NO_RESPOND"])
        try workshop.add("70-good")
        try workshop.write("80-off.yaml", "plugin: nothing\nenabled: false\n")
        try workshop.write("85-gone.yaml", "plugin: sqlight\n")
        try workshop.write("90-typo.yaml", "plugin: x\nenbaled: true\n")
        let host = await workshop.started()
        let reports = host.reports
        #expect(
            reports.map(\.state) == [
                .running, .refused, .failed, .failed, .refused, .refused, .running, .disabled, .refused, .refused,
            ])
        let folder = workshop.folder
        #expect(
            reports.map(\.problem) == [
                nil,
                "\(folder)/plugins.d/20-create.yaml:5:7: settings.rules[1].pattern: \"grüß\" is no pattern",
                "\(folder)/plugins.d/30-start.yaml:1:1: \(folder)/30-start.so: start failed: the moon is not up",
                "\(folder)/plugins.d/40-hangs.yaml:1:1: \(folder)/40-hangs.so: start failed: start did not end within "
                    + "0.05 seconds",
                "\(folder)/plugins.d/50-slow.yaml:1:1: \(folder)/50-slow.so: create did not return within 0.05 seconds",
                "\(folder)/plugins.d/60-half.yaml:1:1: plugin: its conductor.responder/1 lacks \"respond\"",
                nil, nil,
                "\(folder)/plugins.d/85-gone.yaml:1:1: plugin: there is no plugin \"sqlight\": no libconductor-sqlight.so "
                    + "in \(folder)",
                "\(folder)/plugins.d/90-typo.yaml:2:1: enbaled: unknown key (did you mean \"enabled\"?)",
            ])
        #expect(host.storage?.name == "10-storage")
        #expect(host.storageProblem == nil)
        #expect(try await host.responders[0].respond(to: text("x")).text == "70-good: x")
        await host.stop()
    }

    @Test func aPluginThatIsTooSlowToStartIsTriedAgainByItself() async throws {
        let workshop = try Workshop()
        try workshop.add("10-storage", ["STORAGE", "START_HANGS_ONCE"], more: "deadline_ms: 50\n")
        let host = await workshop.started { $0.restarts.longestPause = .milliseconds(50) }
        #expect(await eventually { host.storage?.name == "10-storage" })
        #expect(host.storageProblem == nil && host.reports.map(\.state) == [.running])
        #expect(host.abandoned.withLock { $0 } == ["10-storage.yaml": 1])
        await host.stop()
    }

    @Test func aPluginThatNeverStartsIsLeftAloneAfterSomeTries() async throws {
        let workshop = try Workshop()
        try workshop.add("40-hangs", ["START_HANGS"], more: "deadline_ms: 10\n")
        let host = await workshop.started { $0.restarts.longestPause = .milliseconds(10) }
        #expect(await eventually { host.abandoned.withLock { $0["40-hangs.yaml"] == 6 } })
        _ = await host.reload()
        #expect(host.abandoned.withLock { $0["40-hangs.yaml"] == 6 } && host.reports.map(\.state) == [.failed])
        await host.stop()
    }

    @Test func withTwoStoragesNeitherServes() async throws {
        let workshop = try Workshop()
        try workshop.add("10-one", ["STORAGE"])
        try workshop.add("20-two", ["STORAGE"])
        let host = await workshop.started()
        #expect(host.storage == nil)
        #expect(
            host.storageProblem
                == "2 storages are enabled (10-one.yaml and 20-two.yaml), and none of them serves: disable all but one")
        #expect(host.reports.map(\.state) == [.refused, .refused])
    }

    @Test func withoutAStorageTheProblemSaysWhy() async throws {
        let workshop = try Workshop()
        try workshop.add("10-good")
        var host = await workshop.started()
        #expect(host.storageProblem == "no storage is enabled in \(workshop.dropIns)")
        await host.stop()
        try workshop.add("05-store", ["STORAGE", "START_FAILS"])
        host = await workshop.started()
        #expect(host.storageProblem?.hasSuffix("start failed: the moon is not up") == true)
        #expect(host.responders.count == 1)
        await host.stop()
    }
}
