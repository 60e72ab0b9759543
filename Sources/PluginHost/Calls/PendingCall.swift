import PluginKit
import Synchronization

/// A call that a plugin owes a completion for.
protocol PendingCall: AnyObject, Sendable {
    /// `CLOCK_MONOTONIC` nanoseconds.
    var deadline: Int64 { get }
    /// Nobody waits any longer: answers the caller, then tells the plugin. No lock is held.
    func expire()
    /// The completion came and the entry is gone; `late` when the caller had been answered before.
    func settled(late: Bool)
    /// Answers the caller with an error, where nobody has answered yet.
    func fail(_ error: PluginError)
}

extension PendingCall {
    /// Nobody waits here for a call that only this process can answer.
    func fail(_ error: PluginError) {}
}

/// The caller's side of one call: answered once, by whichever comes first of completion and deadline.
final class Pending<Reply: Sendable>: PendingCall {
    typealias Outcome = Result<Reply, PluginError>

    private enum Answer {
        case none
        case waiting(UnsafeContinuation<Outcome, Never>)
        case early(Outcome)
        case given
    }

    /// How far the call has come towards the plugin: a cancel must not overtake it, nor be lost.
    private enum Phase: UInt8, AtomicRepresentable {
        case idle, handedOver, cancelledFirst
    }

    let deadline: Int64
    private let answer = Mutex<Answer>(.none)
    private let phase = Atomic<Phase>(.idle)
    private let tellPlugin: @Sendable () -> Void
    private let onExpiry: @Sendable () -> PluginError
    private let onSettled: @Sendable (_ late: Bool) -> Void

    /// - Parameters:
    ///   - tellPlugin: forwards a cancel.
    ///   - onExpiry: what the caller is answered at the deadline.
    ///   - onSettled: the plugin has completed the call.
    init(
        deadline: Int64, tellPlugin: @escaping @Sendable () -> Void,
        onExpiry: @escaping @Sendable () -> PluginError, onSettled: @escaping @Sendable (_ late: Bool) -> Void
    ) {
        self.deadline = deadline
        self.tellPlugin = tellPlugin
        self.onExpiry = onExpiry
        self.onSettled = onSettled
    }

    /// The caller waits with this continuation.
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

    /// Gives the caller its answer; false when it has one.
    @discardableResult
    func resolve(_ outcome: Outcome) -> Bool {
        let (continuation, isFirst) = answer.withLock { answer -> (UnsafeContinuation<Outcome, Never>?, Bool) in
            switch answer {
            case .none:
                answer = .early(outcome)
                return (nil, true)
            case .waiting(let continuation):
                answer = .given
                return (continuation, true)
            case .early, .given: return (nil, false)
            }
        }
        continuation?.resume(returning: outcome)
        return isFirst
    }

    /// The plugin knows the call now.
    func handedOver() {
        let (wasIdle, _) = phase.compareExchange(
            expected: .idle, desired: .handedOver, ordering: .acquiringAndReleasing)
        if !wasIdle { tellPlugin() }
    }

    /// The caller gave up.
    func cancel() {
        let (wasIdle, _) = phase.compareExchange(
            expected: .idle, desired: .cancelledFirst, ordering: .acquiringAndReleasing)
        if !wasIdle { tellPlugin() }
    }

    func expire() {
        guard resolve(.failure(onExpiry())) else { return }
        cancel()
    }

    func settled(late: Bool) { onSettled(late) }

    func fail(_ error: PluginError) { resolve(.failure(error)) }
}
