import Foundation
import Logging
import PluginHost
import PluginKit
import Synchronization

// Measures calls of one bundled responder, in this process and in a worker: one JSON object on standard output.
// Arguments: folder with the plugins and conductor-worker, an empty folder for its own, the drop-in, fewer rounds ("quick").

struct NoServices: HostServices {
    func log(plugin: String, level: PluginLogLevel, message: String) {}
    func storageChanged(plugin: String) {}
    func metric(plugin: String, sample: MetricSample) {}
    @concurrent
    func serve(_ request: ServiceRequest, plugin: String) async throws(PluginError) -> ServiceReply {
        throw PluginError(.unsupported, "nothing is offered here")
    }
}

/// Off the main actor, where a call would cost several times as much.
@concurrent
func measure(_ arguments: [String]) async throws {
    let (binaries, folder, dropIn) = (arguments[1], arguments[2], arguments[3])
    let rounds = arguments.contains("quick") ? 2_000 : 20_000
    let text = InboundText(
        uid: "0190", phone: "+16195550123", content: "What are your hours?", receivedAt: Timestamp(milliseconds: 0),
        sim: "8901")
    let settings = try String(contentsOfFile: dropIn, encoding: .utf8)
    let clock = ContinuousClock()
    var figures: [String: Double] = [:]

    func host(_ isolation: String) async throws -> PluginHost {
        let own = "\(folder)/\(isolation)"
        try FileManager.default.createDirectory(atPath: own + "/plugins.d", withIntermediateDirectories: true)
        try (settings + "\nisolation: \(isolation)\n").write(
            toFile: own + "/plugins.d/10-bench.yaml", atomically: true, encoding: .utf8)
        var configuration = PluginHost.Configuration(
            pluginsFolder: own + "/plugins.d", copiesFolder: own + "/copies", searchPath: [binaries], baseFolder: own)
        configuration.workerPath = binaries + "/conductor-worker"
        let host = PluginHost(
            configuration: configuration, services: NoServices(),
            logger: Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() })
        await host.start()
        if let problem = host.reports.first?.problem { throw PluginError(.internal, problem) }
        return host
    }

    for isolation in ["inproc", "process"] {
        let host = try await host(isolation)
        guard let responder = host.responders.first else { throw PluginError(.internal, "it is no responder") }
        var taken: [Double] = []
        for _ in 0..<rounds {
            let begun = clock.now
            _ = try await responder.respond(to: text)
            taken.append((clock.now - begun) / .microseconds(1))
        }
        taken.sort()
        figures["\(isolation)_median_us"] = taken[taken.count / 2]
        figures["\(isolation)_p99_us"] = taken[taken.count * 99 / 100]
        let spent = try await clock.measure {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<64 {
                    group.addTask { for _ in 0..<rounds / 16 { _ = try await responder.respond(to: text) } }
                }
                try await group.waitForAll()
            }
        }
        figures["\(isolation)_pipelined_per_s"] = Double(rounds / 16 * 64) / (spent / .seconds(1))
        if isolation == "process", let pid = host.reports[0].processID {
            figures["worker_pss_mb"] = Double(host.reports[0].memoryBytes ?? 0) / 1_048_576
            let begun = clock.now
            kill(pid, SIGKILL)
            while host.reports[0].restarts == 0 { try await Task.sleep(for: .milliseconds(1)) }
            _ = try await responder.respond(to: text)
            figures["worker_restart_ms"] = (clock.now - begun) / .milliseconds(1)
        }
        await host.stop()
    }
    let json = try JSONSerialization.data(withJSONObject: figures, options: .sortedKeys)
    FileHandle.standardOutput.write(json + Data("\n".utf8))
}

try await measure(CommandLine.arguments)
