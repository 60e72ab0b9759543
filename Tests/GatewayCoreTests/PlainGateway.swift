import Foundation
import Logging
import ModemKit
import PluginHost

@testable import GatewayCore

/// A gateway without modems in a folder of its own, with the bundled plugins that its drop-ins name.
final class PlainGateway {
    /// Where the tests were built, and with them the bundled plugins.
    static let programs: String = {
        let bundle = CommandLine.arguments.first { $0.contains(".xctest") } ?? ""
        return bundle.components(separatedBy: "/").prefix { !$0.hasSuffix(".xctest") }.joined(separator: "/")
    }()

    let folder: String

    init() throws {
        folder = NSTemporaryDirectory() + "conductor-plain-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder + "/plugins.d", withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// Drop-ins `10-first` and `20-second`, each with a file of SQLite; the first is enabled.
    static func withTwoFiles() throws -> PlainGateway {
        let plain = try PlainGateway()
        try plain.drop("10-first", "plugin: sqlite\nenabled: true\nsettings: {path: first.db}\n")
        try plain.drop("20-second", "plugin: sqlite\nenabled: false\nsettings: {path: second.db}\n")
        return plain
    }

    func drop(_ name: String, _ text: String) throws {
        try text.write(toFile: "\(folder)/plugins.d/\(name).yaml", atomically: true, encoding: .utf8)
    }

    var options: GatewayOptions {
        GatewayOptions(
            gateway: "g", stateFolder: folder, version: "0", policy: Policy(),
            plugins: .init(
                pluginsFolder: folder + "/plugins.d", copiesFolder: folder + "/plugins", searchPath: [Self.programs],
                baseFolder: folder), fleet: FleetConfiguration(useUdev: false),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    /// Runs one until `body` ends.
    func run(_ body: (Gateway) async throws -> Void) async throws {
        let gateway = try Gateway(options)
        do {
            try await gateway.start()
            try await body(gateway)
        } catch {
            await gateway.stop()
            throw error
        }
        await gateway.stop()
    }

    /// Which files of the folder have these octets anywhere.
    func files(with words: String...) throws -> Set<String> {
        var found: Set<String> = []
        for name in try FileManager.default.subpathsOfDirectory(atPath: folder) where !name.hasPrefix("plugins/") {
            guard let data = FileManager.default.contents(atPath: "\(folder)/\(name)") else { continue }
            for word in words where data.range(of: Data(word.utf8)) != nil { found.insert(name) }
        }
        return found
    }
}

/// Looks until it holds, for half a minute at most: files and projects tell nobody when they change.
func reached(_ condition: () throws -> Bool) async throws -> Bool {
    let end = ContinuousClock.now + .seconds(30)
    while try !condition() {
        if ContinuousClock.now > end { return false }
        try await Task.sleep(for: .milliseconds(10))
    }
    return true
}
