internal import Logging
internal import PluginHost
internal import PluginKit
internal import Synchronization

/// A signal whose receiver is known only later; signals before that are dropped, since the receiver looks for itself
/// when it starts.
final class Signal: Sendable {
    private let receiver = Mutex<(@Sendable () -> Void)?>(nil)

    func connect(_ receiver: @escaping @Sendable () -> Void) {
        self.receiver.withLock { $0 = receiver }
    }

    func fire() {
        receiver.withLock { $0 }?()
    }
}

/// Passes what came in to those who go on with it.
final class IntakeRelay: Sendable {
    private let receiver = Mutex<(@Sendable (InboundPath.Intake) async -> Void)?>(nil)

    func connect(_ receiver: @escaping @Sendable (InboundPath.Intake) async -> Void) {
        self.receiver.withLock { $0 = receiver }
    }

    func pass(_ intake: InboundPath.Intake) async {
        await receiver.withLock { $0 }?(intake)
    }
}

/// What plugins ask of the host.
final class HostLink: HostServices {
    private let logger: Logger
    private let changes = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    private let task = Mutex<Task<Void, Never>?>(nil)

    init(logger: Logger) {
        self.logger = logger
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
}

/// Brings events to one notifier, at its own pace.
struct NotifierFeed: Sendable {
    let notifier: NotifierHandle
    let events: AsyncStream<Event>

    func run() async {
        for await event in events {
            // Counted by the plugin host; an event is not repeated.
            try? await notifier.notify(event)
        }
    }
}
