import Synchronization

/// The event streams that are open, so that stopping ends them.
final class EventStreams: Sendable {
    private struct State {
        var open: [Int: AsyncStream<String>.Continuation] = [:]
        var next = 0
        var isClosed = false
    }

    private let state = Mutex(State())

    func add(_ sink: AsyncStream<String>.Continuation) -> Int {
        let (id, isClosed) = state.withLock { state in
            state.next += 1
            if !state.isClosed { state.open[state.next] = sink }
            return (state.next, state.isClosed)
        }
        if isClosed { sink.finish() }
        return id
    }

    func remove(_ id: Int) {
        state.withLock { _ = $0.open.removeValue(forKey: id) }
    }

    /// Ends all streams, and those that come later at once.
    func close() {
        let sinks = state.withLock { state in
            state.isClosed = true
            defer { state.open = [:] }
            return Array(state.open.values)
        }
        for sink in sinks { sink.finish() }
    }
}
