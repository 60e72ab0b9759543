import Glibc
import PluginKit
import Synchronization

/// Waits for work that may never end.
enum Patience {
    /// What `work` gives, when it gives it in time. When it does not, it is cancelled and left alone: it may not listen.
    static func within<Value: Sendable>(
        _ limit: Duration, _ what: String, _ work: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let box = Box<Value>()
        let result = await withCheckedContinuation { continuation in
            box.put(continuation)
            let task = Task {
                do {
                    box.settle(.success(try await work()))
                } catch {
                    box.settle(.failure(error))
                }
            }
            let watch = Task {
                try? await Task.sleep(for: limit)
                guard !Task.isCancelled else { return }
                box.settle(.failure(ContractFailure("\(what) did not end within \(limit)")))
                task.cancel()
            }
            box.onSettled { watch.cancel() }
        }
        return try result.get()
    }

    /// A context as the host makes them: a call of its own number, with its deadline.
    static func context(_ limit: Duration) -> CallContext {
        let (seconds, attoseconds) = limit.components
        return CallContext(
            callID: number.add(1, ordering: .relaxed).newValue,
            deadlineNanoseconds: monotonicNanoseconds() + seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }

    static func monotonicNanoseconds() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    private static let number = Atomic<UInt64>(1)

    /// Resumes once, with what comes first.
    private final class Box<Value: Sendable>: Sendable {
        private struct State {
            var continuation: CheckedContinuation<Result<Value, any Error>, Never>?
            var isSettled = false
            var after: After?
        }
        private struct After: Sendable {
            let run: @Sendable () -> Void
        }
        private let state = Mutex(State())

        func put(_ continuation: CheckedContinuation<Result<Value, any Error>, Never>) {
            state.withLock { $0.continuation = continuation }
        }

        func onSettled(_ run: @escaping @Sendable () -> Void) {
            let isSettled = state.withLock { state in
                if !state.isSettled { state.after = After(run: run) }
                return state.isSettled
            }
            if isSettled { run() }
        }

        func settle(_ result: Result<Value, any Error>) {
            let (continuation, after) = state.withLock { state in
                defer { state = State(continuation: nil, isSettled: true, after: nil) }
                return (state.continuation, state.after)
            }
            continuation?.resume(returning: result)
            after?.run()
        }
    }
}
