import Logging
import Synchronization

/// One modem, known by its IMEI, through all its ports and plugs. Lives on the loop.
actor Modem {
    nonisolated let id: ModemID
    nonisolated let loop: EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }
    let delegate: any FleetDelegate
    let timings: ModemTimings
    let pins: PINMemory
    var logger: Logger
    /// What `Fleet.modems` shows, for any thread.
    nonisolated let published: Mutex<ModemSnapshot>

    /// Settings that fit this modem with this SIM.
    var match: @Sendable (_ sim: SIMID?, _ imsi: String?) -> ModemMatch? = { _, _ in nil }
    var snapshot: ModemSnapshot
    var channel: ATChannel?
    /// A command is answered, or the modem is used up: the fleet looks for its port again.
    var released: (@Sendable (_ silent: Bool) -> Void)?

    // What the modem can do; learned when it is brought up.
    var storage = MessageStorage.none
    var indications: Indications?
    var acknowledges = false
    var acknowledgement = "AT+CNMA"
    var marksRead: Bool?

    // The dialogue's state on the modem's side.
    /// Memory 1 as AT+CPMS set it; nil where it is not known for certain.
    var memory: String?
    var memories: [ModemSnapshot.MemoryUse] = []
    var memoryArguments: Int?
    /// Counts starts of the modem's own software: what was selected before is void.
    var epoch = 0

    // Work that waits.
    var needsBringUp = true
    var needsSettings = false
    /// Listings in a row after which the modem said that another memory is selected.
    var strayListings = 0
    static let mostStrayListings = 2
    var hints: [Hint] = []
    var toDrain: Set<String> = []
    var directs: [StoredEntry] = []
    var requests = Fifo<Request>()
    var nextDrain: Int64 = 0
    var nextHealth: Int64 = 0
    var retryAt: Int64?
    var failures = 0
    var healthChecks = 0

    private var service: Task<Void, Never>?
    private var isKicked = false
    private var sleeper: CheckedContinuation<Void, Never>?
    private var isStopping = false

    struct Hint: Sendable, Hashable {
        var memory: String
        var index: Int
    }

    struct Request {
        var command: String
        var timeout: Duration
        var continuation: CheckedContinuation<ATReply, Never>
    }

    init(
        id: ModemID, port: String, loop: EventLoop, delegate: any FleetDelegate, timings: ModemTimings, pins: PINMemory,
        logger: Logger
    ) {
        self.id = id
        self.loop = loop
        self.delegate = delegate
        self.timings = timings
        self.pins = pins
        self.logger = logger
        self.logger[metadataKey: "modem"] = "\(id)"
        snapshot = ModemSnapshot(id: id, port: port, state: .starting)
        published = Mutex(snapshot)
    }

    // MARK: Life on a port

    /// The modem answers on `channel`; `released` is called when that port is of no more use. [loop]
    func attach(
        _ channel: ATChannel, match: @escaping @Sendable (SIMID?, String?) -> ModemMatch?,
        released: @escaping @Sendable (_ silent: Bool) -> Void
    ) {
        self.channel = channel
        self.match = match
        self.released = released
        channel.unsolicited = { [weak self] event in self?.assumeIsolated { $0.heard(event) } }
        channel.closed = { [weak self] reason in self?.assumeIsolated { $0.lost(channel, reason) } }
        needsBringUp = true
        marksRead = nil
        strayListings = 0
        memory = nil
        snapshot = ModemSnapshot(id: id, port: channel.path, state: .starting)
        publish()
        let former = service
        service = Task { [weak self] in
            await former?.value
            await self?.serve(channel)
        }
        if !channel.isOpen { lost(channel, "the device went away") }
    }

    func isAttached(to channel: ATChannel) -> Bool { self.channel === channel }

    private func lost(_ channel: ATChannel, _ reason: String) {
        guard self.channel === channel else { return }
        self.channel = nil
        let silent = channel.isSilent
        snapshot.state = silent ? .recovering : .gone
        snapshot.problem = silent ? "The modem stopped answering; its port is opened again." : nil
        publish()
        logger.notice("The port was lost", metadata: ["port": "\(channel.path)", "reason": "\(reason)"])
        kick()
        let tell = released
        released = nil
        tell?(silent)
    }

    /// Lets the command under way end, within `limit`, and closes the port.
    func stop(within limit: Duration) async {
        isStopping = true
        released = nil
        if let channel { await channel.finish(within: limit) }
        kick()
        await service?.value
        service = nil
    }

    private func serve(_ channel: ATChannel) async {
        while channel.isOpen, self.channel === channel {
            isKicked = false
            if needsBringUp {
                needsBringUp = false
                await bringUp(channel)
            }
            await serveRequests(channel)
            if snapshot.state == .ready {
                if needsSettings { await settle(channel) }
                await receive(channel)
                await checkHealth(channel)
            }
            count(channel)
            if channel.isSilent {
                channel.close("the modem does not answer")
                break
            }
            if channel.isOpen { await sleep(until: nextWork) }
        }
        while let request = requests.popFirst() { request.continuation.resume(returning: ATReply(.gone)) }
    }

    private var nextWork: Int64 {
        guard snapshot.state == .ready else { return retryAt ?? EventLoop.now + timings.health.nanoseconds }
        return min(nextDrain, nextHealth, retryAt ?? .max)
    }

    private func sleep(until deadline: Int64) async {
        guard !isKicked else { return }
        let delay = max(0, deadline - EventLoop.now)
        let timer = loop.schedule(after: .nanoseconds(delay)) { [weak self] in self?.assumeIsolated { $0.kick() } }
        await withCheckedContinuation { sleeper = $0 }
        loop.cancel(timer)
    }

    /// There is something to do.
    func kick() {
        isKicked = true
        sleeper?.resume()
        sleeper = nil
    }

    // MARK: What the modem says unasked

    private func heard(_ event: Unsolicited) {
        switch event {
        case .stored(let memory, let index):
            // A hint only: what is in the memories is the truth (A5).
            if hints.count < 64 { hints.append(Hint(memory: memory, index: index)) }
            kick()
        case .direct(let entry):
            if directs.count < 1024 { directs.append(entry) }
            kick()
        case .registration(let stat):
            guard snapshot.state == .ready else { return }
            setRegistration(stat)
            publish()
        case .booted:
            epoch += 1
            memory = nil
            // In text mode a PDU would be sent as a text: nothing goes out before the settings stand again.
            channel?.isSuspended = true
            needsBringUp = true
            kick()
        case .sim(let state):
            if state == "READY", snapshot.state == .blocked { needsBringUp = true }
            if state != "READY", snapshot.state == .ready { needsBringUp = true }
            if needsBringUp { kick() }
        case .smsReady:
            toDrain.formUnion(storage.toDrain)
            kick()
        case .other:
            break
        }
    }

    // MARK: Publishing

    /// Tells the world how the modem stands.
    func publish() {
        if let channel { snapshot.commands = channel.commands }
        let isNew = published.withLock { published in
            let isNew = published != snapshot
            published = snapshot
            return isNew
        }
        if isNew { delegate.changed(snapshot) }
    }

    /// Figures that change all the time: they are there for whoever asks, and nobody is told.
    private func count(_ channel: ATChannel) {
        snapshot.commands = channel.commands
        published.withLock { published in
            published.commands = channel.commands
            published.memories = snapshot.memories
        }
    }

    func setRegistration(_ stat: Int) {
        snapshot.registration = Registration.name(stat)
    }

    // MARK: Sending and asking

    func submit(_ submission: Submission, permit: @escaping @Sendable () async throws -> Void) async
        -> SubmissionOutcome
    {
        guard let channel, !isStopping else { return .notSent(reason: "the modem is not attached") }
        guard snapshot.state == .ready else { return .notSent(reason: "the modem is \(snapshot.state.rawValue)") }
        let outcome = await channel.submit(submission, permit: permit)
        published.withLock { $0.commands = channel.commands }
        if channel.isSilent { kick() }
        return outcome
    }

    /// One command of a person; it waits for a pause between two drains.
    func command(_ command: String, timeout: Duration) async -> ATReply {
        guard channel != nil, !isStopping else { return ATReply(.gone) }
        return await withCheckedContinuation { continuation in
            requests.append(Request(command: command, timeout: timeout, continuation: continuation))
            kick()
        }
    }

    func serveRequests(_ channel: ATChannel) async {
        while let request = requests.popFirst() {
            let changes = CommandLine.changesSettings(request.command)
            if changes { channel.isSuspended = true }
            let reply = await channel.run(request.command, timeout: request.timeout)
            request.continuation.resume(returning: reply)
            guard changes else { continue }
            // It may have changed anything that we rely on.
            memory = nil
            if snapshot.state == .ready { await settle(channel) } else { needsBringUp = true }
        }
    }
}
