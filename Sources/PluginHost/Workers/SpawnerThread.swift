import CSandbox
import Glibc
import Synchronization

/// The one thread that makes workers. It never ends: a worker dies with the thread that made it, which is how none
/// outlives a gateway that is killed.
///
/// Safety: the queue is behind the Mutex; the semaphore is made for many threads and never destroyed.
final class SpawnerThread: @unchecked Sendable {
    static let shared = SpawnerThread()

    private struct Job: Sendable {
        let run: @Sendable () -> Void
    }

    private let jobs = Mutex<[Job]>([])
    private let waiting: UnsafeMutablePointer<sem_t>

    private init() {
        waiting = .allocate(capacity: 1)
        sem_init(waiting, 0, 0)
        _ = DetachedThread.run { [self] in serve() }
    }

    /// Runs `body` on that thread, after what came before.
    func run(_ body: @escaping @Sendable () -> Void) {
        jobs.withLock { $0.append(Job(run: body)) }
        sem_post(waiting)
    }

    private func serve() {
        while true {
            while sem_wait(waiting) != 0 {}
            jobs.withLock { $0.isEmpty ? nil : $0.removeFirst() }?.run()
        }
    }
}
