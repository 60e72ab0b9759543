internal import PluginKit
internal import Synchronization

/// Hands every event to whoever listens: notifiers, the API's streams. It delays nobody: a listener that falls behind
/// loses its oldest events.
final class EventHub: Sendable {
    /// Events that a reader of the API may be behind, and a notifier.
    static let readerBacklog = 1_000
    static let notifierBacklog = 50_000

    private struct State {
        var next = 0
        var listeners: [Int: AsyncStream<Event>.Continuation] = [:]
    }

    private let state = Mutex(State())
    private let clock: any GatewayClock
    private let counters: Counters

    init(clock: any GatewayClock, counters: Counters) {
        self.clock = clock
        self.counters = counters
    }

    /// Events from now on. A listener that is more than `backlog` behind loses its oldest; that is counted.
    func listen(backlog: Int) -> AsyncStream<Event> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: Event.self, bufferingPolicy: .bufferingNewest(backlog))
        let key = state.withLock { state in
            state.next += 1
            state.listeners[state.next] = continuation
            return state.next
        }
        continuation.onTermination = { [weak self] _ in
            self?.state.withLock { _ = $0.listeners.removeValue(forKey: key) }
        }
        return stream
    }

    /// Tells everyone; `json` is made only when somebody listens.
    func emit(_ kind: String, _ json: @autoclosure () -> String) {
        counters.count(kind)
        let listeners = state.withLock { Array($0.listeners.values) }
        guard !listeners.isEmpty else { return }
        let now = clock.now
        hand(Event(id: UID.make(at: now), kind: kind, at: now, json: json()), to: listeners)
    }

    /// Tells everyone of an event that has an id already.
    func emit(_ event: Event) {
        counters.count(event.kind)
        hand(event, to: state.withLock { Array($0.listeners.values) })
    }

    private func hand(_ event: Event, to listeners: [AsyncStream<Event>.Continuation]) {
        for listener in listeners {
            if case .dropped = listener.yield(event) { counters.count("event.lost") }
        }
    }

    /// Ends every stream.
    func finish() {
        let listeners = state.withLock { state in
            defer { state.listeners = [:] }
            return state.listeners.values
        }
        for listener in listeners { listener.finish() }
    }
}
