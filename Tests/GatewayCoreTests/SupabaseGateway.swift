import Foundation
import Logging
import ModemKit
import PluginHost
import SupabaseStandin

@testable import GatewayCore

/// A gateway without modems over a Supabase project, with the bundled plugin.
enum SupabaseGateway {
    /// Starts one over a fresh project, and stops it after `body`.
    ///
    /// - Parameter settings: more of the storage's, as `, quota: 1MB`.
    static func run(
        over contents: Standin.Contents, settings: String = "", _ body: (Gateway, Standin) async throws -> Void
    ) async throws {
        let standin = try Standin.shared()
        try standin.reset(to: contents)
        let folder = NSTemporaryDirectory() + "conductor-supabase-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.createDirectory(atPath: folder + "/plugins.d", withIntermediateDirectories: true)
        try standin.serviceKey.write(toFile: folder + "/key", atomically: true, encoding: .utf8)
        try "plugin: supabase\nsettings: {url: \"\(standin.url)\", key_file: \(folder)/key\(settings)}\n".write(
            toFile: folder + "/plugins.d/20-supabase.yaml", atomically: true, encoding: .utf8)
        let gateway = try Gateway(
            GatewayOptions(
                gateway: "g", stateFolder: folder, version: "0", policy: Policy(),
                plugins: .init(
                    pluginsFolder: folder + "/plugins.d", copiesFolder: folder + "/plugins",
                    searchPath: [PlainGateway.programs], baseFolder: folder), fleet: FleetConfiguration(useUdev: false),
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }))
        try await gateway.start()
        do {
            try await body(gateway, standin)
        } catch {
            await gateway.stop()
            throw error
        }
        await gateway.stop()
    }
}
