import CPluginABI
import Synchronization

/// One instance at the plugin's side: the author's value, and the calls it is serving.
final class PluginInstance: Sendable {
    /// Where a call stands; a cancel may come before its task is known.
    private enum Phase {
        case starting
        case cancelled
        case running(Task<Void, Never>)
    }

    let plugin: any Plugin
    let responder: (any Responder)?
    let notifier: (any Notifier)?
    let storage: (any Storage)?
    let directory: (any CustomerDirectory)?
    private let executor: PluginExecutor?
    private let calls = Mutex<[UInt64: Phase]>([:])

    init(_ plugin: any Plugin) {
        self.plugin = plugin
        responder = plugin as? any Responder
        notifier = plugin as? any Notifier
        storage = plugin as? any Storage
        directory = plugin as? any CustomerDirectory
        executor =
            switch type(of: plugin).execution {
            case .dedicated(let threads): PluginExecutor(threads: threads)
            case .inline: nil
            }
    }

    deinit { executor?.end() }

    static func at(_ raw: OpaquePointer) -> PluginInstance {
        Unmanaged<PluginInstance>.fromOpaque(UnsafeRawPointer(raw)).takeUnretainedValue()
    }

    /// Serves one call: `work` on the plugin's threads, then `complete`, once. The call is forgotten before it is
    /// completed, so that the host may destroy the instance from within the completion.
    func serve<Reply: Sendable>(
        _ call: UnsafePointer<conductor_call>,
        _ work: @escaping @Sendable (CallContext) async throws -> Reply,
        complete: @escaping @Sendable (Result<Reply, PluginError>) -> Void
    ) {
        let call = loadVersioned(call)
        let context = CallContext(callID: call.call_id, deadlineNanoseconds: call.deadline_ns)
        calls.withLock { $0[call.call_id] = .starting }
        let body: @Sendable () async -> Void = { [self] in
            let result: Result<Reply, PluginError>
            do {
                result = .success(try await work(context))
            } catch {
                result = .failure(PluginError(describing: error))
            }
            calls.withLock { _ = $0.removeValue(forKey: call.call_id) }
            complete(result)
        }
        let task =
            if let executor {
                Task(executorPreference: executor) { await body() }
            } else {
                Task.immediate { await body() }
            }
        let cancelledMeanwhile = calls.withLock { calls in
            switch calls[call.call_id] {
            case .starting:
                calls[call.call_id] = .running(task)
                return false
            case .cancelled:
                calls[call.call_id] = .running(task)
                return true
            case .running, nil: return false  // nil: over already
            }
        }
        if cancelledMeanwhile { task.cancel() }
    }

    func cancel(_ callID: UInt64) {
        let task = calls.withLock { calls -> Task<Void, Never>? in
            switch calls[callID] {
            case .running(let task): return task
            case .starting:
                calls[callID] = .cancelled
                return nil
            case .cancelled, nil: return nil
            }
        }
        task?.cancel()
    }
}
