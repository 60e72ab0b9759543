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
    let experience: RecoveryMemory
    var logger: Logger
    /// What `Fleet.modems` shows, for any thread.
    nonisolated let published: Mutex<ModemSnapshot>

    /// The USB product that its port belongs to, as `vvvv:pppp`.
    var usb: String?
    /// Settings that fit this modem with this SIM.
    var match: @Sendable (_ sim: SIMID?, _ imsi: String?) -> ModemMatch? = { _, _ in nil }
    var snapshot: ModemSnapshot
    var channel: ATChannel?
    /// A command is answered, or the modem is used up: the fleet looks for its port again.
    var released: (@Sendable (_ silent: Bool) -> Void)?

    // What the modem can do; learned when it is brought up.
    var family = ModemFamily.generic
    var ussdForm = ModemFamily.USSDForm.text
    var storage = MessageStorage.none
    var indications: Indications?
    var acknowledges = false
    var acknowledgement = "AT+CNMA"
    var marksRead: Bool?

    // The dialogue's state on the modem's side.
    /// Memory 1 as AT+CPMS set it; nil where it is not known for certain.
    var memory: String?
    var memories: [ModemSnapshot.MemoryUse] = []
    /// Slots of each memory that the modem refused to free when it was last told to.
    var undeletable: [String: Set<Int>] = [:]
    var memoryArguments: Int?
    /// Counts starts of the modem's own software: what was selected before is void.
    var epoch = 0

    /// What goes over its ports. [loop]
    let trace = TraceRing()
    /// The modem did not answer when its port was opened again: the trace has it once, not each time.
    var isSilenceTraced = false
    var tracedState = ModemSnapshot.State.starting

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
    var ussdWait: USSDWait?
    var call: Call?
    var nextDrain: Int64 = 0
    var nextHealth: Int64 = 0
    var retryAt: Int64?
    var failures = 0
    var healthChecks = 0

    // Whether it does its work, and what is done where it does not.
    var watch = ModemWatch()
    var ladder = RecoveryLadder()
    var outside = OutsideHelp()
    var askedStep: RecoveryStep?
    var isGivenUp = false
    /// A start of the modem is under way until then; nanoseconds on the loop's clock.
    var expectedBack: Int64 = 0
    var nextLook = Int64.max

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
        experience: RecoveryMemory, logger: Logger
    ) {
        self.id = id
        self.loop = loop
        self.delegate = delegate
        self.timings = timings
        self.pins = pins
        self.experience = experience
        self.logger = logger
        self.logger[metadataKey: "modem"] = "\(id)"
        snapshot = ModemSnapshot(id: id, port: port, state: .starting)
        published = Mutex(snapshot)
    }

    // MARK: Life on a port

    /// The modem answers on `channel`; `released` is called when that port is of no more use. [loop]
    func attach(
        _ channel: ATChannel, usb: String? = nil, outside: OutsideHelp = OutsideHelp(),
        match: @escaping @Sendable (SIMID?, String?) -> ModemMatch?,
        released: @escaping @Sendable (_ silent: Bool) -> Void
    ) {
        self.channel = channel
        self.usb = usb
        self.outside = outside
        self.match = match
        self.released = released
        trace.pin()
        channel.recorder.move(to: trace, isAside: false)
        isSilenceTraced = false
        channel.unsolicited = { [weak self] event in self?.assumeIsolated { $0.heard(event) } }
        channel.closed = { [weak self] reason in self?.assumeIsolated { $0.lost(channel, reason) } }
        needsBringUp = true
        marksRead = nil
        strayListings = 0
        undeletable = [:]
        memory = nil
        let recoveries = snapshot.recoveries
        snapshot = ModemSnapshot(id: id, port: channel.path, state: .starting)
        snapshot.recoveries = recoveries
        expectedBack = 0
        watch.restart()
        publish()
        let former = service
        service = Task { [weak self] in
            await former?.value
            await self?.serve(channel)
        }
        if !channel.isOpen { lost(channel, "the device went away") }
    }

    func isAttached(to channel: ATChannel) -> Bool { self.channel === channel }

    /// What another port of the modem says counts, too. [loop]
    func listen(to listener: ATChannel) {
        listener.recorder.move(to: trace, isAside: true)
        listener.unsolicited = { [weak self] event in self?.assumeIsolated { $0.heard(event) } }
    }

    /// Why a port is closed that shall be opened again at once.
    static let reopening = "it is opened again"

    private func lost(_ channel: ATChannel, _ reason: String) {
        guard self.channel === channel else { return }
        self.channel = nil
        let silent = channel.isSilent
        if silent, case .step(.reopen) = nextMove(.silence, now: EventLoop.now) {
            snapshot.recoveries[RecoveryStep.reopen.rawValue, default: 0] += 1
        }
        if silent {
            snapshot.state = .recovering
            snapshot.problem = "The modem stopped answering; its port is opened again."
        } else if EventLoop.now < expectedBack || reason == Self.reopening {
            snapshot.state = .recovering
        } else {
            snapshot.state = .gone
            snapshot.problem = nil
        }
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
            await hangUp(channel)
            await serveRequests(channel)
            if isServed {
                if needsSettings { await settle(channel) }
                await receive(channel)
                await checkHealth(channel)
            }
            await recover(channel)
            count(channel)
            if channel.isSilent {
                channel.close("the modem does not answer")
                break
            }
            if channel.isOpen { await sleep(until: nextWork) }
        }
        while let request = requests.popFirst() { request.continuation.resume(returning: ATReply(.gone)) }
        endUSSDWait()
        call = nil
    }

    /// Something beside texts is to be done: a person's step, or a look at how the modem does.
    var isOtherWorkDue: Bool { askedStep != nil || EventLoop.now >= min(nextHealth, nextLook) }

    /// Texts wait that a look at something else came before.
    private var hasTextsToTake: Bool {
        isServed && retryAt == nil
            && (!hints.isEmpty || !directs.isEmpty || storage.toDrain.contains(where: toDrain.contains))
    }

    private var nextWork: Int64 {
        if hasTextsToTake { return EventLoop.now }
        guard isServed else { return retryAt ?? EventLoop.now + timings.health.nanoseconds }
        return min(nextDrain, nextHealth, nextLook, retryAt ?? .max)
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
            guard isServed else { return }
            setRegistration(stat)
            publish()
            if ladder.trouble == .registration { kick() }
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
        case .ring:
            rings()
        case .caller(let number):
            rings(.some(number))
        case .ussd(let reply):
            heard(reply)
        case .other:
            break
        }
    }

    // MARK: Publishing

    /// Tells the world how the modem stands.
    func publish() {
        if let channel { snapshot.commands = channel.commands }
        noteState()
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
        let isNews = published.withLock { published in
            published.commands = channel.commands
            if Self.concerns(published.memories, snapshot.memories) { return true }
            published.memories = snapshot.memories
            return false
        }
        if isNews { publish() }
    }

    /// Whether people are told something else of the second than of the first.
    private static func concerns(_ old: [ModemSnapshot.MemoryUse], _ new: [ModemSnapshot.MemoryUse]) -> Bool {
        !old.elementsEqual(new) { $0.condition == $1.condition && $0.undeletable == $1.undeletable }
    }

    func setRegistration(_ stat: Int) {
        snapshot.registration = Registration.name(stat)
        watch.registered(Registration.isRegistered(stat), now: EventLoop.now)
    }

    // MARK: Sending and asking

    func submit(_ submission: Submission, permit: @escaping @Sendable () async throws -> Void) async
        -> SubmissionOutcome
    {
        guard let channel, !isStopping else { return .notSent(reason: "the modem is not attached") }
        guard snapshot.state == .ready else { return .notSent(reason: "the modem is \(snapshot.state.rawValue)") }
        let outcome = await channel.submit(submission, permit: permit)
        published.withLock { $0.commands = channel.commands }
        watch.sent(outcome, now: EventLoop.now)
        let isInTrouble = ladder.trouble != nil || watch.trouble(now: EventLoop.now, limits: timings.watch) != nil
        if channel.isSilent || isInTrouble { kick() }
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
            if isServed { await settle(channel) } else { needsBringUp = true }
        }
    }
}
