import Synchronization

/// A value that tests can wait on: no sleeping, a deadline instead.
final class Board<Value: Sendable>: Sendable {
    private struct Waiter: Sendable {
        var number: Int
        var condition: @Sendable (Value) -> Bool
        var continuation: CheckedContinuation<Bool, Never>
    }

    private struct Storage: Sendable {
        var value: Value
        var waiters: [Waiter] = []
        var next = 0
    }

    private let storage: Mutex<Storage>

    init(_ value: Value) {
        storage = Mutex(Storage(value: value))
    }

    var value: Value { storage.withLock { $0.value } }

    @discardableResult
    func update<Result: Sendable>(_ change: @Sendable (inout Value) -> Result) -> Result {
        let (result, met) = storage.withLock { storage in
            let result = change(&storage.value)
            let met = storage.waiters.filter { $0.condition(storage.value) }
            storage.waiters.removeAll { waiter in met.contains { $0.number == waiter.number } }
            return (result, met)
        }
        for waiter in met { waiter.continuation.resume(returning: true) }
        return result
    }

    /// True once `condition` holds; false when it does not within the deadline.
    func wait(_ seconds: Int = 10, until condition: @escaping @Sendable (Value) -> Bool) async -> Bool {
        let number = storage.withLock { storage in
            storage.next += 1
            return storage.next
        }
        let deadline = Task { [weak self] in
            try await Task.sleep(for: .seconds(seconds))
            self?.expire(number)
        }
        defer { deadline.cancel() }
        return await withCheckedContinuation { continuation in
            let isMet = storage.withLock { storage in
                if condition(storage.value) { return true }
                storage.waiters.append(Waiter(number: number, condition: condition, continuation: continuation))
                return false
            }
            if isMet { continuation.resume(returning: true) }
        }
    }

    private func expire(_ number: Int) {
        let late = storage.withLock { storage in
            let late = storage.waiters.first { $0.number == number }
            storage.waiters.removeAll { $0.number == number }
            return late
        }
        late?.continuation.resume(returning: false)
    }
}
