import CSpawn
import Glibc
import PluginKit
import Synchronization

/// The calls of a program, as tasks see them. The program itself belongs to the thread of `ScriptLoop`.
final class ScriptRunner: Sendable {
    /// What the program said it takes.
    struct Serves: Sendable, Equatable {
        var responder = true
        var notifier = false
    }

    /// What the loop has not seen yet.
    struct News: Sendable {
        var calls: [(id: UInt64, request: ScriptRequest)] = []
        var cancelled: [UInt64] = []
        var isStopping = false
    }

    /// Wrapped, since a Mutex of a bare closure re-wraps it at each use.
    private struct Waiting: Sendable {
        let complete: @Sendable (Result<ScriptAnswer, PluginError>) -> Void
        let weight: Int
    }

    private struct State {
        var news = News()
        var waiting: [UInt64: Waiting] = [:]
        /// Given up before they were handed in.
        var early: Set<UInt64> = []
        var bytes = 0
        var serves = Serves()
        var isRunning = false
        var start: CheckedContinuation<Result<Void, PluginError>, Never>?
        var stops: [CheckedContinuation<Void, Never>] = []
        var bell: Bell?

        mutating func remove(_ id: UInt64) -> Waiting? {
            guard let call = waiting.removeValue(forKey: id) else { return nil }
            bytes -= call.weight
            return call
        }
    }

    let settings: ScriptSettings
    let limits: ScriptLimits
    let host: Host
    private let state = Mutex(State())
    private let numbers = Atomic<UInt64>(0)

    init(settings: ScriptSettings, limits: ScriptLimits, host: Host) {
        self.settings = settings
        self.limits = limits
        self.host = host
    }

    var serves: Serves { state.withLock { $0.serves } }

    var waiting: Int { state.withLock { $0.waiting.count } }

    func nextID() -> UInt64 { numbers.add(1, ordering: .relaxed).newValue }

    // MARK: Life

    func start() async throws(PluginError) {
        guard let bell = Bell() else { throw PluginError(.unavailable, "no pipe: \(String(cString: strerror(errno)))") }
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                state.withLock { state in
                    state.start = continuation
                    state.bell = bell
                    state.isRunning = true
                }
                let isRunning = Self.thread { ScriptLoop(self, bell: bell).run() }
                if !isRunning { ended(PluginError(.unavailable, "the system gives no thread")) }
            }
        } onCancel: {
            abandon()
        }
        try result.get()
    }

    /// Returns when the program is gone, and what it had started.
    func stop() async {
        await withCheckedContinuation { continuation in
            let (isOver, bell) = state.withLock { state in
                state.news.isStopping = true
                if state.isRunning { state.stops.append(continuation) }
                return (!state.isRunning, state.bell)
            }
            if isOver { continuation.resume() } else { bell?.ring() }
        }
    }

    /// As `stop`, without waiting.
    func abandon() {
        let bell = state.withLock { state in
            state.news.isStopping = true
            return state.bell
        }
        bell?.ring()
    }

    // MARK: Calls

    /// Asks the program and waits for its answer.
    func ask(_ request: ScriptRequest) async throws(PluginError) -> ScriptAnswer {
        let id = nextID()
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                submit(id, request) { continuation.resume(returning: $0) }
            }
        } onCancel: {
            cancel(id)
        }
        return try result.get()
    }

    private func submit(
        _ id: UInt64, _ request: ScriptRequest,
        complete: @escaping @Sendable (Result<ScriptAnswer, PluginError>) -> Void
    ) {
        let weight = request.weight
        let (refusal, bell) = state.withLock { state -> (PluginError?, Bell?) in
            if state.early.remove(id) != nil { return (.givenUp, nil) }
            guard state.isRunning, !state.news.isStopping else {
                return (PluginError(.unavailable, "\(settings.name) is not running"), nil)
            }
            guard state.waiting.count < limits.calls, state.bytes + weight <= limits.bytes || state.waiting.isEmpty
            else {
                let message = "\(settings.name) does not keep up: \(state.waiting.count) calls wait for it"
                return (PluginError(.unavailable, message, retryAfterMilliseconds: 1000), nil)
            }
            state.waiting[id] = Waiting(complete: complete, weight: weight)
            state.bytes += weight
            state.news.calls.append((id, request))
            return (nil, state.bell)
        }
        if let refusal { complete(.failure(refusal)) }
        bell?.ring()
    }

    private func cancel(_ id: UInt64) {
        let (waiting, bell) = state.withLock { state -> (Waiting?, Bell?) in
            guard let waiting = state.remove(id) else {
                state.early.insert(id)
                return (nil, nil)
            }
            state.news.cancelled.append(id)
            return (waiting, state.bell)
        }
        waiting?.complete(.failure(.givenUp))
        bell?.ring()
    }

    // MARK: For the loop

    func takeNews() -> News {
        state.withLock { state in
            defer { state.news = News(isStopping: state.news.isStopping) }
            return state.news
        }
    }

    /// Ends a call; nothing happens when it has ended already.
    func settle(_ id: UInt64, _ result: Result<ScriptAnswer, PluginError>) {
        state.withLock { $0.remove(id) }?.complete(result)
    }

    func started(_ serves: Serves) {
        let start = state.withLock { state in
            state.serves = serves
            defer { state.start = nil }
            return state.start
        }
        start?.resume(returning: .success(()))
    }

    /// The loop is over; `error` is why, where that was not wanted.
    func ended(_ error: PluginError?) {
        let (start, stops, waiting) = state.withLock { state in
            defer {
                (state.start, state.stops, state.waiting, state.bytes) = (nil, [], [:], 0)
                (state.isRunning, state.bell) = (false, nil)
            }
            return (state.start, state.stops, Array(state.waiting.values))
        }
        let reason = error ?? PluginError(.unavailable, "\(settings.name) is stopped")
        for call in waiting { call.complete(.failure(reason)) }
        start?.resume(returning: .failure(error ?? .givenUp))
        for stop in stops { stop.resume() }
    }

    /// Runs `body` on a thread of its own; false when there is none.
    private static func thread(_ body: @escaping @Sendable () -> Void) -> Bool {
        final class Work: Sendable {
            let body: @Sendable () -> Void
            init(_ body: @escaping @Sendable () -> Void) { self.body = body }
        }
        let work = Unmanaged.passRetained(Work(body))
        var thread = pthread_t()
        let failed = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                Unmanaged<Work>.fromOpaque(context).takeRetainedValue().body()
                return nil
            }, work.toOpaque())
        guard failed == 0 else {
            work.release()
            return false
        }
        pthread_detach(thread)
        return true
    }
}

extension PluginError {
    static let givenUp = PluginError(.cancelled, "cancelled")
}

/// Wakes a thread that polls.
final class Bell: Sendable {
    private let reading: Int32
    private let writing: Int32
    var descriptor: Int32 { reading }

    init?() {
        var ends: [Int32] = [-1, -1]
        guard cspawn_pipe(&ends) == 0 else { return nil }
        (reading, writing) = (ends[0], ends[1])
    }

    deinit {
        close(reading)
        close(writing)
    }

    /// A bell that is full rings already.
    func ring() {
        var byte: UInt8 = 1
        _ = write(writing, &byte, 1)
    }

    func hush() {
        var bytes = [UInt8](repeating: 0, count: 256)
        while read(reading, &bytes, bytes.count) == bytes.count {}
    }
}
