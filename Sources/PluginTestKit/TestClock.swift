public import PluginKit
import Synchronization

/// A clock that a test sets. It begins at the real time, because columns' defaults are often the database's.
public final class TestClock: Sendable {
    private let value = Mutex(HostFunctions.timeOfDay)

    /// At the real time.
    public init() {}

    /// What it shows.
    public var now: Timestamp { value.withLock { $0 } }

    /// Puts it forward; back where negative.
    public func advance(_ milliseconds: Int64) {
        value.withLock { $0.milliseconds += milliseconds }
    }

    /// Puts it to a moment.
    public func set(_ timestamp: Timestamp) {
        value.withLock { $0 = timestamp }
    }
}
