import Foundation
import PluginKit
import Synchronization
import Testing

@testable import PluginHost

/// With the kernel's inotify.
@Suite(.enabled(if: CFixture.compiler != nil, "no C compiler: fixtures cannot be built"), .timeLimit(.minutes(2)))
struct WatchTests {
    /// A host that watches, for the time of the test.
    private func watching(_ workshop: Workshop, _ body: (PluginHost) async throws -> Void) async throws {
        let host = await workshop.started()
        let task = Task { await host.watch(settling: .milliseconds(20)) }
        #expect(await eventually { host.watcher.withLock { $0 != nil } })
        try await body(host)
        task.cancel()
        await task.value
        await host.stop()
    }

    private func shell(_ command: String, in folder: String) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-ec", command]
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
    }

    private func isOn(_ host: PluginHost) -> Bool { host.reports.contains { $0.state == .running } }

    @Test func peopleEditInTheirOwnWays() async throws {
        let workshop = try Workshop()
        try workshop.add("10-bot", more: "enabled: false\n")
        try await watching(workshop) { host in
            // As vim saves: the old one is renamed, the new one written and the old one removed.
            try shell(
                "mv 10-bot.yaml 10-bot.yaml~; sed s/false/true/ 10-bot.yaml~ > 10-bot.yaml; rm 10-bot.yaml~",
                in: workshop.dropIns)
            #expect(await eventually { isOn(host) })
            try shell("sed -i s/true/false/ 10-bot.yaml", in: workshop.dropIns)
            #expect(await eventually { !isOn(host) })
            try shell("sed s/false/true/ 10-bot.yaml > .new; mv .new 10-bot.yaml", in: workshop.dropIns)
            #expect(await eventually { isOn(host) })
            try shell("mv 10-bot.yaml 10-bot.yaml.disabled", in: workshop.dropIns)
            #expect(await eventually { host.reports.isEmpty })
            try shell("ln -s 10-bot.yaml.disabled 10-bot.yaml", in: workshop.dropIns)
            #expect(await eventually { isOn(host) })
            try shell("rm 10-bot.yaml", in: workshop.dropIns)
            #expect(await eventually { host.reports.isEmpty })
        }
    }

    @Test func aLibraryMayComeAfterItsDropInOrSlowly() async throws {
        let workshop = try Workshop()
        let library = try CFixture.build("10-late", in: workshop.folder)
        let whole = try Data(contentsOf: URL(fileURLWithPath: library))
        try workshop.write("10-late.yaml", "plugin: \(workshop.folder)/later/late.so\n")
        try await watching(workshop) { host in
            #expect(host.reports[0].problem?.hasSuffix("it is loaded as soon as it is there") == true)
            try FileManager.default.createDirectory(
                atPath: workshop.folder + "/later", withIntermediateDirectories: false)
            let target = workshop.folder + "/later/late.so"
            _ = FileManager.default.createFile(atPath: target, contents: nil)
            let file = try #require(FileHandle(forWritingAtPath: target))
            try file.write(contentsOf: whole.prefix(whole.count / 2))
            // Somebody else changes something while it is being copied.
            try workshop.write("20-other.yaml", "plugin: nothing\nenabled: false\n")
            #expect(
                await eventually { host.reports.count == 2 && host.reports[0].problem?.contains("cut off") == true })
            try file.write(contentsOf: whole.suffix(from: whole.count / 2))
            try file.close()
            #expect(await eventually { isOn(host) })
            #expect(host.reports[0].problem == nil)
        }
    }

    @Test func aBareLibraryIsNoticedAndToldWhatItNeeds() async throws {
        let workshop = try Workshop()
        try await watching(workshop) { host in
            let library = try CFixture.build("libconductor-hours", in: workshop.folder)
            try FileManager.default.copyItem(atPath: library, toPath: workshop.dropIns + "/libconductor-hours.so")
            #expect(await eventually { host.reports.map(\.state) == [.unnamed] })
            #expect(
                host.reports.first?.problem
                    == "no drop-in names this library: to use it, write \(workshop.dropIns)/50-hours.yaml with the line "
                    + "\"plugin: ./libconductor-hours.so\"")
            try workshop.write("50-hours.yaml", "plugin: ./libconductor-hours.so\n")
            #expect(await eventually { host.reports.map(\.state) == [.running] })
        }
    }

    @Test func aChangedSecretIsAChangedPlugin() async throws {
        let workshop = try Workshop()
        try workshop.add(
            "10-bot", more: "settings: {shop: {key_file: shop.key}, others: [{key_file: /nowhere/at/all}]}\n")
        try shell("echo one > shop.key", in: workshop.folder)
        try await watching(workshop) { host in
            #expect(host.reports[0].generations == 1)
            try shell("echo two > .new; mv .new shop.key", in: workshop.folder)
            #expect(await eventually { host.reports[0].generations == 2 })
            try shell("echo three > shop.key", in: workshop.folder)
            #expect(await eventually { host.reports[0].generations == 3 })
            #expect(host.reports[0].state == .running)
            // What is no secret of the settings is nobody's business.
            try shell("echo four > other.key", in: workshop.folder)
            #expect(await host.reload() == [])
            #expect(host.reports[0].generations == 3)
        }
    }

    @Test func aBundledLibraryThatIsUpgradedServesAtOnce() async throws {
        let workshop = try Workshop()
        let old = try CFixture.build("old", in: workshop.folder)
        let new = try CFixture.build("new", ["VERSION=2"], in: workshop.folder)
        try shell("cp \(old) libconductor-bundled.so", in: workshop.folder)
        try workshop.write("10-bot.yaml", "plugin: bundled\n")
        try await watching(workshop) { host in
            #expect(host.reports[0].state == .running && host.reports[0].version == "1.2.3")
            // As package managers do it.
            try shell("cp \(new) libconductor-bundled.so.new", in: workshop.folder)
            try shell("mv libconductor-bundled.so.new libconductor-bundled.so", in: workshop.folder)
            #expect(await eventually { host.reports[0].version == "2.0.0" })
            #expect(host.reports[0].generations == 2)
        }
    }

    @Test func theFolderMayBeReplacedLinkedOrComeLater() async throws {
        let workshop = try Workshop()
        try workshop.add("10-bot")
        try shell("mv plugins.d store", in: workshop.folder)
        try await watching(workshop) { host in
            #expect(host.storageProblem?.contains("cannot be read") == true)
            try shell("ln -s store plugins.d", in: workshop.folder)
            #expect(await eventually { isOn(host) })
            // Away for a moment: what runs goes on.
            try shell("rm plugins.d", in: workshop.folder)
            #expect(await eventually { host.storageProblem?.contains("cannot be read") == true })
            #expect(isOn(host))
            try shell("mkdir plugins.d", in: workshop.folder)
            #expect(await eventually { host.reports.isEmpty })
            try shell("cp store/10-bot.yaml plugins.d/", in: workshop.folder)
            #expect(await eventually { isOn(host) })
        }
    }

    @Test func pathsAreWatchedStepByStep() throws {
        let workshop = try Workshop()
        try shell("mkdir real; ln -s real link; touch real/x.so", in: workshop.folder)
        var paths = WatchedPaths()
        paths.add(file: workshop.folder + "/link/x.so")
        #expect(paths.folders[workshop.folder]?.steps == ["link", "real"])
        #expect(paths.folders[workshop.folder + "/real"]?.files == ["x.so"])
        paths.add(dropIns: workshop.folder + "/none/plugins.d")
        #expect(paths.folders[workshop.folder]?.steps == ["link", "real", "none"])
    }
}
