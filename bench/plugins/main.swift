import Foundation
import Logging
import PluginHost
import PluginKit
import Synchronization

// Measures calls of responders, in this process and in a worker: one JSON object on standard output. Beside them what
// the machine can do at that moment, since both suffer alike when it is busy.
// Arguments: folder with the plugins and conductor-worker, an empty folder for its own, the drop-in of the automatic
// reply, fewer rounds ("quick").

struct NoServices: HostServices {
    func log(plugin: String, level: PluginLogLevel, message: String) {}
    func storageChanged(plugin: String) {}
    func metric(plugin: String, sample: MetricSample) {}
    @concurrent
    func serve(_ request: ServiceRequest, plugin: String) async throws(PluginError) -> ServiceReply {
        throw PluginError(.unsupported, "nothing is offered here")
    }
}

struct Bench: Sendable {
    let binaries: String
    let folder: String
    let rounds: Int
    let clock = ContinuousClock()
    let text = InboundText(
        uid: "0190", phone: "+16195550123", content: "What are your hours?", receivedAt: Timestamp(milliseconds: 0),
        sim: "8901")

    /// A host with one plugin.
    func host(_ name: String, _ dropIn: String) async throws -> PluginHost {
        let own = "\(folder)/\(name)"
        try FileManager.default.createDirectory(atPath: own + "/plugins.d", withIntermediateDirectories: true)
        try (dropIn + "\n").write(toFile: own + "/plugins.d/10-bench.yaml", atomically: true, encoding: .utf8)
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

    /// Calls its responder, then stops the host, which waits until nobody holds the responder.
    @concurrent
    func using(_ host: PluginHost, _ body: (ResponderHandle) async throws -> Void) async throws {
        do {
            guard let responder = host.responders.first else { throw PluginError(.internal, "it is no responder") }
            try await body(responder)
        }
        await host.stop()
    }

    /// Microseconds that each call took, in order of length.
    @concurrent
    func oneByOne(_ body: () async throws -> Void) async throws -> [Double] {
        var taken: [Double] = []
        taken.reserveCapacity(rounds)
        for _ in 0..<rounds {
            let begun = clock.now
            try await body()
            taken.append((clock.now - begun) / .microseconds(1))
        }
        return taken.sorted()
    }

    /// Calls a second with 64 in flight.
    @concurrent
    func atOnce(_ responder: ResponderHandle) async throws -> Double {
        let (text, each) = (text, rounds / 16)
        let spent = try await clock.measure {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<64 {
                    group.addTask { for _ in 0..<each { _ = try await responder.respond(to: text) } }
                }
                try await group.waitForAll()
            }
        }
        return Double(each * 64) / (spent / .seconds(1))
    }

    /// The worst delay of something due every 5 ms while four calls of a plugin block for half a second each, in ms.
    @concurrent
    func worstTick(_ responder: ResponderHandle) async throws -> Double {
        var blocking = text
        blocking.content = "block"
        let calls = (0..<4).map { _ in Task { [blocking] in try await responder.respond(to: blocking) } }
        var worst = 0.0
        let begun = clock.now
        for tick in 1...80 {
            let due = begun + .milliseconds(5 * tick)
            try await Task.sleep(until: due, clock: clock)
            worst = max(worst, (clock.now - due) / .milliseconds(1))
        }
        for call in calls { _ = try await call.value }
        return worst
    }

    /// Microseconds of one round over a socket pair between two threads: a worker's call cannot be faster.
    func socketRounds() -> [Double] {
        var ends: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0 else { return [0] }
        let (near, far) = (ends[0], ends[1])
        let other = Thread {
            var bytes = [UInt8](repeating: 0, count: 128)
            while read(far, &bytes, bytes.count) > 0 { _ = write(far, bytes, bytes.count) }
            close(far)
        }
        other.start()
        defer { close(near) }
        var bytes = [UInt8](repeating: 0, count: 128)
        return (0..<rounds).map { _ in
            let begun = clock.now
            _ = write(near, bytes, bytes.count)
            _ = read(near, &bytes, bytes.count)
            return (clock.now - begun) / .microseconds(1)
        }.sorted()
    }
}

extension [Double] {
    /// Of a sorted array.
    func quantile(_ share: Double) -> Double { self[Swift.min(count - 1, Int(Double(count) * share))] }
}

/// Off the main actor, where a call would cost several times as much.
@concurrent
func measure(_ arguments: [String]) async throws {
    let bench = Bench(
        binaries: arguments[1], folder: arguments[2], rounds: arguments.contains("quick") ? 2_000 : 20_000)
    let text = bench.text
    let autoReply = try String(contentsOfFile: arguments[3], encoding: .utf8)
    var figures: [String: Double] = [:]

    figures["raw_socket_us"] = bench.socketRounds().quantile(0.5)
    figures["raw_task_us"] = try await bench.oneByOne { await Task.detached {}.value }.quantile(0.5)

    for isolation in ["inproc", "process"] {
        let host = try await bench.host(isolation, "plugin: bench-quick\nenabled: true\nisolation: \(isolation)")
        try await bench.using(host) { responder in
            let taken = try await bench.oneByOne { _ = try await responder.respond(to: text) }
            figures["\(isolation)_median_us"] = taken.quantile(0.5)
            figures["\(isolation)_p99_us"] = taken.quantile(0.99)
            figures["\(isolation)_pipelined_per_s"] = try await bench.atOnce(responder)
            guard isolation == "process", let pid = host.reports[0].processID else { return }
            figures["worker_pss_mb"] = Double(host.reports[0].memoryBytes ?? 0) / 1_048_576
            let begun = bench.clock.now
            kill(pid, SIGKILL)
            while host.reports[0].restarts == 0 { try await Task.sleep(for: .milliseconds(1)) }
            _ = try await responder.respond(to: text)
            figures["worker_restart_ms"] = (bench.clock.now - begun) / .milliseconds(1)
        }
    }

    for isolation in ["inproc", "process"] {
        try await bench.using(bench.host("auto-\(isolation)", autoReply + "\nisolation: \(isolation)")) { responder in
            figures["auto_reply_\(isolation)_median_us"] =
                try await bench.oneByOne { _ = try await responder.respond(to: text) }.quantile(0.5)
        }
    }

    let blocking = "plugin: bench-blocking\nenabled: true\nisolation: inproc"
    try await bench.using(bench.host("blocking", blocking)) { responder in
        figures["own_threads_median_us"] =
            try await bench.oneByOne { _ = try await responder.respond(to: text) }.quantile(0.5)
        figures["worst_tick_ms"] = try await bench.worstTick(responder)
    }

    let json = try JSONSerialization.data(withJSONObject: figures, options: .sortedKeys)
    FileHandle.standardOutput.write(json + Data("\n".utf8))
}

try await measure(CommandLine.arguments)
