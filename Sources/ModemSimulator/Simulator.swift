import Glibc
import Synchronization

/// Modems one can talk to over ptys, with a network behind them and faults on demand.
///
/// One thread serves all of them; everything public may be called from any thread and returns at once, unless it says
/// that it waits. `stop` it: links and ptys are the process's until then.
public final class Simulator: Sendable {
    private enum Phase {
        case running(pthread_t)
        case stopping
        case stopped
    }

    /// What it was made with.
    public let configuration: SimulatorConfiguration
    private let shared: SharedState
    private let wakeRead: Int32
    private let wakeWrite: Int32
    private let phase: Mutex<Phase>

    /// What the thread is given; it takes it apart.
    private final class Start: @unchecked Sendable {
        // Safety: made by one thread, handed over once at pthread_create and never touched by the first again.
        let engine: Engine
        let shared: SharedState

        init(_ engine: Engine, _ shared: SharedState) {
            self.engine = engine
            self.shared = shared
        }
    }

    /// Opens and links the ptys and starts the thread: when it returns, the modems can be opened.
    ///
    /// - Throws: A sentence naming the file that cannot be made.
    public init(_ configuration: SimulatorConfiguration) throws(SimulatorError) {
        self.configuration = configuration
        (wakeRead, wakeWrite) = try Self.makePipe()
        shared = SharedState(wakeDescriptor: wakeWrite)
        let engine: Engine
        do {
            engine = try Engine(configuration, shared: shared, wakeDescriptor: wakeRead)
        } catch {
            close(wakeRead)
            close(wakeWrite)
            throw error
        }
        let start = Unmanaged.passRetained(Start(engine, shared))
        var thread = pthread_t()
        let code = pthread_create(&thread, nil, simulatorThread, start.toOpaque())
        guard code == 0 else {
            start.release()
            close(wakeRead)
            close(wakeWrite)
            throw SimulatorError("cannot start the simulator's thread", errno: code)
        }
        phase = Mutex(.running(thread))
    }

    deinit {
        stop()
        close(wakeRead)
        close(wakeWrite)
    }

    /// Paths of the links, in the order of the modems.
    public var links: [String] {
        configuration.profiles.indices.map { "\(configuration.linkFolder)/modem\($0)" }
    }

    /// Does one thing; what is wrong with it is told to `configuration.problem`.
    public func perform(_ directive: Directive) {
        shared.add(.perform(directive))
    }

    /// Obeys a script, after the lines of earlier ones.
    public func run(_ script: Script) {
        shared.add(.script(script))
    }

    /// Obeys script lines as they arrive on `descriptor`, which the caller keeps open until it ends.
    public func obeyLines(from descriptor: Int32) {
        shared.add(.liveInput(descriptor))
    }

    /// A text arrives; see `Directive.text`.
    public func text(_ modem: Int = 0, from: String, _ body: String, count: Int = 1) {
        perform(.text(.one(modem), from: from, body: body, count: count))
    }

    /// A fault strikes `modem` from now on.
    public func fault(_ modem: Int = 0, _ fault: Fault) {
        perform(.fault(.one(modem), fault))
    }

    /// A modem is different from now on.
    public func set(_ modem: Int = 0, _ setting: ModemSetting) {
        perform(.setting(.one(modem), setting))
    }

    /// What happened since the start; empty where `configuration.keepsEvents` is off.
    public var events: [LedgerEvent] { shared.events }

    /// Events as they happen, after those that were kept; ends with the simulator.
    public var eventStream: AsyncStream<LedgerEvent> {
        let (stream, continuation) = AsyncStream<LedgerEvent>.makeStream()
        if !shared.add(.stream(continuation)) { SharedState.finish(continuation, shared.events) }
        return stream
    }

    /// Waits, blocking the calling thread, until `condition` holds for the events so far.
    ///
    /// - Returns: False when `timeout` passed or the simulator ended first.
    public func wait(timeout: Duration = .seconds(10), until condition: ([LedgerEvent]) -> Bool) -> Bool {
        guard let (readEnd, writeEnd) = try? Self.makePipe() else { return condition(shared.events) }
        shared.addWaiter(writeEnd)
        defer {
            shared.removeWaiter(writeEnd)
            close(writeEnd)
            close(readEnd)
        }
        let clock = ContinuousClock()
        let deadline = clock.now + timeout
        var scratch = [UInt8](repeating: 0, count: 4096)
        while true {
            if condition(shared.events) { return true }
            let rest = deadline - clock.now
            if rest <= .zero || shared.hasEnded { return condition(shared.events) }
            var ready = pollfd(fd: readEnd, events: Int16(POLLIN), revents: 0)
            poll(&ready, 1, Int32(clamping: rest.nanoseconds / 1_000_000 + 1))
            _ = read(readEnd, &scratch, scratch.count)
        }
    }

    /// Unplugs everything, removes the links and waits for the thread's end. May be called again.
    public func stop() {
        let thread: pthread_t? = phase.withLock { phase in
            guard case .running(let thread) = phase else { return nil }
            phase = .stopping
            return thread
        }
        guard let thread else { return }
        shared.add(.stop)
        pthread_join(thread, nil)
        phase.withLock { $0 = .stopped }
    }

    private static func makePipe() throws(SimulatorError) -> (Int32, Int32) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw SimulatorError("cannot make a pipe", errno: errno) }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        return (ends[0], ends[1])
    }

    fileprivate static func serve(_ pointer: UnsafeMutableRawPointer) {
        let start = Unmanaged<Start>.fromOpaque(pointer).takeRetainedValue()
        start.engine.run()
        start.shared.end()
    }
}

private func simulatorThread(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    if let argument { Simulator.serve(argument) }
    return nil
}
