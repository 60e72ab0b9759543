internal import Synchronization

/// Who has heard an event that somebody waits for.
final class Heard: Sendable {
    private struct Waiting {
        /// Names of the notifiers that have not heard it.
        var left: [Int: String]
        var failures: [String] = []
        var continuation: CheckedContinuation<[String], Never>

        mutating func remove(_ key: Int, _ failure: String?) -> Bool {
            guard left.removeValue(forKey: key) != nil else { return false }
            if let failure { failures.append(failure) }
            return left.isEmpty
        }
    }

    private let events = Mutex<[String: Waiting]>([:])

    /// Resumes `continuation` with sentences about failures, when all have heard the event or it expires.
    func expect(_ event: String, of listeners: [Int: String], _ continuation: CheckedContinuation<[String], Never>) {
        if listeners.isEmpty { return continuation.resume(returning: []) }
        events.withLock { $0[event] = Waiting(left: listeners, continuation: continuation) }
    }

    func done(_ event: String, by key: Int, _ failure: String?) {
        let ended = events.withLock { events -> Waiting? in
            events[event]?.remove(key, failure) == true ? events.removeValue(forKey: event) : nil
        }
        if let ended { ended.continuation.resume(returning: ended.failures) }
    }

    /// The notifier runs no more: it has nothing in mind.
    func gone(_ key: Int) {
        for event in events.withLock({ Array($0.keys) }) { done(event, by: key, nil) }
    }

    func expire(_ event: String) {
        guard let waiting = events.withLock({ $0.removeValue(forKey: event) }) else { return }
        let late = waiting.left.values.sorted().map { "\($0): it has not heard of it in time" }
        waiting.continuation.resume(returning: waiting.failures + late)
    }

    func expireAll() {
        for event in events.withLock({ Array($0.keys) }) { expire(event) }
    }
}
