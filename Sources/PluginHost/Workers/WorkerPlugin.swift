import Glibc
import PluginKit
import Synchronization

/// One plugin in a process of its own. When that ends, another is started: with pauses, and not for ever.
final class WorkerPlugin: PluginRuntime {
    /// What is the same in each of its lives.
    struct Plan: Sendable {
        /// `conductor-worker`.
        var program: String
        var environment: [String]
        var hello: Hello
        /// From the caller's view; `hello.deadline` is what the plugin is told.
        var deadline: Duration
        /// How long after a missed deadline a worker must have shown life.
        var grace: Duration
        var policy: Supervision.Policy
    }

    private enum Phase {
        /// Not there yet, or over.
        case none
        case made(WorkerLife)
        case running(WorkerLife)
        /// Crashed; the next life begins at that time.
        case waiting(PluginError, until: Int64)
        case quarantined(PluginError)
        case ended
    }

    private struct State {
        var phase = Phase.none
        var ready: WorkerReady?
        var supervision: Supervision
        var lastError: String?
        var restart: Task<Void, Never>?
        /// Calls that a worker owes.
        var owed = 0
        var drain: Pending<Void>?
    }

    let name: String
    let counters = CallCounters()
    private let plan: Plan
    private let services: any HostServices
    private let state: Mutex<State>

    var capabilities: [String] { state.withLock { $0.ready?.capabilities ?? [] } }
    var flaw: String? { state.withLock { $0.ready?.flaw } }

    /// Starts a worker and has it make an instance.
    ///
    /// - Throws: what the plugin says; `.unavailable` when it crashes; `.deadline` when it takes too long.
    static func create(_ plan: Plan, services: any HostServices) async throws(PluginError) -> WorkerPlugin {
        let plugin = WorkerPlugin(plan, services)
        let (life, ready) = try await plugin.makeLife()
        plugin.state.withLock { state in
            state.ready = ready
            state.phase = .made(life)
        }
        return plugin
    }

    private init(_ plan: Plan, _ services: any HostServices) {
        name = plan.hello.name
        self.plan = plan
        self.services = services
        state = Mutex(State(supervision: Supervision(plan.policy)))
    }

    deinit {
        // Nobody can stop it any more.
        _ = discard()
    }

    // MARK: Life

    func start() async throws(PluginError) {
        guard case .made(let made) = state.withLock({ $0.phase }) else {
            throw PluginError(.unavailable, "the plugin \(name) is not there")
        }
        let life = try await begin(first: made)
        state.withLock { state in
            state.phase = .running(life)
            state.supervision.started(at: MonotonicClock.now)
        }
        // It may have ended between its answer and the change of phase, which then noticed nothing.
        if let end = life.end { _ = ended(life, end) }
    }

    /// - Returns: the life that began, which is another one when that was ended by others.
    private func begin(first made: WorkerLife) async throws(PluginError) -> WorkerLife {
        var life = made
        return try await FirstTries.run { () async throws(PluginError) in
            if life.end != nil {
                let (next, ready) = try await makeLife()
                life = next
                state.withLock { state in
                    state.ready = ready
                    state.phase = .made(next)
                }
            }
            try await begin(life)
            return life
        }
    }

    private func begin(_ life: WorkerLife) async throws(PluginError) {
        let deadline = plan.deadline
        let outcome = await life.ask(
            for: Void.self, deadline: MonotonicClock.deadline(after: deadline),
            onExpiry: { PluginError(.deadline, "start did not end within \(deadline)") }, onSettled: {},
            frame: { Frame.encode(.start, id: $0) })
        try outcome.get()
    }

    /// A process with an instance in it, not started.
    private func makeLife() async throws(PluginError) -> (WorkerLife, WorkerReady) {
        let life = try await WorkerLife.begin(
            program: plan.program, environment: plan.environment,
            surroundings: WorkerLife.Surroundings(
                name: name, services: services, counters: counters,
                ended: { [weak self] life, end in
                    self?.ended(life, end) ?? end.error()
                }))
        let (hello, deadline) = (plan.hello, plan.deadline)
        let outcome = await life.ask(
            for: WorkerReady.self, deadline: MonotonicClock.deadline(after: deadline),
            onExpiry: { PluginError(.deadline, "create did not return within \(deadline)") }, onSettled: {},
            frame: { Frame.encode(.hello, id: $0, hello) })
        do throws(PluginError) {
            return (life, try outcome.get())
        } catch {
            life.kill(because: error.message)
            throw error
        }
    }

    /// A life is over. On its reading thread, or the one that noticed.
    private func ended(_ life: WorkerLife, _ end: WorkerEnd) -> PluginError {
        let (error, isNews) = state.withLock { state -> (PluginError, Bool) in
            guard case .running(let current) = state.phase, current === life else {
                // Not started yet, or told to end: whoever waits for that is told.
                return (end.error(), false)
            }
            return (fail(&state, end.description), true)
        }
        if isNews { services.log(plugin: name, level: .error, message: error.message) }
        return error
    }

    /// Decides what follows an end; the lock is held.
    private func fail(_ state: inout State, _ reason: String) -> PluginError {
        state.lastError = reason
        switch state.supervision.ended(at: MonotonicClock.now) {
        case .quarantine:
            let error = PluginError(
                .unavailable,
                "\(reason); that was the end number \(state.supervision.row) in a row, so it is left alone: mend it, "
                    + "then run `conductor plugins reload \(name)`")
            state.phase = .quarantined(error)
            return error
        case .restart(let pause):
            let error = PluginError(
                .unavailable, "\(reason); it is being restarted",
                retryAfterMilliseconds: max(1, Int64(pause / .milliseconds(1))))
            state.phase = .waiting(error, until: MonotonicClock.deadline(after: pause))
            state.restart = Task { [weak self] in
                do { try await Task.sleep(for: pause) } catch { return }
                await self?.restart()
            }
            return error
        }
    }

