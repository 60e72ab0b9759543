import Glibc
import Synchronization

/// The one thread that ends calls at their deadline. It looks at the table when the nearest deadline it knows of comes,
/// so that a call costs it nothing, and an idle host never wakes.
final class DeadlineWatch: Sendable {
    static let shared = DeadlineWatch()

    /// When the thread wakes next.
    private let wake = Mutex<Int64>(.max)
    private let alarm: (reader: Int32, writer: Int32)

    private init() {
        var ends: [Int32] = [-1, -1]
        if pipe(&ends) == 0 {
            for end in ends {
                _ = fcntl(end, F_SETFD, FD_CLOEXEC)
                _ = fcntl(end, F_SETFL, O_NONBLOCK)
            }
        }
        alarm = (ends[0], ends[1])
        _ = DetachedThread.run { [self] in serve() }
    }

    /// Makes sure that the thread looks at the table by then. Any thread.
    func watch(_ deadline: Int64) {
        let isEarlier = wake.withLock { wake in
            guard deadline < wake else { return false }
            wake = deadline
            return true
        }
        guard isEarlier else { return }
        // A full pipe wakes the thread as well as one more byte would.
        _ = withUnsafeBytes(of: UInt8(1)) { write(alarm.writer, $0.baseAddress, 1) }
    }

    private func serve() {
        while true {
            let until = wake.withLock { $0 }
            let now = MonotonicClock.now
            if until > now {
                var request = pollfd(fd: alarm.reader, events: Int16(POLLIN), revents: 0)
                // Rounded up, so that the thread does not wake before the deadline and again at it.
                let milliseconds = until == .max ? -1 : min((until - now) / 1_000_000 + 1, 60_000)
                if poll(&request, 1, Int32(milliseconds)) > 0 {
                    var bytes = [UInt8](repeating: 0, count: 64)
                    _ = read(alarm.reader, &bytes, bytes.count)
                }
                continue
            }
            // A call that comes during the look is either seen by it, or lowers this again.
            wake.withLock { $0 = .max }
            let (calls, next) = CallTable.shared.expired(at: MonotonicClock.now)
            wake.withLock { $0 = min($0, next) }
            for call in calls { call.expire() }
        }
    }
}
