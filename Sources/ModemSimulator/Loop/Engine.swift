import Glibc

/// The simulator's thread: waits for ptys, timers, directives and script input, and does nothing between.
final class Engine {
    /// A modem and its port.
    private final class Station {
        let modem: SimulatedModem
        var terminal: PseudoTerminal?
        /// The rest is written when the terminal's program has read some.
        var isBlocked = false

        init(_ modem: SimulatedModem) {
            self.modem = modem
        }
    }

    private let configuration: SimulatorConfiguration
    private let shared: SharedState
    private let world: World
    private let stations: [Station]
    /// Who is served first in this turn of the loop: each in its turn, or the last ones would always wait for the others.
    private var turn = 0
    private let wakeDescriptor: Int32
    private var script: ScriptRunner?
    private var liveInput: LiveInput?
    private var counts: [LedgerEvent.Kind: Int] = [:]
    private var streams: [AsyncStream<LedgerEvent>.Continuation] = []
    private var isDemoDone = false
    private var isEnding = false
    private let parent = getppid()
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 8)

    init(_ configuration: SimulatorConfiguration, shared: SharedState, wakeDescriptor: Int32) throws(SimulatorError) {
        self.configuration = configuration
        self.shared = shared
        self.wakeDescriptor = wakeDescriptor
        let world = World(
            ledger: try LedgerWriter(
                path: configuration.ledgerPath, printsToStandardOutput: configuration.printsLedger),
            seed: configuration.seed)
        self.world = world
        stations = configuration.profiles.enumerated().map { index, profile in
            Station(SimulatedModem(index: index, profile: profile, world: world))
        }
        world.note = { configuration.note?($0) }
        if let trace = configuration.replay {
            stations.first?.modem.replay = Replay(trace, speed: configuration.replaySpeed)
        }
        mkdir(configuration.linkFolder, 0o755)
        for station in stations {
            for setting in configuration.settings { station.modem.apply(setting) }
            station.modem.port.reenumerate = { [unowned self, unowned station] in reenumerate(station) }
        }
        script = ScriptRunner(
            world: world,
            perform: { [unowned self] (directive: Directive) throws(SimulatorError) in
                try perform(directive)
            })
        script?.count = { [unowned self] in counts[$0] ?? 0 }
        script?.problem = { configuration.problem?($0) }
        script?.end = { [unowned self] in isEnding = true }
        world.observers.append { [unowned self] in observe($0) }
        world.deliverLocally = { [unowned self] in deliver(to: $0, $1, from: $2) }
        for station in stations { try plug(station) }
    }

    deinit { buffer.deallocate() }

    // MARK: The loop

    func run() {
        if configuration.stopsWithParent { watchParent() }
        while !isEnding {
            let timeout = world.runDueTimers()
            flush()
            if isEnding { break }
            wait(timeout)
        }
        // What was said last, an OK before `quit`, is still written.
        flush()
        for station in stations { unplug(station) }
        world.cancelTimers()
        for stream in streams { stream.finish() }
        configuration.ended?()
    }

    private func wait(_ timeout: Int32) {
        var polls = [pollfd(fd: wakeDescriptor, events: Int16(POLLIN), revents: 0)]
        polls.append(pollfd(fd: liveInput?.descriptor ?? -1, events: Int16(POLLIN), revents: 0))
        for station in stations {
            let events = station.isBlocked ? POLLIN | POLLOUT : POLLIN
            polls.append(pollfd(fd: station.terminal?.descriptor ?? -1, events: Int16(events), revents: 0))
        }
        guard poll(&polls, nfds_t(polls.count), timeout) > 0 else { return }
        if polls[0].revents != 0 { takeRequests() }
        if polls[1].revents != 0 { takeLiveInput() }
        turn = (turn + 1) % max(stations.count, 1)
        for place in inTurn where polls[place + 2].revents != 0 {
            let station = stations[place]
            station.isBlocked = false
            // A request may have unplugged it meanwhile.
            guard let terminal = station.terminal, terminal.descriptor == polls[place + 2].fd else { continue }
            if let bytes = terminal.read(into: buffer) { station.modem.receive(bytes) }
        }
    }

    private var inTurn: some Sequence<Int> { [turn..<stations.count, 0..<turn].joined() }

    private func flush() {
        for station in inTurn.lazy.map({ self.stations[$0] }) where !station.modem.output.isEmpty && !station.isBlocked
        {
            guard let terminal = station.terminal else {
                station.modem.output = []
                continue
            }
            let written = terminal.write(station.modem.output[...])
            if written == station.modem.output.count {
                station.modem.output.removeAll(keepingCapacity: true)
            } else {
                station.modem.output.removeFirst(written)
                station.isBlocked = true
                // Nobody reads: a real modem has no endless memory for that.
                if station.modem.output.count > 1 << 22 { station.modem.output = [] }
            }
        }
    }

    private func watchParent() {
        guard getppid() == parent else {
            isEnding = true
            return
        }
        world.after(.milliseconds(250)) { [unowned self] in watchParent() }
    }

    // MARK: Requests

    private func takeRequests() {
        _ = read(wakeDescriptor, buffer.baseAddress, buffer.count)
        for request in shared.takeRequests() {
            switch request {
            case .perform(let directive):
                do {
                    try perform(directive)
                } catch {
                    configuration.problem?("\(error)")
                }
            case .script(let script): self.script?.run(script)
            case .liveInput(let descriptor): liveInput = LiveInput(descriptor: descriptor)
            case .stream(let continuation):
                for event in shared.events { continuation.yield(event) }
                streams.append(continuation)
            case .stop: isEnding = true
            }
        }
    }

    private func takeLiveInput() {
        guard let liveInput else { return }
        for result in liveInput.read(modems: stations.count) {
            switch result {
            case .success(let step): script?.run(Script(steps: [step]))
            case .failure(let problem): configuration.problem?("\(problem)")
            }
        }
        if liveInput.isAtEnd { self.liveInput = nil }
    }

    private func perform(_ directive: Directive) throws(SimulatorError) {
        switch directive {
        case .text(let target, let from, let body, let count):
            for number in 1...max(1, count) {
                for modem in try modems(target) {
                    try modem.sendText(
                        from: Script.fill(from, number: number, modem: modem.index),
                        body: Script.fill(body, number: number, modem: modem.index))
                }
            }
        case .pdu(let target, let bytes): for modem in try modems(target) { modem.sendPDU(bytes) }
        case .fault(let target, let fault): for modem in try modems(target) { modem.faults.add(fault) }
        case .clearFaults(let target): for modem in try modems(target) { modem.faults.clear() }
        case .setting(let target, let setting): for modem in try modems(target) { modem.apply(setting) }
        case .unplug(let target): for modem in try modems(target) { unplug(stations[modem.index]) }
        case .replug(let target, let delay):
            for modem in try modems(target) {
                let station = stations[modem.index]
                unplug(station)
                plug(station, after: delay)
            }
        case .restart(let target): for modem in try modems(target) { modem.restart() }
        case .factoryReset(let target):
            for modem in try modems(target) {
                modem.resetSession()
                modem.record(.reset)
            }
        case .output(let target, let bytes): for modem in try modems(target) { modem.say(bytes) }
        case .garbage(let target, let count): for modem in try modems(target) { modem.sayGarbage(count) }
        }
    }

    private func modems(_ target: ModemTarget) throws(SimulatorError) -> [SimulatedModem] {
        switch target {
        case .all: return stations.map(\.modem)
        case .one(let index):
            guard stations.indices.contains(index) else {
                throw SimulatorError("there is no modem\(index): the last is modem\(stations.count - 1)")
            }
            return [stations[index].modem]
        }
    }

    // MARK: Ports

    private func plug(_ station: Station) throws(SimulatorError) {
        guard station.terminal == nil else { return }
        let terminal = try PseudoTerminal(link: "\(configuration.linkFolder)/modem\(station.modem.index)")
        station.terminal = terminal
        station.isBlocked = false
        station.modem.powerUp(path: terminal.path)
    }

    private func plug(_ station: Station, after delay: Duration) {
        guard delay > .zero else { return plugOrTell(station) }
        world.after(delay) { [unowned self] in plugOrTell(station) }
    }

    private func plugOrTell(_ station: Station) {
        do {
            try plug(station)
        } catch {
            configuration.problem?("\(error)")
        }
    }

    private func unplug(_ station: Station) {
        guard station.terminal != nil else { return }
        station.terminal = nil
        station.modem.powerDown()
    }

    private func reenumerate(_ station: Station) {
        unplug(station)
        plug(station, after: .milliseconds(300))
    }

    // MARK: Events

    private func observe(_ event: LedgerEvent) {
        counts[event.kind, default: 0] += 1
        configuration.observer?(event)
        shared.publish(event, keeps: configuration.keepsEvents)
        for stream in streams { stream.yield(event) }
        script?.progressed()
        guard configuration.demo, !isDemoDone, event.kind == .configured else { return }
        isDemoDone = true
        let modem = stations[event.modem].modem
        world.after(.seconds(2)) {
            try? modem.sendText(from: "+16195550123", body: "Hi! When are you open today?")
        }
    }

    private func deliver(to number: String, _ submission: Submission, from sender: ModemProfile) -> Bool {
        guard let station = stations.first(where: { $0.modem.profile.number == number && !number.isEmpty }),
            let pdu = ShortMessages.relay(submission, from: sender, at: world.unixSeconds)
        else { return false }
        let modem = station.modem
        let text = submission.text
        // Not within the reply to who sends.
        world.after(.zero) {
            modem.arrive(pdu: pdu, id: modem.world.newID(), part: nil, parts: nil, from: sender.number, text: text)
        }
        return true
    }
}
