/// One modem: octets from the terminal go in, octets for it come out.
///
/// A command line is read, executed and answered before the next is looked at (ITU-T V.250 §5.2); what comes in
/// meanwhile waits. Used on the simulator's thread only; it knows neither pty nor thread.
final class SimulatedModem {
    enum Mode {
        /// Reads command lines.
        case command
        /// Reads what follows the prompt.
        case entry(MessageEntry)
        /// Works on a command.
        case busy
    }

    /// What the modem wants from whoever holds its port.
    struct Port {
        var reenumerate: () -> Void = {}
    }

    let index: Int
    let world: World
    let profile: ModemProfile
    var port = Port()

    var session = Session()
    var behaviour = Behaviour()
    var faults = FaultPlan()
    var sim = SIMCard(.ready)
    var store: MessageStore
    var network = ServiceCentre()
    var smsCentre: String
    /// `<fun>` of AT+CFUN.
    var functionality = 1
    /// The next TP-MR; the SIM counts them.
    var nextReference: UInt8 = 0
    var concatenationReference: UInt16 = 0
    /// The direct message the terminal has not acknowledged yet.
    var awaited: NetworkItem?
    var awaitedTurn = 0
    /// Result codes kept while AT+CNMI mode is 0.
    var buffered: [[UInt8]] = []

    /// Where it answers as another one did.
    var replay: Replay?
    /// Commands of which was told that the record does not have them.
    var unrecorded: Set<String> = []

    /// What the terminal has not read yet.
    var output: [UInt8] = []
    private(set) var isPlugged = false
    private(set) var isBooted = false
    private(set) var mode = Mode.command

    private var input: [UInt8] = []
    private var inputHead = 0
    private var line: [UInt8] = []
    private var isDraining = false
    private var isExecuting = false
    private var held: [[UInt8]] = []
    private var commands: ArraySlice<ATCommand> = []
    private var current = ""
    private var reply: [InformationResponse] = []
    /// Counts power cycles: what was begun before one does not go on after it.
    private var powerCycle = 0

    init(index: Int, profile: ModemProfile, world: World) {
        self.index = index
        self.profile = profile
        self.world = world
        smsCentre = profile.serviceCentre
        store = MessageStore(profile.memories)
    }

    // MARK: Power

    func powerUp(path: String) {
        powerCycle += 1
        isPlugged = true
        record(.plugged) { $0.text = path }
        start()
    }

    func powerDown() {
        guard isPlugged else { return }
        powerCycle += 1
        isPlugged = false
        isBooted = false
        giveBackAwaited()
        forgetLine()
        output = []
        record(.unplugged)
    }

    /// As AT+CFUN=1,1 does where the port stays.
    func restart() {
        powerCycle += 1
        isBooted = false
        giveBackAwaited()
        forgetLine()
        start()
    }

    func resetSession() {
        session = Session()
        buffered = []
        store.preferred = (0, 0, 0)
    }

    private func start() {
        resetSession()
        functionality = 1
        sim.powerUp()
        guard behaviour.bootDelay > .zero else { return booted() }
        later(after: behaviour.bootDelay) { $0.booted() }
    }

    private func booted() {
        isBooted = true
        if behaviour.bootNoise {
            for line in profile.bootLines { unsolicited(line) }
        }
        pump()
    }

    private func forgetLine() {
        mode = .command
        input = []
        inputHead = 0
        line = []
        held = []
        commands = []
        reply = []
        isExecuting = false
    }

    /// Runs `action` unless the modem lost its power meanwhile.
    func later(after delay: Duration, _ action: @escaping (SimulatedModem) -> Void) {
        let cycle = powerCycle
        world.after(delay) { [unowned self] in
            if powerCycle == cycle { action(self) }
        }
    }

    // MARK: Input

    func receive(_ bytes: some Sequence<UInt8>) {
        guard isBooted, !behaviour.isSilent else { return }
        input.append(contentsOf: bytes)
        drain()
    }

    private func drain() {
        guard !isDraining else { return }
        isDraining = true
        loop: while inputHead < input.count {
            let byte = input[inputHead]
            switch mode {
            case .busy: break loop
            case .command:
                inputHead += 1
                readCommandByte(byte)
            case .entry(var entry):
                // One owner of the octets, or each append would copy them.
                mode = .busy
                inputHead += 1
                readEntryByte(byte, &entry)
            }
        }
        isDraining = false
        if inputHead == input.count {
            input.removeAll(keepingCapacity: true)
            inputHead = 0
        }
    }

    private func readCommandByte(_ byte: UInt8) {
        // The record has its own.
        if session.echo, replay == nil { output.append(byte) }
        switch byte {
        case 13:
            let complete = line
            line.removeAll(keepingCapacity: true)
            run(complete)
        case 8: _ = line.popLast()
        case 0x1B where replaysEscape(): line = []
        case 0..<32: break
        default:
            if line.count < 2048 { line.append(byte) }
        }
    }

    private func readEntryByte(_ byte: UInt8, _ entry: inout MessageEntry) {
        if session.echo, replay == nil { output.append(byte) }
        switch byte {
        case 0x1B where replaysEscape(): break
        case 0x1B:
            // TS 27.005 §3.5.1: <ESC> cancels, and nothing is sent.
            finish(.ok)
        case 0x1A where replaysEntry(): break
        case 0x1A: complete(entry)
        case 13 where session.textMode:
            // TS 27.005 §3.5.1: in text mode each <CR> is answered with another prompt.
            entry.octets.append(byte)
            output.append(contentsOf: "\r\n> ".utf8)
            mode = .entry(entry)
        default:
            if entry.octets.count < 4096 { entry.octets.append(byte) }
            mode = .entry(entry)
        }
    }

