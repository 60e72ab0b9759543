import CSandbox
import Glibc
import PluginKit
import Synchronization

/// One life of a worker: from its start to its end, with the calls it owes. A restart is another life.
///
/// Calls are entries of the `CallTable` like those of plugins in this process; the token is the frame's id. An answer to
/// another life's token is an answer to nothing.
final class WorkerLife: Sendable {
    typealias Outcome<Reply: Sendable> = Result<Reply, PluginError>

    /// What a life needs of the plugin it belongs to.
    struct Surroundings: Sendable {
        var name: String
        var services: any HostServices
        var counters: CallCounters
        /// The life is over, and why; says what its open calls fail with. On its reading thread.
        var ended: @Sendable (WorkerLife, WorkerEnd) -> PluginError
    }

    private struct State {
        /// Why the host killed it.
        var killedBecause: String?
        /// How it ended.
        var end: WorkerEnd?
        /// Host services at work for the plugin.
        var services: [UInt64: Task<Void, Never>?] = [:]
        /// Whether a doubt about it is being looked into, since when so many answers had come.
        var doubtedAt: Int?
        var didPong = false
    }

    /// Requests of a plugin that the host works on at a time.
    private static let serviceLimit = 256

    let process: WorkerProcess
    private let channel: FrameChannel
    private let owner: UInt64
    private let surroundings: Surroundings
    private let answers = Atomic<Int>(0)
    private let state = Mutex(State())

    /// Starts a process and listens to it.
    static func begin(
        program: String, environment: [String], surroundings: Surroundings
    ) async throws(PluginError) -> WorkerLife {
        let result: Result<WorkerProcess, LoadFailure> = await withUnsafeContinuation { continuation in
            SpawnerThread.shared.run {
                do throws(LoadFailure) {
                    continuation.resume(
                        returning: .success(try WorkerProcess.spawn(program, environment: environment)))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        }
        let process: WorkerProcess
        do throws(LoadFailure) {
            process = try result.get()
        } catch {
            throw PluginError(.unavailable, error.description, retryAfterMilliseconds: FirstTries.soon)
        }
        let life = WorkerLife(process, surroundings)
        guard DetachedThread.run({ life.serve() }) else {
            _ = process.reap()
            throw PluginError(
                .unavailable, "the system gives no thread", retryAfterMilliseconds: FirstTries.soon)
        }
        return life
    }

    private init(_ process: WorkerProcess, _ surroundings: Surroundings) {
        self.process = process
        self.surroundings = surroundings
        owner = CallTable.shared.makeOwner(surroundings.counters)
        let lines = OutputLines(name: surroundings.name, services: surroundings.services)
        channel = FrameChannel(
            socket: process.socket, peer: process.pidfd,
            side: FrameChannel.Sidestream(descriptor: process.output) { lines.take($0) })
    }

    // MARK: Asking

    /// Sends a frame and waits for the answer to it, the deadline, or the caller's cancellation.
    ///
    /// - Parameters:
    ///   - frame: makes the frame for an id; nil when it is too long.
    ///   - onExpiry: what the caller is told at the deadline.
    ///   - onSettled: the worker owes nothing for this any more.
    func ask<Reply: Sendable>(
        for reply: Reply.Type, deadline: Int64, onExpiry: @escaping @Sendable () -> PluginError,
        onSettled: @escaping @Sendable () -> Void, frame: (UInt64) -> [UInt8]?
    ) async -> Outcome<Reply> {
        let token = CallTable.shared.makeToken(owner: owner)
        let pending = Pending<Reply>(
            deadline: deadline, tellPlugin: { [channel] in channel.send(Frame.encode(.cancel, id: token)) },
            onExpiry: onExpiry, onSettled: { _ in onSettled() })
        return await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                pending.wait(with: continuation)
                CallTable.shared.insert(pending, token: token)
                if let frame = frame(token) {
                    if !channel.send(frame) {
                        refuse(
                            pending, token,
                            PluginError(
                                .unavailable, "its worker has ended, or takes nothing",
                                retryAfterMilliseconds: FirstTries.soon))
                    }
                } else {
                    refuse(pending, token, PluginError(.invalid, "the request is longer than \(Frame.limit >> 20) MiB"))
                }
                pending.handedOver()
            }
        } onCancel: {
            pending.cancel()
        }
    }

    private func refuse(_ pending: some PendingCall, _ token: UInt64, _ error: PluginError) {
        // Not there any more: the end of the life has answered it.
        guard CallTable.shared.withdraw(token) else { return }
        pending.settled(late: false)
        pending.fail(error)
    }

    /// How its process ended; nil while it runs.
    var end: WorkerEnd? { state.withLock { $0.end } }

    /// Ends the process now. Any thread, more than once.
    func kill(because reason: String) {
        state.withLock { state in
            if state.killedBecause == nil { state.killedBecause = reason }
        }
        process.kill()
    }

