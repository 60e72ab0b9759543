import Foundation
import PluginKit
import Synchronization
import Testing

@testable import PluginHost

@Suite(.enabled(if: CFixture.compiler != nil, "no C compiler: fixtures cannot be built"), .timeLimit(.minutes(2)))
struct ReloadTests {
    @Test func aNewVersionServesAndTheOldOneEndsWithItsCalls() async throws {
        let workshop = try Workshop()
        try workshop.add("10-bot", ["VERSION=1", "OTHER_THREAD", "SLOW=200"])
        let host = await workshop.started()
        // The chain of one text, taken before the switch.
        let old = host.responders[0]
        async let answer = old.respond(to: text("first"))
        _ = try CFixture.build("10-bot", ["VERSION=2"], in: workshop.folder)
        #expect(await host.reload() == ["10-bot.yaml: 2.0.0 serves instead of 1.0.0"])
        #expect(try await host.responders[0].respond(to: text("x")).text == "10-bot 2: x")
        #expect(try await answer.text == "10-bot 1: first")
        // Held, it is not stopped: the text that it was taken for ends where it began.
        #expect(try await old.respond(to: text("y")).text == "10-bot 1: y")
        #expect(host.reports[0].generations == 2 && host.reports[0].version == "2.0.0")
        #expect(await host.reload() == [])
        #expect(await host.reload(again: "10-bot.yaml") == ["10-bot.yaml: 2.0.0 was loaded anew and serves"])
        #expect(host.reports[0].calls == 3)
    }

    @Test func aBrokenVersionLeavesTheOldOneServing() async throws {
        let workshop = try Workshop()
        try workshop.add("10-bot", ["VERSION=1"])
        let host = await workshop.started()
        let library = workshop.folder + "/10-bot.so"
        let whole = try Data(contentsOf: URL(fileURLWithPath: library))
        func expectOld(_ problem: String) async throws {
            _ = await host.reload()
            let report = host.reports[0]
            #expect(report.state == .running && report.version == "1.0.0")
            #expect(report.problem?.contains(problem) == true, "\(report.problem ?? "none")")
            #expect(report.problem?.hasSuffix("; still serving 1.0.0") == true)
            #expect(report.problem?.hasPrefix(workshop.dropIns + "/10-bot.yaml:") == true)
            #expect(try await host.responders[0].respond(to: text("x")).text == "10-bot 1: x")
        }
        try Data("garbage".utf8).write(to: URL(fileURLWithPath: library))
        try await expectOld("it is a text file, no shared library")
        // A copy that is under way.
        try whole.prefix(whole.count / 2).write(to: URL(fileURLWithPath: library))
        try await expectOld("it is cut off")
        try FileManager.default.removeItem(atPath: library)
        try await expectOld("it is loaded as soon as it is there")
        _ = try CFixture.build("10-bot", ["VERSION=2", "START_FAILS"], in: workshop.folder)
        try await expectOld("start failed: the moon is not up")
        try workshop.write("10-bot.yaml", "plugin: \(library)\nenabeld: true\n")
        try await expectOld("unknown key (did you mean \"enabled\"?)")
        try workshop.write("10-bot.yaml", "plugin: \(library)\n")
        _ = try CFixture.build("10-bot", ["VERSION=3"], in: workshop.folder)
        _ = await host.reload()
        #expect(host.reports[0].problem == nil && host.reports[0].version == "3.0.0")
        let lines = host.logs.lines(of: "10-bot").map(\.message)
        #expect(lines.first == "1.0.0 serves" && lines.last == "3.0.0 serves instead of 1.0.0")
        await host.stop()
    }

    @Test func theCopyOfAStorageOnStandbyStaysUntilThatEnds() async throws {
        let workshop = try Workshop()
        let host = await workshop.started { $0.searchPath = [Workshop.programs] }
        try workshop.write("20-texts.yaml", "plugin: sqlite\nenabled: false\nsettings: {path: texts.db}\n")
        func copies() throws -> [String] {
            try FileManager.default.contentsOfDirectory(atPath: host.configuration.copiesFolder)
                .filter { $0.hasSuffix(".so") }
        }
        _ = await host.reload()
        #expect((try? copies()) ?? [] == [])
        let file = try DropInFile.find("texts", in: workshop.dropIns)
        // However many looks at plugins.d there are meanwhile: each sweeps.
        try await withThrowingTaskGroup { group in
            group.addTask { for _ in 0..<20 { _ = await host.reload() } }
            for _ in 0..<3 {
                group.addTask {
                    let standby = try await host.standby(file)
                    _ = try await standby.handle.health()
                    await standby.end()
                }
            }
            try await group.waitForAll()
        }
        let standby = try await host.standby(file)
        _ = await host.reload()
        #expect(try copies().count == 1)
        await standby.end()
        _ = await host.reload()
        #expect(try copies() == [])
        await host.stop()
    }

