import Glibc
import PluginKit
import Synchronization

/// A worker's side of the socket: makes the plugin, then calls it as the host says.
///
/// The reading thread calls nothing of the plugin's: a plugin that blocks must not keep pings and cancels waiting.
final class WorkerServer: Sendable {
    private struct State {
        var plugin: HostedPlugin?
        /// nil while a call's task is being made.
        var calls: [UInt64: Task<Void, Never>?] = [:]
    }

    private let channel: FrameChannel
    private let services: SocketServices
    private let state = Mutex(State())
    private let toldStrays = Atomic<Int>(0)

    init(_ channel: FrameChannel) {
        self.channel = channel
        services = SocketServices(channel)
    }

    /// Serves until the host is gone.
    func serve(_ library: PluginLibrary, _ hello: Hello, id: UInt64, warnings: [String]) {
        Task { await make(library, hello, id: id, warnings: warnings) }
        _ = channel.read { (frame) throws(WireError) in try handle(frame) }
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
        case .call: try run(try frame.decode(PluginCall.self), id: frame.id)
        case .cancel: state.withLock { $0.calls[frame.id] ?? nil }?.cancel()
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
        case .hello, .ready, .reply, .service, .log, .metric, .storageChanged, .done, .stray:
            throw WireError("a \(frame.kind) from a host")
        }
    }

    private var plugin: HostedPlugin {
        get throws(WireError) {
            guard let plugin = state.withLock({ $0.plugin }) else { throw WireError("a call before there is a plugin") }
            return plugin
        }
    }

    private func run(_ call: PluginCall, id: UInt64) throws(WireError) {
        let plugin = try plugin
        state.withLock { $0.calls[id] = .some(nil) }
        let task = Task { [self] in
            do throws(PluginError) {
                send(.reply, id, try await plugin.call(call))
            } catch {
                send(.failed, id, error)
            }
            state.withLock { _ = $0.calls.removeValue(forKey: id) }
            tellStrays(of: plugin)
        }
        state.withLock { state in
            // It may have ended already.
            if state.calls[id] != nil { state.calls[id] = task }
        }
    }

    /// The host counts in its own figures what this process noticed since the last time.
    private func tellStrays(of plugin: HostedPlugin) {
        let strays = plugin.counters.strays.load(ordering: .relaxed)
        guard strays > toldStrays.load(ordering: .relaxed) else { return }
        let (told, now) = toldStrays.max(strays, ordering: .relaxed)
        for _ in told..<now { channel.send(Frame.encode(.stray)) }
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
