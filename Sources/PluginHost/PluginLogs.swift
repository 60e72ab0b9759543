import Glibc
public import PluginKit
import Synchronization

/// The last lines that each plugin wrote to the log, and what the host did with it.
public final class PluginLogs: Sendable {
    /// One line.
    public struct Line: Sendable, Hashable {
        /// Rises by one with each line of any plugin.
        public var number: Int
        public var at: Timestamp
        public var level: PluginLogLevel
        public var message: String
    }

    private struct State {
        var last = 0
        var lines: [String: [Line]] = [:]
    }

    private let limit: Int
    private let state = Mutex(State())

    /// - Parameter limit: lines that are kept of each drop-in.
    public init(limit: Int = 500) {
        self.limit = limit
    }

    /// A line of the drop-in of that name, as `20-auto-reply`. Any thread.
    public func add(_ name: String, _ level: PluginLogLevel, _ message: String) {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        let at = Timestamp(milliseconds: Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000)
        // A plugin that writes whole files into the log keeps the memory of the lines bounded all the same.
        let kept = String(message.prefix(2_000))
        state.withLock { state in
            state.last += 1
            state.lines[name, default: []].append(Line(number: state.last, at: at, level: level, message: kept))
            let count = state.lines[name]?.count ?? 0
            // A quarter at once: taking each line from the front would move all the others each time.
            if count > limit + limit / 4 { state.lines[name]?.removeFirst(count - limit) }
        }
    }

    /// The kept lines of a drop-in with a number above `number`, oldest first.
    public func lines(of name: String, after number: Int = 0) -> [Line] {
        state.withLock { $0.lines[name] ?? [] }.suffix(limit).filter { $0.number > number }
    }

    /// Drops the lines for which `isPersonal` says so.
    public func forget(where isPersonal: (String) -> Bool) {
        state.withLock { state in
            for name in state.lines.keys { state.lines[name]?.removeAll { isPersonal($0.message) } }
        }
    }
}
