internal import PluginKit

/// When to look next for what other programs left: often while something comes, seldom while nothing does, and when the
/// project is away only when it wants to be asked. Pure: told the time.
struct PollPace {
    /// After the last news.
    static let busyFor: Int64 = 30_000

    private let idle: Int64
    private let busy: Int64
    private var newsAt: Int64?

    /// - Parameters:
    ///   - idle: milliseconds between looks while nothing comes.
    ///   - busy: while something does.
    init(idle: Int64, busy: Int64) {
        self.idle = idle
        self.busy = busy
    }

    /// Milliseconds until the next look, after one that went through.
    mutating func looked(hasNews: Bool, now: Int64) -> Int64 {
        if hasNews { newsAt = now }
        guard let newsAt, now - newsAt < Self.busyFor else { return idle }
        return busy
    }

    /// After one that failed.
    func failed(_ error: PluginError) -> Int64 { max(idle, error.retryAfterMilliseconds ?? idle) }
}
