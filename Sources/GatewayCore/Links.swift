internal import Logging
internal import PluginHost
internal import PluginKit
internal import Synchronization

/// A signal whose receiver is known only later; signals before that are dropped, since the receiver looks for itself
/// when it starts.
final class Signal: Sendable {
    private let receiver = Mutex(Receiver())

    /// A bare closure in a `Mutex` would be wrapped twice more by every look at it: each call takes longer than the
    /// last, and in the end they overflow the stack. A struct is handed in and out as it is.
    private struct Receiver: Sendable {
        var call: (@Sendable () -> Void)?
    }

    func connect(_ receiver: @escaping @Sendable () -> Void) {
        self.receiver.withLock { $0.call = receiver }
    }

    func fire() {
        receiver.withLock { $0.call }?()
    }
}

/// Passes what came in to those who go on with it.
final class IntakeRelay: Sendable {
    private let receiver = Mutex(Receiver())

    /// A struct for the reason that `Signal` has.
    private struct Receiver: Sendable {
        var call: (@Sendable (InboundPath.Intake) async -> Void)?
    }

    func connect(_ receiver: @escaping @Sendable (InboundPath.Intake) async -> Void) {
        self.receiver.withLock { $0.call = receiver }
    }

    func pass(_ intake: InboundPath.Intake) async {
        await receiver.withLock { $0.call }?(intake)
    }
}

/// What plugins ask of the host.
final class HostLink: HostServices {
    private let logger: Logger
    private let logs: PluginLogs
    private let changes = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    private let task = Mutex<Task<Void, Never>?>(nil)
    private let metrics: PluginFigures
    private let server = Mutex<PluginServices?>(nil)

    init(logger: Logger, logs: PluginLogs, metrics: PluginFigures) {
        self.logger = logger
        self.logs = logs
        self.metrics = metrics
    }

    deinit {
        changes.continuation.finish()
    }

    /// `receiver` is called, one call at a time, after storage said that rows changed.
    func connect(_ receiver: @escaping @Sendable () async -> Void) {
        let stream = changes.stream
        task.withLock {
            $0 = Task {
                for await _ in stream { await receiver() }
            }
        }
    }

    func log(plugin: String, level: PluginLogLevel, message: String) {
        logs.add(plugin, level, message)
        let level: Logger.Level =
            switch level {
            case .debug: .debug
            case .info: .info
            case .notice: .notice
            case .warning: .warning
            case .error: .error
            }
        logger.log(level: level, "\(message)", metadata: ["plugin": "\(plugin)"])
    }

    func storageChanged(plugin: String) {
        changes.continuation.yield()
    }

    func metric(plugin: String, sample: MetricSample) {
        guard let problem = metrics.record(sample, plugin: plugin) else { return }
        logger.warning("\(problem)", metadata: ["plugin": "\(plugin)"])
    }

    @concurrent
    func serve(_ request: ServiceRequest, plugin: String) async throws(PluginError) -> ServiceReply {
        guard let server = server.withLock({ $0 }) else {
            throw PluginError(.unavailable, "the gateway is starting or stopping: ask again in a moment")
        }
        return try await server.serve(request, plugin: plugin)
    }

    /// Who serves requests from now on; nobody with nil.
    func connect(server: PluginServices?) {
        self.server.withLock { $0 = server }
    }
}
