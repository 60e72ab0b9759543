internal import PluginHost
internal import PluginKit
internal import Synchronization

/// Whether storage serves, and how long to leave it in peace when it does not.
final class StorageState: Sendable {
    private struct State {
        var problem: String?
        var failures = 0
    }

    private let state = Mutex(State())
    private let events: EventHub
    private let alarms: Alarms

    init(events: EventHub, alarms: Alarms) {
        self.events = events
        self.alarms = alarms
    }

    var problem: String? { state.withLock { $0.problem } }

    func succeeded() {
        let wasDown = state.withLock { state in
            defer {
                state.problem = nil
                state.failures = 0
            }
            return state.problem != nil
        }
        guard wasDown else { return }
        alarms.clear("storage.down")
        events.emit("storage.up", "{}")
    }

    /// Milliseconds after which to try again: 250, doubling up to 5,000, or what storage itself said.
    func failed(_ error: PluginError) -> Int64 {
        let (wasUp, failures) = state.withLock { state in
            defer { state.problem = error.message }
            state.failures += 1
            return (state.problem == nil, state.failures)
        }
        alarms.raise(
            "storage.down",
            "storage does not take texts (\(error.message)); they are received, answered and kept in the journal, and "
                + "go to storage when it is back")
        if wasUp { events.emit("storage.down", "{}") }
        return min(error.retryAfterMilliseconds ?? 250 << Int64(min(failures - 1, 5)), 5_000)
    }
}
