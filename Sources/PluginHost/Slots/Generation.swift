import PluginKit
import Synchronization

/// One instance that serves for a drop-in, from its switching on to its end. A drop-in that is reloaded gets a new one;
/// the old one ends when the calls and the texts that it was taken for have ended.
final class Generation: Sendable {
    private struct Use {
        var holders = 0
        /// Waits for `holders` to become 0.
        var idle: Pending<Void>?
    }

    private static let count = Atomic(0)

    /// No other generation of this process has it.
    let serial = Generation.count.add(1, ordering: .relaxed).newValue
    let runtime: any PluginRuntime
    let identity: Identity
    /// The plugin's own id and version, and the copy it was made from.
    let facts: LibraryFacts
    /// Of one call.
    let deadline: Duration
    private let discretion: Discretion
    private let use = Mutex(Use())

    init(
        _ runtime: any PluginRuntime, identity: Identity, facts: LibraryFacts, deadline: Duration,
        discretion: Discretion = Discretion()
    ) {
        self.discretion = discretion
        self.runtime = runtime
        self.identity = identity
        self.facts = facts
        self.deadline = deadline
    }

    func offers(_ capability: String) -> Bool { runtime.capabilities.contains(capability) }

    /// Calls it; what it fails with holds none of its secrets.
    func call(_ call: PluginCall) async throws(PluginError) -> PluginReply {
        do throws(PluginError) {
            return try await runtime.call(call)
        } catch {
            throw discretion.masked(error)
        }
    }

    /// Ends it.
    ///
    /// - Returns: why that was not possible.
    func stop() async -> String? { await runtime.stop().map(discretion.masked) }

    /// See `PluginRuntime`.
    func describe(_ state: inout PluginState) {
        runtime.describe(&state)
        state.problem = state.problem.map(discretion.masked)
        state.lastError = state.lastError.map(discretion.masked)
    }

    /// Waits until nobody holds a lease, for at most this long.
    func idle(within time: Duration) async {
        let token = CallTable.shared.makeToken(owner: 0)
        let waiting = Pending<Void>(
            deadline: MonotonicClock.deadline(after: time), tellPlugin: {},
            onExpiry: { PluginError(.deadline, "") }, onSettled: { _ in })
        CallTable.shared.insert(waiting, token: token)
        let isIdle = use.withLock { use in
            use.idle = waiting
            return use.holders == 0
        }
        if isIdle { waiting.resolve(.success(())) }
        _ = await withUnsafeContinuation { waiting.wait(with: $0) }
        CallTable.shared.withdraw(token)
    }

    fileprivate func enter() {
        use.withLock { $0.holders += 1 }
    }

    fileprivate func leave() {
        let idle = use.withLock { use in
            use.holders -= 1
            return use.holders == 0 ? use.idle : nil
        }
        idle?.resolve(.success(()))
    }
}

/// The right to call a generation: while somebody has one, it is not stopped.
final class Lease: Sendable {
    let generation: Generation

    /// Take it only where the generation cannot be retired meanwhile: under the host's lock.
    init(_ generation: Generation) {
        self.generation = generation
        generation.enter()
    }

    deinit { generation.leave() }
}

/// What decides whether a drop-in has to be loaded anew: the content of its library, and everything it says but
/// `enabled`.
struct Identity: Sendable, Hashable {
    /// SHA-256 of the library.
    var digest: String
    var words: [String: String]

    /// Whether the plugin was given the same settings.
    func hasSameSettings(as other: Identity) -> Bool { words["settings"] == other.words["settings"] }
}
