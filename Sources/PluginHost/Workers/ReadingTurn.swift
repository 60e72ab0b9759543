import Glibc
import Synchronization

/// Who reads a worker's socket. The reading thread may call the plugin itself, which saves waking another for each call;
/// should it not come back soon, a deputy reads on in its place, so that pings and cancels never wait for a plugin.
///
/// Safety: `input` is touched only by the thread whose turn it is; `turn` hands it over. The semaphore is never destroyed:
/// a worker has one of these, as long as it lives.
final class ReadingTurn: @unchecked Sendable {
    /// How long a plugin may keep the reading thread, microseconds.
    private static let patience: UInt32 = 5_000
    /// A plugin that kept the reading thread so often is one that blocks: it is called by other threads from then on.
    private static let limit: UInt64 = 8

    let input = FrameChannel.Input()
    /// The number of the turn, times two; plus one while its thread is with the plugin.
    private let turn = Atomic<UInt64>(0)
    private let visits = Atomic<UInt64>(0)
    private let hasDeputy = Atomic<Bool>(false)
    private let isWatched = Atomic<Bool>(false)
    private let bell: UnsafeMutablePointer<sem_t>
    private let takeOver: @Sendable (_ turn: ReadingTurn, _ number: UInt64) -> Void

    /// - Parameter takeOver: reads on, on a thread of its own, as the holder of that turn.
    init(takeOver: @escaping @Sendable (_ turn: ReadingTurn, _ number: UInt64) -> Void) {
        self.takeOver = takeOver
        bell = .allocate(capacity: 1)
        sem_init(bell, 0, 0)
    }

    /// Gives the reading thread a deputy, without which it cannot visit the plugin.
    func appoint() {
        hasDeputy.store(DetachedThread.run { [self] in watch() }, ordering: .releasing)
    }

    func isHeld(by number: UInt64) -> Bool { turn.load(ordering: .acquiring) == number << 1 }

    /// Runs `visit` on this thread, which may lose its turn meanwhile.
    ///
    /// - Returns: false when it did not, since nobody could take over.
    func leave(_ number: UInt64, _ visit: () -> Void) -> Bool {
        guard hasDeputy.load(ordering: .acquiring) else { return false }
        visits.wrappingAdd(1, ordering: .relaxed)
        turn.store(number << 1 | 1, ordering: .sequentiallyConsistent)
        if !isWatched.exchange(true, ordering: .sequentiallyConsistent) { sem_post(bell) }
        visit()
        _ = turn.compareExchange(
            expected: number << 1 | 1, desired: number << 1, ordering: .acquiringAndReleasing)
        return true
    }

    /// The deputy's life, until its turn comes.
    private func watch() {
        while true {
            while sem_wait(bell) != 0 {}  // EINTR
            var seen: UInt64
            repeat {
                seen = visits.load(ordering: .relaxed)
                usleep(Self.patience)
                let now = turn.load(ordering: .acquiring)
                guard now & 1 == 1, visits.load(ordering: .relaxed) == seen else { continue }
                let number = now >> 1 + 1
                hasDeputy.store(false, ordering: .releasing)
                let (isTaken, _) = turn.compareExchange(
                    expected: now, desired: number << 1, ordering: .acquiringAndReleasing)
                guard isTaken else {
                    hasDeputy.store(true, ordering: .releasing)
                    continue
                }
                isWatched.store(false, ordering: .sequentiallyConsistent)
                if number < Self.limit { appoint() }
                return takeOver(self, number)
            } while visits.load(ordering: .relaxed) != seen
            isWatched.store(false, ordering: .sequentiallyConsistent)
            // A visit that began before that rang no bell.
            if turn.load(ordering: .sequentiallyConsistent) & 1 == 1,
                !isWatched.exchange(true, ordering: .sequentiallyConsistent)
            {
                sem_post(bell)
            }
        }
    }
}
