internal import Dispatch
internal import Foundation
internal import GRDB
internal import Synchronization

/// The journal's one writer thread: commits what waited during the last commit, together, durably.
///
/// Jobs run in the order in which they were handed over. One that throws takes nothing with it: the batch is rolled back
/// and run again with a savepoint for each. So what a job does but to the database, it may do twice. Nobody is told that a
/// job is done before its commit is on the disk.
final class JournalWriter: Sendable {
    /// One unit of work and whoever waits for it.
    private struct Job: Sendable {
        var body: @Sendable (Database) throws -> Void
        /// A record of what the radio already did: repeated until it is durable, ahead of what came later.
        var mustPersist: Bool
        var done: (@Sendable ((any Error)?) -> Void)?
        /// Runs after the others, in no transaction.
        var isOutside = false
    }

    private struct State {
        var waiting: [Job] = []
        /// Somebody waits for one of them.
        var isUrgent = false
        var stopping = false
        var stopped = false
    }

    /// What became of one batch.
    private struct Settled {
        var finished: [(Job, (any Error)?)] = []
        var again: [Job] = []
        /// Why the commit failed.
        var failure: (any Error)?
    }

    /// How long a record waits for a write to share its commit with: the outcome of one part and the intent of the
    /// next are handed over right after each other.
    private static let sharing = DispatchTimeInterval.milliseconds(2)
    /// How long to wait before a commit that failed is tried again.
    private static let pause = DispatchTimeInterval.milliseconds(250)

    private let database: DatabaseQueue
    private let ballast: Ballast
    private let state = Mutex(State())
    private let signal = DispatchSemaphore(value: 0)
    private let ended = DispatchSemaphore(value: 0)
    /// Told why commits fail, and nil when they succeed again.
    private let onHealth: @Sendable (JournalError?) -> Void

    init(database: DatabaseQueue, ballast: Ballast, onHealth: @escaping @Sendable (JournalError?) -> Void) {
        self.database = database
        self.ballast = ballast
        self.onHealth = onHealth
    }

    func start() {
        let thread = Thread { self.run() }
        thread.name = "journal"
        thread.start()
    }

    /// Commits what waits and ends the thread; what cannot be committed now is dropped from memory only.
    func stop() {
        state.withLock { $0.stopping = true }
        signal.signal()
        ended.wait()
    }

