import Synchronization

/// One call to the host that is on its way. The host gets a number of it, never a pointer.
final class HostCall<Reply: Sendable>: Sendable {
    typealias Outcome = Result<Reply, PluginError>

    private enum Answer {
        case none
        case waiting(UnsafeContinuation<Outcome, Never>)
        case early(Outcome)
        case given
    }

    /// How far the call has come towards the host: a cancel must not overtake it, nor be lost.
    private enum Phase: UInt8, AtomicRepresentable {
        case idle, handedOver, cancelledFirst
    }

    private let answer = Mutex<Answer>(.none)
    private let phase = Atomic<Phase>(.idle)
    private let tellHost: @Sendable () -> Void

    init(tellHost: @escaping @Sendable () -> Void) { self.tellHost = tellHost }

    func wait(with continuation: UnsafeContinuation<Outcome, Never>) {
        let early = answer.withLock { answer -> Outcome? in
            if case .early(let outcome) = answer {
                answer = .given
                return outcome
            }
            answer = .waiting(continuation)
            return nil
        }
        if let early { continuation.resume(returning: early) }
    }

    func resolve(_ outcome: Outcome) {
        let continuation = answer.withLock { answer -> UnsafeContinuation<Outcome, Never>? in
            switch answer {
            case .none:
                answer = .early(outcome)
                return nil
            case .waiting(let continuation):
                answer = .given
                return continuation
            case .early, .given: return nil
            }
        }
        continuation?.resume(returning: outcome)
    }

    func handedOver() {
        let (wasIdle, _) = phase.compareExchange(
            expected: .idle, desired: .handedOver, ordering: .acquiringAndReleasing)
        if !wasIdle { tellHost() }
    }

    func cancel() {
        let (wasIdle, _) = phase.compareExchange(
            expected: .idle, desired: .cancelledFirst, ordering: .acquiringAndReleasing)
        if !wasIdle { tellHost() }
    }
}

/// All calls to the host that are on their way, of all instances of this library.
final class HostCalls: Sendable {
    static let shared = HostCalls()

    private let calls = Mutex<[UInt64: any Sendable]>([:])
    private let last = Atomic<UInt64>(0)

    /// A number nobody had before: the call's id and its token.
    func makeID() -> UInt64 { last.wrappingAdd(1, ordering: .relaxed).newValue }

    func insert(_ call: any Sendable, id: UInt64) { calls.withLock { $0[id] = call } }

    /// Takes a call out for its completion; nil for one that came twice.
    func take<Reply: Sendable>(_ id: UInt64, as reply: Reply.Type) -> HostCall<Reply>? {
        calls.withLock { $0.removeValue(forKey: id) } as? HostCall<Reply>
    }
}