    /// A call has not ended in time: unless the worker shows within `grace` that others do, it is killed.
    func doubt(grace: Duration) {
        let isNew = state.withLock { state in
            guard state.doubtedAt == nil, state.end == nil else { return false }
            state.doubtedAt = answers.load(ordering: .relaxed)
            state.didPong = false
            return true
        }
        guard isNew else { return }
        let token = CallTable.shared.makeToken(owner: owner)
        let check = Pending<Void>(
            deadline: MonotonicClock.deadline(after: grace), tellPlugin: {},
            onExpiry: { [weak self] in
                CallTable.shared.withdraw(token)
                self?.settleDoubt()
                return PluginError(.deadline, "")
            }, onSettled: { _ in })
        CallTable.shared.insert(check, token: token)
        channel.send(Frame.encode(.ping))
    }

    private func settleDoubt() {
        let verdict = state.withLock { state -> String? in
            guard let before = state.doubtedAt else { return nil }
            state.doubtedAt = nil
            if !state.didPong { return "its worker did not answer any more and was killed" }
            guard before == answers.load(ordering: .relaxed) else { return nil }
            return "its calls did not end, so its worker was killed"
        }
        if let verdict { kill(because: verdict) }
    }

    // MARK: Listening

    private func serve() {
        let end = channel.read { (frame) throws(WireError) in try handle(frame) }
        channel.shut()
        if case .malformed = end { process.kill() }
        let status = process.reap()
        let (why, tasks) = state.withLock { state in
            let why: WorkerEnd =
                if let reason = state.killedBecause {
                    WorkerEnd(because: reason)
                } else if case .malformed(let what) = end {
                    WorkerEnd(malformed: what)
                } else {
                    WorkerEnd(status)
                }
            state.end = why
            return (why, state.services.values.compactMap { $0 })
        }
        for task in tasks { task.cancel() }
        CallTable.shared.end(owner: owner, with: surroundings.ended(self, why))
    }

    private func handle(_ frame: Frame) throws(WireError) {
        switch frame.kind {
        case .reply:
            let reply = try frame.decode(PluginReply.self)
            answers.wrappingAdd(1, ordering: .relaxed)
            if isOwn(frame.id) {
                CallTable.shared.take(frame.id, as: Pending<PluginReply>.self)?.resolve(.success(reply))
            }
        case .failed:
            let error = try frame.decode(PluginError.self)
            answers.wrappingAdd(1, ordering: .relaxed)
            if isOwn(frame.id) { CallTable.shared.take(frame.id)?.fail(error) }
        case .done:
            if frame.id == 0 {
                state.withLock { $0.didPong = true }
            } else if isOwn(frame.id) {
                CallTable.shared.take(frame.id, as: Pending<Void>.self)?.resolve(.success(()))
            }
        case .ready:
            let ready = try frame.decode(WorkerReady.self)
            if isOwn(frame.id) {
                CallTable.shared.take(frame.id, as: Pending<WorkerReady>.self)?.resolve(.success(ready))
            }
        case .service: serve(try frame.decode(ServiceRequest.self), id: frame.id)
        case .cancel: state.withLock { $0.services[frame.id] ?? nil }?.cancel()
        case .log:
            let line = try frame.decode(WorkerLogLine.self)
            surroundings.services.log(plugin: surroundings.name, level: line.level, message: line.message)
        case .metric:
            surroundings.services.metric(plugin: surroundings.name, sample: try frame.decode(MetricSample.self))
        case .storageChanged: surroundings.services.storageChanged(plugin: surroundings.name)
        case .stray: surroundings.counters.add(surroundings.counters.strays)
        case .hello, .start, .stop, .call, .ping, .serviceReply: throw WireError("a \(frame.kind) from a worker")
        }
    }

    private func isOwn(_ token: UInt64) -> Bool {
        let isOwn = CallTable.isOwned(token, by: owner)
        if !isOwn { surroundings.counters.add(surroundings.counters.strays) }
        return isOwn
    }

    // MARK: Serving the plugin

    private func serve(_ request: ServiceRequest, id: UInt64) {
        let isTaken = state.withLock { state in
            guard state.services.count < Self.serviceLimit, state.services[id] == nil else { return false }
            state.services[id] = .some(nil)
            return true
        }
        guard isTaken else {
            return answer(id, .failure(PluginError(.unavailable, "too many requests at a time")))
        }
        let task = Task { [self] in
            var outcome: Outcome<ServiceReply>
            do throws(PluginError) {
                outcome = .success(try await surroundings.services.serve(request, plugin: surroundings.name))
            } catch {
                outcome = .failure(error)
            }
            state.withLock { _ = $0.services.removeValue(forKey: id) }
            answer(id, outcome)
        }
        let isOver = state.withLock { state in
            // It may have ended already.
            if state.services[id] != nil { state.services[id] = task }
            return state.end != nil
        }
        if isOver { task.cancel() }
    }

    private func answer(_ id: UInt64, _ outcome: Outcome<ServiceReply>) {
        let frame: [UInt8]? =
            switch outcome {
            case .success(let reply): Frame.encode(.serviceReply, id: id, reply)
            case .failure(let error): Frame.encode(.failed, id: id, error)
            }
        channel.send(
            frame ?? Frame.encode(.failed, id: id, PluginError(.internal, "the answer is too long")) ?? [])
    }
}
