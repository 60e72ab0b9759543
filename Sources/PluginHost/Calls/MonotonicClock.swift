import Glibc

/// `CLOCK_MONOTONIC`, the clock of deadlines.
enum MonotonicClock {
    static var now: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    static func deadline(after duration: Duration) -> Int64 {
        let (seconds, attoseconds) = duration.components
        return now + seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }
}
