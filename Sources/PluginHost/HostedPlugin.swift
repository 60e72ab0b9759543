import CPluginABI
import PluginKit
import Synchronization

/// One instance of a plugin in this process: made, started, called, stopped.
///
/// Safety: the instance's pointer is used between create and destroy only, which `gate` keeps; the tables are copies
/// whose functions are tagged [any].
final class HostedPlugin: @unchecked Sendable {
    /// Who may call.
    private struct Gate {
        var isOpen = false
        /// Calls that the plugin has not completed.
        var owed = 0
        /// Waits for `owed` to become 0.
        var drain: Pending<Void>?
    }

    let name: String
    let library: PluginLibrary
    let counters: CallCounters
    let storage: conductor_storage?
    let responder: conductor_responder?
    let notifier: conductor_notifier?
    let crm: conductor_crm?
    private let deadline: Duration
    /// How long a completion is waited for: `deadline`, but in a worker for ever, since its host keeps the time.
    private let patience: Duration
    private let owner: UInt64
    private let raw: OpaquePointer
    private let gate = Mutex(Gate())

    /// `storage`, `responder`, `notifier`, `crm`: what it offers of what this host uses.
    var capabilities: [String] {
        [
            storage.map { _ in "storage" }, responder.map { _ in "responder" }, notifier.map { _ in "notifier" },
            crm.map { _ in "crm" },
        ].compactMap { $0 }
    }

    init(
        _ instance: NewInstance, name: String, library: PluginLibrary, deadline: Duration, patience: Duration? = nil,
        owner: UInt64, counters: CallCounters
    ) {
        let raw = instance.pointer
        func table<CForm>(_ id: String) -> CForm? {
            library.descriptor.get_extension?(raw, id).map {
                loadVersioned($0.assumingMemoryBound(to: CForm.self))
            }
        }
        self.name = name
        self.library = library
        self.deadline = deadline
        self.patience = patience ?? deadline
        self.owner = owner
        self.counters = counters
        self.raw = raw
        storage = table(CONDUCTOR_STORAGE)
        responder = table(CONDUCTOR_RESPONDER)
        notifier = table(CONDUCTOR_NOTIFIER)
        crm = table(CONDUCTOR_CRM)
    }

    /// Why it cannot be used though it was made; nil when it can.
    var flaw: String? {
        if capabilities.isEmpty { return "it offers nothing that this host uses" }
        if let storage {
            let required: [(name: String, isThere: Bool)] = [
                ("put", storage.put != nil), ("exchange", storage.exchange != nil), ("owned", storage.owned != nil),
                ("messages", storage.messages != nil), ("change", storage.change != nil),
                ("record_consent", storage.record_consent != nil), ("health", storage.health != nil),
            ]
            if let missing = required.first(where: { !$0.isThere }) {
                return "its \(CONDUCTOR_STORAGE) lacks \"\(missing.name)\""
            }
        }
        if let responder, responder.respond == nil { return "its \(CONDUCTOR_RESPONDER) lacks \"respond\"" }
        if let notifier, notifier.notify == nil { return "its \(CONDUCTOR_NOTIFIER) lacks \"notify\"" }
        if let crm, crm.customers == nil { return "its \(CONDUCTOR_CRM) lacks \"customers\"" }
        return nil
    }

    // MARK: Life

    /// Starts the plugin; after that it may be called. When it throws, `discard` what is left.
    func start() async throws(PluginError) {
        if let start = library.descriptor.start {
            gate.withLock { $0.owed += 1 }
            try await hand(as: Void.self, "start") { raw, call, token in start(raw, call, Completions.none, token) }
        }
        gate.withLock { $0.isOpen = true }
    }

    /// Refuses new calls, waits for those that run, stops and destroys the instance.
    ///
    /// - Returns: why that was not possible; the instance is left alone then, since it may still be at work.
    func stop() async -> String? {
        gate.withLock { $0.isOpen = false }
        if let problem = await drain() { return problem }
        var problem: String?
        if let stop = library.descriptor.stop {
            gate.withLock { $0.owed += 1 }
            do throws(PluginError) {
                try await hand(as: Void.self, "stop") { raw, call, token in stop(raw, call, Completions.none, token) }
            } catch {
                problem = "stop failed: \(error)"
            }
        }
        return discard() ?? problem
    }

