/// One after the other, in the order in which they came: an actor alone would let the next begin at each `await`.
actor Turns {
    private var isTaken = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    func take<Value: Sendable>(_ work: @Sendable () async throws -> Value) async rethrows -> Value {
        if isTaken {
            await withCheckedContinuation { waiting.append($0) }
        } else {
            isTaken = true
        }
        defer { next() }
        return try await work()
    }

    private func next() {
        if waiting.isEmpty { isTaken = false } else { waiting.removeFirst().resume() }
    }
}