    @Test func dropInsComeGoAndChangeTheirOrder() async throws {
        let workshop = try Workshop()
        try workshop.add("20-b")
        let host = await workshop.started()
        try workshop.add("10-a")
        _ = await host.reload()
        #expect(host.responders.map(\.name) == ["10-a", "20-b"])
        try FileManager.default.moveItem(
            atPath: workshop.dropIns + "/10-a.yaml", toPath: workshop.dropIns + "/30-a.yaml")
        _ = await host.reload()
        #expect(host.responders.map(\.name) == ["20-b", "30-a"])
        try workshop.write("20-b.yaml", "plugin: \(workshop.folder)/20-b.so\nenabled: false\n")
        #expect(await host.reload() == ["20-b.yaml: it is disabled, and does not serve"])
        #expect(host.responders.map(\.name) == ["30-a"])
        #expect(host.reports.map(\.state) == [.disabled, .running])
        await host.stop()
    }

    @Test func theStorageThatServesStays() async throws {
        let workshop = try Workshop()
        let host = await workshop.started()
        let storage = host.standingStorage
        await #expect(throws: PluginError(.unavailable, "no storage is enabled in \(workshop.dropIns)")) {
            try await storage.put([])
        }
        // The first one serves without a restart, through the handle that was there before.
        try workshop.add("10-one", ["STORAGE"])
        _ = await host.reload()
        try await storage.put([])
        #expect(host.storage?.name == "10-one" && host.storageProblem == nil)
        // A second one does not serve beside it.
        try workshop.add("20-two", ["STORAGE"])
        _ = await host.reload()
        #expect(host.reports.map(\.state) == [.running, .refused])
        #expect(
            host.storageProblem == "2 storages are enabled: 10-one.yaml serves on, 20-two.yaml does not")
        // Once the first one is switched off, it serves.
        try workshop.write("10-one.yaml", "plugin: \(workshop.folder)/10-one.so\nenabled: false\n")
        _ = await host.reload()
        #expect(host.storage?.name == "20-two" && host.storageProblem == nil)
        #expect(host.reports.map(\.state) == [.disabled, .running])
        try await storage.put([])
        // With none enabled it serves on.
        try workshop.write("20-two.yaml", "plugin: \(workshop.folder)/20-two.so\nenabled: false\n")
        _ = await host.reload()
        try await storage.put([])
        #expect(host.reports.map(\.state) == [.disabled, .running])
        #expect(
            host.storageProblem?.hasPrefix("20-two.yaml is disabled, but no other storage is enabled") == true)
        // What was renamed is the same.
        try FileManager.default.removeItem(atPath: workshop.dropIns + "/20-two.yaml")
        try workshop.write("05-one.yaml", "plugin: \(workshop.folder)/10-one.so\nsettings: {a: 1}\n")
        _ = await host.reload()
        #expect(host.storage?.name == "05-one" && host.storageProblem == nil)
        #expect(host.reports.map(\.state) == [.running, .disabled])
        try await storage.put([])
        await host.stop()
        await #expect(throws: PluginError(.unavailable, "the plugins are stopped")) { try await storage.put([]) }
    }

    @Test func workForOneStorageGoesToThatOneThoughAnotherServesMeanwhile() async throws {
        let workshop = try Workshop()
        try workshop.add("10-one", ["STORAGE"])
        let host = await workshop.started()
        var work = host.servingStorage
        let first = try #require(work).serial
        _ = try CFixture.build("20-two", ["STORAGE", "LOCATION=\"there\""], in: workshop.folder)
        try FileManager.default.removeItem(atPath: workshop.dropIns + "/10-one.yaml")
        try workshop.write("20-two.yaml", "plugin: \(workshop.folder)/20-two.so\n")
        _ = await host.reload()
        #expect(host.storage?.name == "20-two")
        #expect(try await work?.handle.health().location == "nowhere")
        work = host.servingStorage
        #expect(try await work?.handle.health().location == "there" && work?.serial != first)
        work = nil
        await host.stop()
    }

    @Test func aStorageMovesToAnotherPlaceWhileTheGatewayRuns() async throws {
        let workshop = try Workshop()
        try workshop.add("10-one", ["STORAGE"])
        let host = await workshop.started()
        _ = try CFixture.build("10-one", ["STORAGE", "VERSION=2", "LOCATION=\"there\""], in: workshop.folder)
        try workshop.write("10-one.yaml", "plugin: \(workshop.folder)/10-one.so\nsettings: {path: there}\n")
        _ = await host.reload()
        #expect(host.reports[0].version == "2.0.0" && host.reports[0].problem == nil)
        #expect(try await host.storage?.health().location == "there")
        await host.stop()
    }

    @Test func librariesInMemoryAreBounded() async throws {
        let workshop = try Workshop()
        try workshop.add("10-bot", ["VERSION=1"])
        let host = workshop.host { $0.libraryLimit = 2 }
        await host.start()
        for version in 2...3 {
            _ = try CFixture.build("10-bot", ["VERSION=\(version)"], in: workshop.folder)
            _ = await host.reload()
        }
        #expect(host.reports[0].version == "2.0.0")
        #expect(host.reports[0].problem?.contains("2 different libraries were loaded") == true)
        // One that is in memory already costs nothing.
        _ = try CFixture.build("10-bot", ["VERSION=1"], in: workshop.folder)
        _ = await host.reload()
        #expect(host.reports[0].version == "1.0.0" && host.reports[0].problem == nil)
        await host.stop()
    }
}