    /// Destroys an instance that owes nothing.
    func discard() -> String? {
        let owed = gate.withLock { $0.owed }
        guard owed == 0 else { return "\(owed) of its calls have not ended, so it is not destroyed" }
        guard HostContext.endCalls(owner) else {
            return "it does not return from the completion of a request, so it is not destroyed"
        }
        library.descriptor.destroy?(raw)
        HostContext.end(owner)
        return nil
    }

    private func drain() async -> String? {
        let token = CallTable.shared.makeToken(owner: owner)
        let waiting = Pending<Void>(
            deadline: MonotonicClock.deadline(after: deadline), tellPlugin: {},
            onExpiry: { PluginError(.deadline, "") }, onSettled: { _ in })
        CallTable.shared.insert(waiting, token: token)
        let isDrained = gate.withLock { gate in
            gate.drain = waiting
            return gate.owed == 0
        }
        if isDrained { waiting.resolve(.success(())) }
        let result = await withUnsafeContinuation { waiting.wait(with: $0) }
        CallTable.shared.withdraw(token)
        guard case .failure = result else { return nil }
        let owed = gate.withLock { $0.owed }
        return owed == 0 ? nil : "\(owed) of its calls have not ended, so it is not stopped"
    }

    // MARK: Calls

    /// Calls a function of a capability and waits for its completion, the deadline, or the caller's cancellation (which
    /// is forwarded, and answered by the plugin).
    ///
    /// Leaves the caller's actor first: on the main actor a call would cost ten times as much.
    @concurrent
    func invoke<Reply: Sendable>(
        as reply: Reply.Type, _ body: (OpaquePointer, UnsafePointer<conductor_call>, UInt64) -> Void
    ) async throws(PluginError) -> Reply {
        let isOpen = gate.withLock { gate in
            if gate.isOpen { gate.owed += 1 }
            return gate.isOpen
        }
        guard isOpen else { throw PluginError(.unavailable, "the plugin \(name) is not running") }
        counters.add(counters.calls)
        let began = MonotonicClock.now
        defer { counters.latency.record(nanoseconds: MonotonicClock.now - began) }
        do throws(PluginError) {
            return try await hand(as: reply, "the call", body)
        } catch {
            counters.add(counters.failures)
            throw error
        }
    }

    /// One call, already counted as owed.
    private func hand<Reply: Sendable>(
        as reply: Reply.Type, _ what: String, _ body: (OpaquePointer, UnsafePointer<conductor_call>, UInt64) -> Void
    ) async throws(PluginError) -> Reply {
        let token = CallTable.shared.makeToken(owner: owner)
        let pending = Pending<Reply>(
            deadline: MonotonicClock.deadline(after: patience), tellPlugin: { [self] in cancel(token) },
            onExpiry: { [self] in
                counters.add(counters.deadlines)
                return PluginError(.deadline, "\(what) did not end within \(deadline)")
            }, onSettled: { [self] _ in settled() })
        let outcome = await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                pending.wait(with: continuation)
                CallTable.shared.insert(pending, token: token)
                var call = conductor_call(
                    struct_size: UInt32(sizeOf: conductor_call.self), flags: 0, call_id: token,
                    deadline_ns: MonotonicClock.deadline(after: deadline))
                body(raw, &call, token)
                pending.handedOver()
            }
        } onCancel: {
            pending.cancel()
        }
        return try outcome.get()
    }

    private func cancel(_ callID: UInt64) {
        library.descriptor.cancel?(raw, callID)
    }

    private func settled() {
        let drained = gate.withLock { gate in
            gate.owed -= 1
            return gate.owed == 0 ? gate.drain : nil
        }
        drained?.resolve(.success(()))
    }
}
