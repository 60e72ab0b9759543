import CModemIO
import Glibc
import Synchronization

/// The one thread that serves all ports, and the executor of the actors that live on it.
///
/// An actor that names this as its executor runs between two system calls of the loop: a modem's dialogue goes on
/// without a change of threads. The loop ends when nobody refers to it any more.
final class EventLoop: SerialExecutor, @unchecked Sendable {
    // Safety: `jobs` is behind a lock; `handle` and `thread` never change after init; `timers` and `isDraining` are
    // touched on the loop's thread only, which `assertOnLoop` checks.
    let handle: OpaquePointer
    private let anchor = Anchor()
    private let reference = Reference()
    private var thread: pthread_t = 0
    private var hasThread = false
    private let jobs = Mutex<Jobs>(Jobs())
    private var timers = TimerQueue()
    private var armed: Int64 = 0
    private var isDraining = false
    /// What the C loop's callbacks point at, and so must live as long as it. [loop]
    var attachments: [AnyObject] = []

    private struct Jobs {
        var waiting: [UnownedJob] = []
        var isWoken = false
    }

    /// What the thread may touch when the loop object is gone already.
    private final class Anchor: Sendable {
        let identifier = Atomic<UInt>(0)
        let isOrphaned = Atomic<Bool>(false)
    }

    /// What the C loop's callbacks are given: it turns nil before the loop object is torn down.
    private final class Reference {
        weak var loop: EventLoop?
    }

    init() throws(ModemError) {
        let callbacks = cmodemio_loop_callbacks(
            context: Unmanaged.passUnretained(reference).toOpaque(),
            woken: { EventLoop.from($0)?.drain() },
            deadline: { EventLoop.from($0)?.deadlinePassed() })
        var created: OpaquePointer?
        let status = cmodemio_loop_create(callbacks, &created)
        guard status == 0, let created else {
            throw ModemError(.system(errno: -status), "The event loop could not be made")
        }
        handle = created
        reference.loop = self
        let start = Unmanaged.passRetained(StartBox(handle: created, anchor: anchor, reference: reference))
        let failure = pthread_create(&thread, nil, { EventLoop.threadMain($0) }, start.toOpaque())
        guard failure == 0 else {
            start.release()
            hasThread = false
            throw ModemError(.system(errno: failure), "The event loop's thread could not be started")
        }
        hasThread = true
    }

    private final class StartBox {
        let handle: OpaquePointer
        let anchor: Anchor
        let reference: Reference

        init(handle: OpaquePointer, anchor: Anchor, reference: Reference) {
            self.handle = handle
            self.anchor = anchor
            self.reference = reference
        }
    }

    private static func from(_ context: UnsafeMutableRawPointer?) -> EventLoop? {
        context.flatMap { Unmanaged<Reference>.fromOpaque($0).takeUnretainedValue().loop }
    }

    private static func threadMain(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        guard let argument else { return nil }
        let start = Unmanaged<StartBox>.fromOpaque(argument).takeRetainedValue()
        start.anchor.identifier.store(UInt(pthread_self()), ordering: .releasing)
        _ = cmodemio_loop_run(start.handle)
        if start.anchor.isOrphaned.load(ordering: .acquiring) { cmodemio_loop_destroy(start.handle) }
        return nil
    }

    deinit {
        // The last reference may go within a callback: then the thread outlives this object and frees the C loop.
        let onLoop = isOnLoop
        anchor.isOrphaned.store(onLoop, ordering: .releasing)
        cmodemio_loop_stop(handle)
        if onLoop {
            pthread_detach(thread)
        } else {
            if hasThread { pthread_join(thread, nil) }
            cmodemio_loop_destroy(handle)
        }
    }

    // MARK: Executor

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let onLoop = isOnLoop
        let mustWake = jobs.withLock { jobs in
            jobs.waiting.append(job)
            // On the loop's own thread the callback that is running drains the queue before it returns.
            if onLoop || jobs.isWoken { return false }
            jobs.isWoken = true
            return true
        }
        if mustWake { cmodemio_loop_wake(handle) }
    }

    func asUnownedSerialExecutor() -> UnownedSerialExecutor {
        UnownedSerialExecutor(ordinary: self)
    }

    func checkIsolated() {
        precondition(isOnLoop, "not on the loop's thread")
    }

    func isIsolatingCurrentContext() -> Bool? { isOnLoop }

    /// Whether the caller runs on the loop's thread.
    var isOnLoop: Bool {
        anchor.identifier.load(ordering: .acquiring) == UInt(pthread_self())
    }

    /// Runs a callback of the C loop, then all that became runnable by it. [loop]
    func serve(_ body: () -> Void) {
        body()
        drain()
    }

    private func drain() {
        if isDraining { return }
        isDraining = true
        defer { isDraining = false }
        while true {
            let batch = jobs.withLock { jobs in
                jobs.isWoken = false
                var taken: [UnownedJob] = []
                swap(&taken, &jobs.waiting)
                return taken
            }
            if batch.isEmpty { return }
            for job in batch { job.runSynchronously(on: asUnownedSerialExecutor()) }
        }
    }

    // MARK: Timers

    /// The monotonic clock, in nanoseconds.
    static var now: Int64 { cmodemio_now_ns() }

    /// Calls `body` on the loop's thread after `delay`. [loop]
    @discardableResult
    func schedule(after delay: Duration, _ body: @escaping () -> Void) -> TimerQueue.ID {
        let id = timers.add(deadline: Self.now + delay.nanoseconds, body)
        arm()
        return id
    }

    /// Forgets a timer; harmless when it has fired. [loop]
    func cancel(_ id: TimerQueue.ID) {
        timers.cancel(id)
    }

    /// Suspends the caller, who must live on this loop; ends early, without an error, when the task is cancelled.
    func pause(for delay: Duration) async {
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            schedule(after: delay) { continuation.resume() }
        }
    }

    private func arm() {
        // A deadline that is no longer wanted fires once for nothing: cheaper than to move it with each command.
        guard let earliest = timers.earliest() else { return }
        if armed != 0, armed <= earliest { return }
        armed = earliest
        cmodemio_loop_set_deadline(handle, earliest)
    }

    private func deadlinePassed() {
        armed = 0
        let now = Self.now
        while let body = timers.due(at: now) { body() }
        arm()
        drain()
    }
}

extension Duration {
    var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds &* 1_000_000_000 &+ attoseconds / 1_000_000_000
    }
}
