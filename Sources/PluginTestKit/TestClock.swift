public import PluginKit
import Synchronization

/// A clock that a test sets. It begins at the real time, because columns' defaults are often the database's.
public final class TestClock: Sendable {
    private let value = Mutex(HostFunctions.timeOfDay)
    private let age: @Sendable (Int64) -> Void

    /// At the real time.
    public init() { age = { _ in } }

    /// At the real time, for a plugin that cannot be told another, as one behind a host.
    ///
    /// - Parameter age: called by `advance` with its milliseconds; makes all that the plugin keeps so much older instead.
    ///   On the caller's thread.
    public init(age: @escaping @Sendable (_ milliseconds: Int64) -> Void) { self.age = age }

    /// What it shows.
    public var now: Timestamp { value.withLock { $0 } }

    /// Puts it forward; back where negative.
    public func advance(_ milliseconds: Int64) {
        value.withLock { $0.milliseconds += milliseconds }
        age(milliseconds)
    }

    /// Puts it to a moment.
    public func set(_ timestamp: Timestamp) {
        value.withLock { $0 = timestamp }
    }
}