    /// Runs `body` and returns its value once it is durable; throws what it threw, or why the commit failed.
    func write<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        let result = Slot<Value>()
        return try await withCheckedThrowingContinuation { continuation in
            add(
                Job(body: { result.store(try body($0)) }, mustPersist: false) { error in
                    if let error {
                        continuation.resume(throwing: error)
                    } else if let value = result.take() {
                        continuation.resume(returning: value)
                    } else {
                        continuation.resume(throwing: JournalError.stopped)
                    }
                })
        }
    }

    /// Runs `body` in no transaction, as VACUUM needs it; commits wait meanwhile.
    func maintain<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        let result = Slot<Value>()
        return try await withCheckedThrowingContinuation { continuation in
            add(
                Job(
                    body: { result.store(try body($0)) }, mustPersist: false,
                    done: { error in
                        if let error {
                            continuation.resume(throwing: error)
                        } else if let value = result.take() {
                            continuation.resume(returning: value)
                        } else {
                            continuation.resume(throwing: JournalError.stopped)
                        }
                    }, isOutside: true))
        }
    }

    /// Hands over a record of something that has already happened. It is repeated until it is durable; then `after` is
    /// called on the writer's thread with what `body` returned.
    func record<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Value,
        after: @escaping @Sendable (Value) -> Void = { _ in }
    ) {
        let result = Slot<Value>()
        add(
            Job(body: { result.store(try body($0)) }, mustPersist: true) { [onHealth] error in
                if let error {
                    onHealth(JournalError(commit: error))
                } else if let value = result.take() {
                    after(value)
                }
            })
    }

    private func add(_ job: Job) {
        let (taken, mustWake) = state.withLock { state in
            guard !state.stopped else { return (false, false) }
            state.waiting.append(job)
            let becomesUrgent = !job.mustPersist && !state.isUrgent
            if becomesUrgent { state.isUrgent = true }
            return (true, becomesUrgent || state.waiting.count == 1)
        }
        if mustWake { signal.signal() }
        if !taken { job.done?(JournalError.stopped) }
    }

    private func run() {
        var healthy = true
        var again: [Job] = []
        while true {
            if again.isEmpty {
                signal.wait()
            } else {
                _ = signal.wait(timeout: .now() + Self.pause)
            }
            if state.withLock({ !$0.isUrgent && !$0.stopping && !$0.waiting.isEmpty }) {
                _ = signal.wait(timeout: .now() + Self.sharing)
            }
            let (fresh, stopping) = state.withLock { state in
                defer {
                    state.waiting = []
                    state.isUrgent = false
                }
                return (state.waiting, state.stopping)
            }
            let jobs = again + fresh.filter { !$0.isOutside }
            if !jobs.isEmpty {
                let settled = commit(jobs)
                again = settled.again
                for (job, error) in settled.finished { job.done?(error) }
                if let failure = settled.failure {
                    healthy = false
                    onHealth(JournalError(commit: failure))
                } else if !healthy {
                    healthy = true
                    onHealth(nil)
                }
            }
            for job in fresh where job.isOutside {
                do {
                    try database.writeWithoutTransaction(job.body)
                    job.done?(nil)
                } catch {
                    job.done?(error)
                }
            }
            if stopping, let left = close(unfinished: !again.isEmpty) {
                for job in left { job.done?(JournalError.stopped) }
                ended.signal()
                return
            }
        }
    }

    /// Takes no more jobs, unless some came while the last batch was committed; those are served first.
    private func close(unfinished: Bool) -> [Job]? {
        state.withLock { state in
            guard state.waiting.isEmpty || unfinished else { return nil }
            state.stopped = true
            defer { state.waiting = [] }
            return state.waiting
        }
    }

    /// One transaction for all of `jobs`. When the disk is full the ballast is given up and it is tried once more.
    private func commit(_ jobs: [Job]) -> Settled {
        var settled = attempt(jobs)
        if let failure = settled.failure, JournalError(commit: failure).isFull, ballast.release() {
            settled = attempt(jobs)
        }
        return settled
    }

    private func attempt(_ jobs: [Job]) -> Settled {
        var settled = Settled()
        do {
            do {
                try transact(jobs, apart: false, &settled)
            } catch is Thrown {
                settled = Settled()
                try transact(jobs, apart: true, &settled)
            }
        } catch {
            let reason = JournalError(commit: error)
            settled.finished = jobs.filter { !$0.mustPersist }.map { ($0, reason) }
            settled.again = jobs.filter(\.mustPersist)
            settled.failure = error
        }
        return settled
    }

    /// A job threw for reasons of its own.
    private struct Thrown: Error {}

    /// - Parameter apart: each job has a savepoint. They cost two statements a job, and hardly any job throws: so they are
    ///   only set where one did, when all are run again.
    /// - Throws: `Thrown` when a job threw that is not apart; why nothing could be committed.
    private func transact(_ jobs: [Job], apart: Bool, _ settled: inout Settled) throws {
        try database.writeWithoutTransaction { database in
            try database.inTransaction(.immediate) {
                for job in jobs {
                    do {
                        if apart { try runApart(job, in: database) } else { try job.body(database) }
                        settled.finished.append((job, nil))
                    } catch let error as DatabaseError where JournalError(commit: error).isOfTheDisk {
                        throw error
                    } catch {
                        guard apart else { throw Thrown() }
                        settled.finished.append((job, error))
                    }
                }
                return .commit
            }
        }
    }

    private func runApart(_ job: Job, in database: Database) throws {
        // GRDB's own savepoints are compiled anew each time.
        try database.run("SAVEPOINT job")
        do {
            try job.body(database)
        } catch {
            try? database.run("ROLLBACK TO job")
            try? database.run("RELEASE job")
            throw error
        }
        try database.run("RELEASE job")
    }
}

/// Carries a job's value from the writer's thread to the waiting task.
private final class Slot<Value: Sendable>: Sendable {
    private let value = Mutex<Value?>(nil)

    func store(_ new: Value) { value.withLock { $0 = new } }
    func take() -> Value? { value.withLock { $0 } }
}
