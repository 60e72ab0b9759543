import Glibc
import PluginKit
import Synchronization

/// A worker's side of the socket: makes the plugin, then calls it as the host says.
///
/// The reading thread calls the plugin itself as long as that is quick. A plugin that blocks must not keep pings and
/// cancels waiting: see `ReadingTurn`.
final class WorkerServer: Sendable {
    private enum Call {
        /// Its task is being made.
        case starting
        /// The same, and it is to be cancelled then.
        case cancelled
        case running(Task<Void, Never>)
    }

    private struct State {
        var plugin: HostedPlugin?
        var calls: [UInt64: Call] = [:]
    }

    /// How long answers wait for those to the calls that came with theirs, nanoseconds.
    private static let gathering: Int64 = 100_000

    private let channel: FrameChannel
    private let services: SocketServices
    private let state = Mutex(State())

    init(_ channel: FrameChannel) {
        self.channel = channel
        services = SocketServices(channel)
    }

    /// Serves until the host is gone.
    func serve(_ library: PluginLibrary, _ hello: Hello, id: UInt64, warnings: [String]) {
        Task { await make(library, hello, id: id, warnings: warnings) }
        let turn = ReadingTurn { [self] (turn, number) in
            // What the thread that is kept had gathered.
            channel.release()
            if read(turn, number) { _exit(0) }
        }
        turn.appoint()
        // Not on the main thread, which the runtime takes for the main actor's.
        let isReading = DetachedThread.run { [self] in
            if read(turn, 0) { _exit(0) }
        }
        while isReading { pause() }
    }

    /// - Returns: whether the host is gone; false when another thread reads on.
    private func read(_ turn: ReadingTurn, _ number: UInt64) -> Bool {
        var gatheredSince: Int64 = 0
        let end = channel.read(turn.input, isMine: { turn.isHeld(by: number) }) { (frame) throws(WireError) in
            guard frame.kind == .call else { return try handle(frame) }
            let (plugin, call, id) = (try plugin, try frame.decode(PluginCall.self), frame.id)
            channel.hold()
            if !turn.leave(number, { run(plugin, call, id, isImmediate: true) }) {
                run(plugin, call, id, isImmediate: false)
            }
            let now = MonotonicClock.now
            guard now - gatheredSince > Self.gathering, turn.isHeld(by: number) else { return }
            gatheredSince = now
            channel.release()
        }
        return end != nil
    }

    private func make(_ library: PluginLibrary, _ hello: Hello, id: UInt64, warnings: [String]) async {
        do throws(PluginError) {
            // The host keeps the time: an answer that is late here may still be in time there.
            let plugin = try await HostedPlugin.create(
                library, name: hello.name, words: Set(hello.services), settings: hello.settings,
                baseFolder: hello.baseFolder, services: services, deadline: hello.deadline,
                patience: .seconds(1 << 30))
            state.withLock { $0.plugin = plugin }
            var ready = WorkerReady(library, warnings: warnings)
            ready.capabilities = plugin.capabilities
            ready.flaw = plugin.flaw
            send(.ready, id, ready)
        } catch {
            send(.failed, id, error)
        }
    }

    private func handle(_ frame: Frame) throws(WireError) {
        switch frame.kind {
        case .cancel: cancel(frame.id)
        case .serviceReply, .failed: try services.answered(frame)
        case .ping: channel.send(Frame.encode(.done))
        case .start:
            let (plugin, id) = (try plugin, frame.id)
            Task { [self] in
                do throws(PluginError) {
                    try await plugin.start()
                    channel.send(Frame.encode(.done, id: id))
                } catch {
                    send(.failed, id, error)
                }
            }
        case .stop:
            let (plugin, id) = (try plugin, frame.id)
            Task { [self] in
                if let problem = await plugin.stop() {
                    send(.failed, id, PluginError(.internal, problem))
                } else {
                    channel.send(Frame.encode(.done, id: id))
                }
            }
        case .hello, .call, .ready, .reply, .service, .log, .metric, .storageChanged, .done:
            throw WireError("a \(frame.kind) from a host")
        }
    }

    private var plugin: HostedPlugin {
        get throws(WireError) {
            guard let plugin = state.withLock({ $0.plugin }) else { throw WireError("a call before there is a plugin") }
            return plugin
        }
    }

    private func run(_ plugin: HostedPlugin, _ call: PluginCall, _ id: UInt64, isImmediate: Bool) {
        state.withLock { $0.calls[id] = .starting }
        let body: @Sendable () async -> Void = { [self] in
            do throws(PluginError) {
                send(.reply, id, try await plugin.call(call))
            } catch {
                send(.failed, id, error)
            }
            state.withLock { _ = $0.calls.removeValue(forKey: id) }
        }
        let task = isImmediate ? Task.immediate { await body() } : Task { await body() }
        let isCancelled = state.withLock { state in
            switch state.calls[id] {
            case nil: return false  // It has ended already.
            case .cancelled:
                state.calls[id] = .running(task)
                return true
            case .starting, .running:
                state.calls[id] = .running(task)
                return false
            }
        }
        if isCancelled { task.cancel() }
    }

    private func cancel(_ id: UInt64) {
        let task = state.withLock { state -> Task<Void, Never>? in
            switch state.calls[id] {
            case .running(let task): return task
            case .starting:
                state.calls[id] = .cancelled
                return nil
            case .cancelled, nil: return nil
            }
        }
        task?.cancel()
    }

    private func send(_ kind: FrameKind, _ id: UInt64, _ value: some WireValue) {
        let tooLong = PluginError(.internal, "the plugin's answer is longer than \(Frame.limit >> 20) MiB")
        channel.send(Frame.encode(kind, id: id, value) ?? Frame.encode(.failed, id: id, tooLong) ?? [])
    }
}

extension WorkerReady {
    init(_ library: PluginLibrary, warnings: [String]) {
        self.init(
            id: library.id, name: library.name, version: library.version,
            abi: "\(library.descriptor.prefix.abi_major).\(library.descriptor.prefix.abi_minor)",
            toolchain: library.toolchain, offers: library.capabilities, capabilities: [], flaw: nil,
            warnings: warnings)
    }
}