    // MARK: Execution

    private func run(_ line: [UInt8]) {
        guard let parsed = CommandLine.parse(line) else { return }
        if replays(line, opens: { openedEntry(parsed) }) { return }
        mode = .busy
        commands = parsed[...]
        current = ""
        reply.removeAll(keepingCapacity: true)
        let latency = world.jittered(behaviour.latency.base, by: behaviour.latency.jitter)
        if latency > .zero {
            later(after: latency) {
                $0.execute()
                $0.drain()
            }
        } else {
            execute()
        }
    }

    private func execute() {
        isExecuting = true
        while let command = commands.popFirst() {
            current = command.name
            if !command.opensEntry, let fault = takeResultFault(command.name) {
                if fault.takesEffect { _ = perform(command) }
                return finish(fault)
            }
            switch perform(command) {
            case .result(.ok): continue
            case .result(let result): return finish(result)
            case .entry(let entry):
                isExecuting = false
                prompt(for: entry)
                return
            case .later:
                isExecuting = false
                return
            }
        }
        finish(.ok)
    }

    private func prompt(for entry: MessageEntry) {
        mode = .entry(entry)
        let fault = faults.take(current) { kind in
            if case .noPrompt = kind { return true }
            if case .barePrompt = kind { return true }
            return false
        }
        switch fault?.kind {
        case .noPrompt: break
        case .barePrompt: output.append(contentsOf: "\r\n>".utf8)
        default: output.append(contentsOf: "\r\n> ".utf8)
        }
    }

    func takeResultFault(_ command: String) -> Fault? {
        faults.take(command) { kind in
            switch kind {
            case .cms, .cme, .noFinal: true
            default: false
            }
        }
    }

    /// Adds an information response to the reply.
    func inform(_ text: String) {
        reply.append(InformationResponse(text))
    }

    func inform(_ response: InformationResponse) {
        reply.append(response)
    }

    /// Ends the command line as `fault` says.
    func finish(_ fault: Fault) {
        switch fault.kind {
        case .cms(let code): finish(.cms(code))
        case .cme(let code): finish(.cme(code))
        default: finish(nil)
        }
    }

    /// Ends the command line with `result`; without any where it is nil.
    func finish(_ result: FinalResult?) {
        writeReply(result)
        reply.removeAll(keepingCapacity: true)
        commands = []
        isExecuting = false
        mode = .command
        for line in held { output.append(contentsOf: line) }
        held.removeAll(keepingCapacity: true)
        pump()
        drain()
    }

    private func writeReply(_ result: FinalResult?) {
        let begin = output.count
        defer {
            if faults.take(current, where: { $0 == .cutShort }) != nil {
                output.removeLast((output.count - begin + 1) / 2)
            }
        }
        if let fault = faults.take(current, where: { if case .garbage = $0 { true } else { false } }),
            case .garbage(let count) = fault.kind
        {
            appendGarbage(count)
        }
        let interruption = faults.take(current) { if case .interrupt = $0 { true } else { false } }
        for (place, response) in reply.enumerated() {
            let isFirst = place == 0
            response.write(to: &output, verbose: session.verbose, interruption: isFirst ? interruption?.kind : nil)
        }
        if reply.isEmpty, case .interrupt(let line, _) = interruption?.kind {
            InformationResponse(line).write(to: &output, verbose: session.verbose, interruption: nil)
        }
        guard let result, !session.quiet else { return }
        result.write(to: &output, session: session)
    }

    func appendGarbage(_ count: Int) {
        for _ in 0..<count { output.append(UInt8(truncatingIfNeeded: world.random())) }
    }

    // MARK: Unsolicited result codes

    func unsolicited(_ text: String) {
        unsolicited(Array(text.utf8))
    }

    /// Prints a result code nobody asked for: at once, or after the reply or entry that is under way.
    func unsolicited(_ text: [UInt8]) {
        guard isBooted, !behaviour.isSilent else { return }
        var line: [UInt8] = []
        line.reserveCapacity(text.count + 4)
        if session.verbose { line.append(contentsOf: [13, 10]) }
        line.append(contentsOf: text)
        line.append(contentsOf: [13, 10])
        if case .entry = mode {
            held.append(line)
        } else if isExecuting {
            held.append(line)
        } else {
            output.append(contentsOf: line)
        }
    }

    var isInEntry: Bool {
        if case .entry = mode { true } else { isExecuting }
    }

    func beginWork() {
        mode = .busy
    }

    /// A command that was answered from a record is over: what is typed now is `entry`, or another command.
    func endReplayedCommand(_ entry: MessageEntry?) {
        mode = entry.map { .entry($0) } ?? .command
        drain()
    }

    private func openedEntry(_ commands: [ATCommand]) -> MessageEntry? {
        guard let command = commands.last, command.opensEntry, case .entry(let entry) = openEntry(command) else {
            return nil
        }
        return entry
    }

    func record(_ kind: LedgerEvent.Kind, _ fill: (inout LedgerEvent) -> Void = { _ in }) {
        var event = LedgerEvent(nanoseconds: world.now, modem: index, kind: kind)
        fill(&event)
        world.record(event)
    }
}
