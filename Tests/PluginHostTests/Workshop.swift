import Foundation
import Logging
import PluginKit
import Synchronization

@testable import PluginHost

/// A folder with plugins.d and built fixtures, gone when the test ends; and a host over it.
final class Workshop: Sendable {
    let folder: String
    let services = RecordingServices()
    var dropIns: String { folder + "/plugins.d" }

    init() throws {
        folder = NSTemporaryDirectory() + "conductor-host-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: folder + "/plugins.d", withIntermediateDirectories: true)
    }

    /// The program beside the tests.
    static let workerPath = programs + "/conductor-worker"

    /// Where the tests were built, and with them the bundled plugins.
    static let programs: String = {
        let bundle = CommandLine.arguments.first { $0.contains(".xctest") } ?? ""
        return bundle.components(separatedBy: "/").prefix { !$0.hasSuffix(".xctest") }.joined(separator: "/")
    }()

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func write(_ name: String, _ text: String) throws {
        try text.write(toFile: "\(dropIns)/\(name)", atomically: true, encoding: .utf8)
    }

    /// A folder that a worker of another identity can write to.
    func open(_ name: String) throws -> String {
        try FileManager.default.createDirectory(atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
        try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: "\(folder)/\(name)")
        return "\(folder)/\(name)"
    }

    /// A built fixture and a drop-in for it.
    func add(_ name: String, _ macros: [String] = [], more: String = "") throws {
        let library = try CFixture.build(name, macros, in: folder)
        let isolation = more.contains("isolation:") ? "" : "isolation: inproc\n"
        try write("\(name).yaml", "plugin: \(library)\n\(more)\(isolation)")
    }

    /// A responder that does what texts say, in a worker unless `more` says otherwise.
    func addWild(_ name: String, _ macros: [String] = [], more: String = "deadline_ms: 5000\n") throws {
        try write("\(name).yaml", "plugin: \(try WorkerFixture.build(name, macros, in: folder))\n\(more)")
    }

    /// A worker's program whose processes of these numbers, from 0, are killed before they do anything.
    func killedWorker(_ killed: Range<Int>) throws -> String {
        let path = folder + "/killed-worker"
        let script = """
            #!/bin/bash
            echo >> \(folder)/processes
            number=$(($(wc -l < \(folder)/processes) - 1))
            if [ $number -ge \(killed.lowerBound) ] && [ $number -lt \(killed.upperBound) ]; then kill -9 $$; fi
            exec \(Workshop.workerPath) "$@"

            """
        try script.write(toFile: path, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        return path
    }

    func host(_ adjust: (inout PluginHost.Configuration) -> Void = { _ in }) -> PluginHost {
        var configuration = PluginHost.Configuration(
            pluginsFolder: dropIns, copiesFolder: folder + "/copies", searchPath: [folder], baseFolder: folder)
        configuration.workerPath = Workshop.workerPath
        configuration.restarts = Supervision.Policy(
            firstPause: .milliseconds(1), longestPause: .milliseconds(20), budget: 3, quarantineAfter: 60)
        configuration.grace = .milliseconds(100)
        adjust(&configuration)
        return PluginHost(
            configuration: configuration,
            services: services, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    func started(_ adjust: (inout PluginHost.Configuration) -> Void = { _ in }) async -> PluginHost {
        let host = host(adjust)
        await host.start()
        return host
    }
}

final class RecordingServices: HostServices {
    let lines = Mutex<[String]>([])
    let changes = Mutex(0)
    let samples = Mutex<[MetricSample]>([])
    /// What `serve` was asked, in order.
    let requests = Mutex<[ServiceRequest]>([])
    /// What it answers; nothing is offered without.
    let answer = Mutex<Answer?>(nil)

    /// A struct, since a bare closure in a `Mutex` is wrapped again by every look at it.
    struct Answer: Sendable {
        let reply: @Sendable (ServiceRequest) async throws(PluginError) -> ServiceReply
    }

    func log(plugin: String, level: PluginLogLevel, message: String) {
        lines.withLock { $0.append("\(plugin) \(level): \(message)") }
    }

    func storageChanged(plugin: String) { changes.withLock { $0 += 1 } }

    func metric(plugin: String, sample: MetricSample) { samples.withLock { $0.append(sample) } }

    @concurrent
    func serve(_ request: ServiceRequest, plugin: String) async throws(PluginError) -> ServiceReply {
        requests.withLock { $0.append(request) }
        guard let answer = answer.withLock({ $0 }) else {
            throw PluginError(.unsupported, "nothing is offered here")
        }
        return try await answer.reply(request)
    }
}

func text(_ content: String) -> InboundText {
    InboundText(
        uid: "0190-1", phone: "+10000000000", content: content, receivedAt: Timestamp(milliseconds: 1), sim: "s")
}

/// Polls until `condition` holds or ten seconds have passed.
func eventually(_ condition: () -> Bool) async -> Bool {
    let end = ContinuousClock.now.advanced(by: .seconds(10))
    while ContinuousClock.now < end {
        if condition() { return true }
        // Without it, waiting would take what the awaited needs.
        try? await Task.sleep(for: .milliseconds(1))
    }
    return condition()
}
