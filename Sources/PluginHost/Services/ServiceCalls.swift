import Glibc
import PluginKit
import Synchronization

/// The requests of one instance that the host has not answered yet. Each is completed once; none after `end`.
final class ServiceCalls: Sendable {
    /// More at once are refused: a plugin that asks without waiting must not fill the host's memory.
    static let limit = 256
    /// How long a request without a deadline may take.
    private static let patience: Int64 = 60_000_000_000

    /// A cancel may come before the task is known.
    fileprivate enum Work {
        case starting, cancelled
        case running(Task<Void, Never>)
    }

    /// One request, and its completion at the plugin.
    final class Call: PendingCall {
        let id: UInt64
        let deadline: Int64
        let complete: @Sendable (Result<ServiceReply, PluginError>) -> Void
        private let work = Mutex(Work.starting)
        private let onExpiry: @Sendable (Call) -> Void

        fileprivate init(
            id: UInt64, deadline: Int64, complete: @escaping @Sendable (Result<ServiceReply, PluginError>) -> Void,
            onExpiry: @escaping @Sendable (Call) -> Void
        ) {
            self.id = id
            self.deadline = deadline
            self.complete = complete
            self.onExpiry = onExpiry
        }

        func expire() { onExpiry(self) }
        func settled(late: Bool) {}

        fileprivate func run(_ task: Task<Void, Never>) {
            let isCancelled = work.withLock { work in
                defer { work = .running(task) }
                if case .cancelled = work { return true }
                return false
            }
            if isCancelled { task.cancel() }
        }

        fileprivate func cancel() {
            let task = work.withLock { work -> Task<Void, Never>? in
                if case .running(let task) = work { return task }
                work = .cancelled
                return nil
            }
            task?.cancel()
        }
    }

    private struct State {
        var open: [UInt64: Call] = [:]
        /// Completions that the plugin is being called with.
        var completing = 0
        var hasEnded = false
    }

    private let state = Mutex(State())
    /// Of `CallTable`.
    private let owner: UInt64

    init(owner: UInt64) { self.owner = owner }

    /// Serves a request with `work`, and completes it: with its reply, when its deadline comes, or when all ends.
    ///
    /// - Parameters:
    ///   - id: the plugin's.
    ///   - deadline: `CLOCK_MONOTONIC` nanoseconds; 0 for the host's own limit.
    ///   - least: what the host's own limit is at least, in nanoseconds.
    func serve(
        id: UInt64, deadline: Int64, least: Int64 = 0,
        complete: @escaping @Sendable (Result<ServiceReply, PluginError>) -> Void,
        _ work: @escaping @Sendable () async throws(PluginError) -> ServiceReply
    ) {
        let end = deadline > 0 ? deadline : MonotonicClock.now + max(Self.patience, least)
        let call = Call(
            id: id, deadline: end, complete: complete,
            onExpiry: { [self] call in
                finish(call, .failure(PluginError(.deadline, "the host did not answer in time")))
                call.cancel()
            })
        let refusal = state.withLock { state -> PluginError? in
            if state.hasEnded { return PluginError(.unavailable, "the plugin is being stopped") }
            if state.open[id] != nil { return PluginError(.invalid, "the call id \(id) is in use") }
            if state.open.count >= Self.limit {
                return PluginError(.unavailable, "\(Self.limit) requests are on their way already")
            }
            state.open[id] = call
            return nil
        }
        if let refusal { return complete(.failure(refusal)) }
        let token = CallTable.shared.makeToken(owner: owner)
        CallTable.shared.insert(call, token: token)
        let task = Task { [self] in
            let result: Result<ServiceReply, PluginError>
            do throws(PluginError) {
                result = .success(try await work())
            } catch {
                result = .failure(error)
            }
            CallTable.shared.withdraw(token)
            finish(call, result)
        }
        call.run(task)
    }

    /// The plugin does not wait any more: the work is told to give up.
    func cancel(_ id: UInt64) {
        state.withLock { $0.open[id] }?.cancel()
    }

    /// Completes what is open as cancelled and takes nothing more; after it, no completion comes.
    ///
    /// - Returns: false when a completion of the plugin's has not returned within a second.
    func end() -> Bool {
        let open = state.withLock { state in
            state.hasEnded = true
            return Array(state.open.values)
        }
        for call in open {
            finish(call, .failure(PluginError(.cancelled, "the plugin is being stopped")))
            call.cancel()
        }
        let patience = MonotonicClock.now + 1_000_000_000
        while state.withLock({ $0.completing > 0 }) {
            guard MonotonicClock.now < patience else { return false }
            usleep(200)
        }
        return true
    }

    private func finish(_ call: Call, _ result: Result<ServiceReply, PluginError>) {
        let isFirst = state.withLock { state in
            guard state.open[call.id] === call else { return false }
            state.open[call.id] = nil
            state.completing += 1
            return true
        }
        guard isFirst else { return }
        call.complete(result)
        state.withLock { $0.completing -= 1 }
    }
}