    private func restart() async {
        do throws(PluginError) {
            let (life, ready) = try await makeLife()
            do throws(PluginError) {
                if let flaw = ready.flaw { throw PluginError(.internal, flaw) }
                try await begin(life)
            } catch {
                life.kill(because: error.message)
                throw error
            }
            let isWanted = state.withLock { state in
                guard case .waiting = state.phase else { return false }
                state.phase = .running(life)
                counters.add(counters.restarts)
                state.ready = ready
                state.supervision.started(at: MonotonicClock.now)
                return true
            }
            guard isWanted else { return life.kill(because: "it was stopped") }
            if let end = life.end { _ = ended(life, end) }
        } catch {
            let failure = state.withLock { state -> PluginError? in
                guard case .waiting = state.phase else { return nil }
                return fail(&state, "it could not be started again: \(error.message)")
            }
            if let failure { services.log(plugin: name, level: .error, message: failure.message) }
        }
    }

    func stop() async -> String? {
        let (life, restart) = state.withLock { state -> (WorkerLife?, Task<Void, Never>?) in
            defer { state.phase = .ended }
            guard case .running(let life) = state.phase else { return (nil, state.restart) }
            return (life, state.restart)
        }
        restart?.cancel()
        guard let life else { return nil }
        if let problem = await drain() {
            life.kill(because: "it was stopped")
            return problem + ", so its worker was killed"
        }
        let deadline = plan.deadline
        let outcome = await life.ask(
            for: Void.self, deadline: MonotonicClock.deadline(after: deadline),
            onExpiry: { PluginError(.deadline, "stop did not end within \(deadline), so its worker was killed") },
            onSettled: {}, frame: { Frame.encode(.stop, id: $0) })
        life.kill(because: "it was stopped")
        if case .failure(let error) = outcome { return "stop failed: \(error)" }
        return nil
    }

    func discard() -> String? {
        let life = state.withLock { state -> WorkerLife? in
            defer { state.phase = .ended }
            return switch state.phase {
            case .made(let life), .running(let life): life
            default: nil
            }
        }
        life?.kill(because: "it was not needed")
        return nil
    }

    private func drain() async -> String? {
        let token = CallTable.shared.makeToken(owner: 0)
        let waiting = Pending<Void>(
            deadline: MonotonicClock.deadline(after: plan.deadline), tellPlugin: {},
            onExpiry: { PluginError(.deadline, "") }, onSettled: { _ in })
        CallTable.shared.insert(waiting, token: token)
        let isDrained = state.withLock { state in
            state.drain = waiting
            return state.owed == 0
        }
        if isDrained { waiting.resolve(.success(())) }
        _ = await withUnsafeContinuation { waiting.wait(with: $0) }
        CallTable.shared.withdraw(token)
        let owed = state.withLock { $0.owed }
        return owed == 0 ? nil : "\(owed) of its calls did not end"
    }

    // MARK: Calls

    @concurrent
    func call(_ call: PluginCall) async throws(PluginError) -> PluginReply {
        let life = try admit()
        counters.add(counters.calls)
        let began = MonotonicClock.now
        let outcome = await life.ask(
            for: PluginReply.self, deadline: MonotonicClock.deadline(after: plan.deadline),
            onExpiry: { [self] in
                counters.add(counters.deadlines)
                life.doubt(grace: plan.grace)
                return PluginError(.deadline, "the call did not end within \(plan.deadline)")
            }, onSettled: { [self] in settled() }, frame: { Frame.encode(.call, id: $0, call) })
        counters.latency.record(nanoseconds: MonotonicClock.now - began)
        if case .failure = outcome { counters.add(counters.failures) }
        return try outcome.get()
    }

    private func admit() throws(PluginError) -> WorkerLife {
        let admission = state.withLock { state -> Result<WorkerLife, PluginError> in
            switch state.phase {
            case .running(let life):
                state.owed += 1
                return .success(life)
            case .waiting(var error, let until):
                error.retryAfterMilliseconds = max(1, (until - MonotonicClock.now) / 1_000_000)
                return .failure(error)
            case .quarantined(let error): return .failure(error)
            case .none, .made, .ended:
                return .failure(PluginError(.unavailable, "the plugin \(name) is not running"))
            }
        }
        if case .failure = admission {
            counters.add(counters.calls)
            counters.add(counters.failures)
        }
        return try admission.get()
    }

    private func settled() {
        let drained = state.withLock { state in
            state.owed -= 1
            return state.owed == 0 ? state.drain : nil
        }
        drained?.resolve(.success(()))
    }

    // MARK: Telling

    func describe(_ report: inout PluginState) {
        describeCounters(&report)
        report.isolation = .process
        let life = state.withLock { state -> WorkerLife? in
            report.lastError = state.lastError
            report.warnings = state.ready?.warnings ?? []
            switch state.phase {
            case .made(let life), .running(let life): return life
            case .waiting(let error, _):
                report.state = .restarting
                report.problem = error.message
            case .quarantined(let error):
                report.state = .quarantined
                report.problem = error.message
            case .none, .ended: break
            }
            return nil
        }
        report.processID = life?.process.pid
        report.memoryBytes = life?.process.memoryBytes
    }
}
