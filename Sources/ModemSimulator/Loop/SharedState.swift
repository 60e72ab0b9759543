import Glibc
import Synchronization

/// What callers' threads and the simulator's thread share.
final class SharedState: Sendable {
    enum Request: Sendable {
        case perform(Directive)
        case script(Script)
        /// Script lines come from this descriptor.
        case liveInput(Int32)
        /// Events go there too.
        case stream(AsyncStream<LedgerEvent>.Continuation)
        case stop
    }

    private struct State {
        var requests: [Request] = []
        var events: [LedgerEvent] = []
        var waiters: [Int32] = []
        var hasEnded = false
    }

    private let state = Mutex(State())
    private let wakeDescriptor: Int32

    init(wakeDescriptor: Int32) {
        self.wakeDescriptor = wakeDescriptor
    }

    /// False when the simulator has ended and takes no more.
    @discardableResult
    func add(_ request: Request) -> Bool {
        let isTaken = state.withLock { state in
            if !state.hasEnded { state.requests.append(request) }
            return !state.hasEnded
        }
        if isTaken { Self.poke(wakeDescriptor) }
        return isTaken
    }

    func takeRequests() -> [Request] {
        state.withLock { state in
            defer { state.requests = [] }
            return state.requests
        }
    }

    var events: [LedgerEvent] { state.withLock { $0.events } }
    var hasEnded: Bool { state.withLock { $0.hasEnded } }

    func publish(_ event: LedgerEvent, keeps: Bool) {
        let waiters = state.withLock { state in
            if keeps { state.events.append(event) }
            return state.waiters
        }
        for waiter in waiters { Self.poke(waiter) }
    }

    /// What was asked for and not begun stays undone; who listens is told.
    func end() {
        let (waiters, requests, events) = state.withLock { state in
            state.hasEnded = true
            return (state.waiters, state.requests, state.events)
        }
        for waiter in waiters { Self.poke(waiter) }
        for case .stream(let continuation) in requests { Self.finish(continuation, events) }
    }

    func addWaiter(_ descriptor: Int32) {
        state.withLock { $0.waiters.append(descriptor) }
    }

    func removeWaiter(_ descriptor: Int32) {
        state.withLock { state in state.waiters.removeAll { $0 == descriptor } }
    }

    static func finish(_ continuation: AsyncStream<LedgerEvent>.Continuation, _ events: [LedgerEvent]) {
        for event in events { continuation.yield(event) }
        continuation.finish()
    }

    /// The pipe never blocks: a full one has been heard already.
    private static func poke(_ descriptor: Int32) {
        var byte: UInt8 = 1
        write(descriptor, &byte, 1)
    }
}
