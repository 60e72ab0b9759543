import Foundation
import GRDB
import Logging
import ModemKit
import PluginHost
import PluginKit
import SupabaseStandin
import Testing

@testable import GatewayCore

/// A gateway over Supabase tables that nobody has migrated: they have no place for consent.
@Suite(.enabled(if: Standin.isPossible), .timeLimit(.minutes(2)))
struct ConsentWithoutPlaceTests {
    /// Where the tests were built, and with them the bundled plugins.
    private static let programs: String = {
        let bundle = CommandLine.arguments.first { $0.contains(".xctest") } ?? ""
        return bundle.components(separatedBy: "/").prefix { !$0.hasSuffix(".xctest") }.joined(separator: "/")
    }()

    @Test("B10: what storage has no place for stays in the journal, with an alarm; texts go on, and it follows later")
    func consent() async throws {
        let standin = try Standin.shared()
        try standin.reset(to: .oldTables)
        let folder = NSTemporaryDirectory() + "conductor-consent-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.createDirectory(atPath: folder + "/plugins.d", withIntermediateDirectories: true)
        try standin.serviceKey.write(toFile: folder + "/key", atomically: true, encoding: .utf8)
        try "plugin: supabase\nsettings: {url: \"\(standin.url)\", key_file: \(folder)/key}\n".write(
            toFile: folder + "/plugins.d/20-supabase.yaml", atomically: true, encoding: .utf8)
        let gateway = try Gateway(
            GatewayOptions(
                gateway: "g", stateFolder: folder, version: "0", policy: Policy(),
                plugins: .init(
                    pluginsFolder: folder + "/plugins.d", copiesFolder: folder + "/plugins",
                    searchPath: [Self.programs],
                    baseFolder: folder), fleet: FleetConfiguration(useUdev: false),
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }))
        try await gateway.start()
        _ = try await gateway.addOptOut(.init(number: "+16195550101", reason: "asked", by: "test"))
        #expect(await reached { gateway.alarms.all.contains { $0.kind == "consent.local" } })
        #expect(try gateway.journal.read { try $0.first("SELECT stored FROM consent")?["stored"] } == Int64(0))
        // It is no outage.
        #expect(!gateway.alarms.all.contains { $0.kind == "storage.down" })
        await gateway.stop()
    }

    private func reached(_ condition: () -> Bool) async -> Bool {
        let end = ContinuousClock.now + .seconds(20)
        while !condition() {
            if ContinuousClock.now > end { return false }
            await Task.yield()
        }
        return true
    }
}
