import Glibc
import Synchronization

/// The plugin's own threads. Jobs run in the order they come, each on the first free thread.
///
/// Safety: the queue is behind a Mutex, the semaphore is made for many threads and outlives them: threads keep the
/// executor alive until `end`.
final class PluginExecutor: TaskExecutor, @unchecked Sendable {
    private struct Queue {
        var jobs: [UnownedJob?] = []
        var head = 0
        var ended = false
    }

    private let queue = Mutex(Queue())
    private let waiting: UnsafeMutablePointer<sem_t>
    private let threads: Int

    init(threads: Int) {
        self.threads = max(1, threads)
        waiting = .allocate(capacity: 1)
        sem_init(waiting, 0, 0)
        for _ in 0..<self.threads {
            var thread = pthread_t()
            let retained = Unmanaged.passRetained(self)
            let failed = pthread_create(
                &thread, nil,
                { context in
                    guard let context else { return nil }
                    Unmanaged<PluginExecutor>.fromOpaque(context).takeRetainedValue().serve()
                    return nil
                }, retained.toOpaque())
            if failed == 0 { pthread_detach(thread) } else { retained.release() }
        }
    }

    deinit {
        sem_destroy(waiting)
        waiting.deallocate()
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.withLock { $0.jobs.append(job) }
        sem_post(waiting)
    }

    /// Lets the threads end once the queue is empty.
    func end() {
        queue.withLock { $0.ended = true }
        for _ in 0..<threads { sem_post(waiting) }
    }

    private func serve() {
        while true {
            while sem_wait(waiting) != 0 {}  // EINTR
            let (job, ended) = queue.withLock { queue -> (UnownedJob?, Bool) in
                guard queue.head < queue.jobs.count else { return (nil, queue.ended) }
                let job = queue.jobs[queue.head]
                queue.jobs[queue.head] = nil
                queue.head += 1
                if queue.head == queue.jobs.count {
                    queue.jobs.removeAll(keepingCapacity: queue.head <= 1024)
                    queue.head = 0
                }
                return (job, false)
            }
            if let job { job.runSynchronously(on: asUnownedTaskExecutor()) } else if ended { return }
        }
    }
}
