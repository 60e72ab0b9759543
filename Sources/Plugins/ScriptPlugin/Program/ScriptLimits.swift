/// What bounds a program. Times in nanoseconds.
struct ScriptLimits: Sendable {
    /// Bytes of a line, in either direction.
    var line = 1 << 20
    /// Calls that wait for an answer at the same time.
    var calls = 4096
    /// Bytes of those calls.
    var bytes = 16 << 20
    /// How long to wait before a program that ended is started again: first, and at most; doubled each time in between.
    var firstPause: Int64 = 100_000_000
    var longestPause: Int64 = 60_000_000_000
    /// Calls wait for a start that is as near as this; else they fail at once.
    var worthWaiting: Int64 = 1_000_000_000
    /// A program that was given up on and says nothing for so long is ended and started again.
    var silence: Int64 = 30_000_000_000
    /// How long a program whose input is closed may take to end, and one that got SIGTERM.
    var farewell: Int64 = 2_000_000_000
    /// A program without `hello` that lives so long has started.
    var proof: Int64 = 150_000_000
    /// Lines of its standard error that are logged in one second.
    var complaints = 100
}

/// How long to wait before the next start.
struct Backoff: Sendable {
    private let first: Int64
    private let longest: Int64
    private var next: Int64

    init(_ limits: ScriptLimits) {
        (first, longest, next) = (limits.firstPause, limits.longestPause, limits.firstPause)
    }

    mutating func pause() -> Int64 {
        defer { next = min(longest, next * 2) }
        return next
    }

    /// It did its work: the next end is a new misfortune.
    mutating func reset() { next = first }
}
