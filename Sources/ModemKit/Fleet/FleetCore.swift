import Logging
import Synchronization

/// The part of a fleet that lives on the loop: ports that come and go, and who is served on them.
actor FleetCore {
    nonisolated let loop: EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }
    /// All modems that were ever met, for any thread.
    nonisolated let modems = Mutex<[ModemID: Modem]>([:])

    private let configuration: FleetConfiguration
    private let delegate: any FleetDelegate
    private let logger: Logger
    private let pins = PINMemory()
    private let experience = RecoveryMemory()
    private var candidates: [String: Candidate] = [:]
    private var bySyspath: [String: Candidate] = [:]
    var groups: [String: Group] = [:]
    /// Ports that are for something else, by their path in sysfs.
    var unasked: [String: Device] = [:]
    private(set) var monitor: DeviceMonitor?
    /// USB devices that could be modems and do not show as such, by their path.
    private var notModems: [String: USBDevice] = [:]
    private var tasks: [ObjectIdentifier: Task<Void, Never>] = [:]
    private var isStopping = false

    /// The ports of one USB device.
    struct Group {
        /// The port that its modem is served on, or will be.
        var chosen: Candidate?
        /// Those that answered and wait to be chosen.
        var answered: [Candidate] = []
        var since: Int64
    }

    init(loop: EventLoop, configuration: FleetConfiguration, delegate: any FleetDelegate, logger: Logger) {
        self.loop = loop
        self.configuration = configuration
        self.delegate = delegate
        self.logger = logger
    }

    // MARK: Start and stop

    func start() {
        for match in configuration.modems {
            guard let path = match.port else { continue }
            guard candidates[path] == nil else {
                delegate.portProblem(path, "\(path) is named twice in the configuration; the first entry is used.")
                continue
            }
            let candidate = Candidate(path: path, device: nil, match: match)
            candidates[path] = candidate
            pursue(candidate)
        }
        guard configuration.useUdev else { return }
        let monitor = DeviceMonitor(loop: loop)
        monitor.added = { [weak self] device in self?.assumeIsolated { $0.added(device) } }
        monitor.removed = { [weak self] syspath in self?.assumeIsolated { $0.removed(syspath) } }
        monitor.usbAdded = { [weak self] device in self?.assumeIsolated { $0.usbAdded(device) } }
        monitor.usbRemoved = { [weak self] syspath in self?.assumeIsolated { $0.usbRemoved(syspath) } }
        self.monitor = monitor
        do {
            try monitor.start()
        } catch {
            logger.error("\(error)")
            delegate.portProblem("udev", "\(error)")
        }
    }

    func stop() async {
        isStopping = true
        let all = modems.withLock { Array($0.values) }
        await withTaskGroup { group in
            for modem in all {
                let limit = configuration.timings.stop
                group.addTask { await modem.stop(within: limit) }
            }
        }
        for candidate in known {
            candidate.channel?.close("the gateway stops")
            candidate.kick()
        }
        for task in tasks.values { await task.value }
    }

    var known: [Candidate] { Array(candidates.values) }

    // MARK: Devices

    /// A tty of a USB device is there, or is described anew.
    func added(_ device: Device) {
        guard !isStopping else { return }
        if let candidate = bySyspath[device.syspath] {
            candidate.device = device
            return
        }
        // A path that is also configured is one port, not two.
        if let configured = known.first(where: {
            $0.match != nil && ($0.path == device.devnode || PortProblem.resolved($0.path) == device.devnode)
        }) {
            configured.device = device
            bySyspath[device.syspath] = configured
            configured.kick()
            return
        }
        if device.role == .other {
            unasked[device.syspath] = device
            return
        }
        let candidate = Candidate(path: device.devnode, device: device, match: nil)
        candidates[device.devnode]?.isRemoved = true
        candidates[device.devnode]?.kick()
        candidates[device.devnode] = candidate
        bySyspath[device.syspath] = candidate
        logger.info("A port appeared", metadata: ["port": "\(device.devnode)", "name": "\(device.name ?? "")"])
        pursue(candidate)
    }

    /// It is gone.
    func removed(_ syspath: String) {
        unasked[syspath] = nil
        guard let candidate = bySyspath.removeValue(forKey: syspath) else { return }
        candidate.channel?.close("it was unplugged")
        candidate.device = nil
        if candidate.match == nil {
            candidate.isRemoved = true
            if candidates[candidate.path] === candidate { candidates[candidate.path] = nil }
        }
        candidate.kick()
    }

    /// A stick that shows as something else than a modem is no missing modem: it is told what it is, and the cure. It has
    /// some seconds to be switched by whoever does that.
    func usbAdded(_ device: USBDevice) {
        guard !isStopping, notModems[device.syspath] == nil,
            let problem = PortProblem.notYetModem(device)
        else { return }
        notModems[device.syspath] = device
        _ = loop.schedule(after: configuration.timings.modeSwitch) { [weak self] in
            self?.assumeIsolated { core in
                guard core.notModems[device.syspath] == device else { return }
                guard !core.known.contains(where: { $0.device?.usbPath == device.syspath }) else { return }
                core.logger.warning("\(problem)")
                core.delegate.portProblem(PortProblem.place(device), problem)
            }
        }
    }

    func usbRemoved(_ syspath: String) {
        guard let device = notModems.removeValue(forKey: syspath) else { return }
        delegate.portProblem(PortProblem.place(device), nil)
    }

    // MARK: One port

    private func pursue(_ candidate: Candidate) {
        let key = ObjectIdentifier(candidate)
        tasks[key] = Task { [weak self] in
            await self?.follow(candidate)
            await self?.forget(key)
        }
    }

    private func forget(_ key: ObjectIdentifier) {
        tasks[key] = nil
    }

    private func follow(_ candidate: Candidate) async {
        while !candidate.isRemoved, !isStopping {
            if let chosen = groups[candidate.group]?.chosen, chosen !== candidate {
                tell(candidate, nil)
                await listen(candidate, beside: chosen)
                continue
            }
            let wait = await attempt(candidate)
            candidate.attempts += 1
            if candidate.isRemoved || isStopping { break }
            if let wait { await candidate.rest(on: loop, for: wait) }
        }
        candidate.channel?.close()
        if candidate.problem != nil { tell(candidate, nil) }
    }

    /// A sister port serves the modem. This one is listened to as long as that is so, where it speaks AT, too: some
    /// modems announce texts on another port than the one that is asked (E6).
    private func listen(_ candidate: Candidate, beside chosen: Candidate) async {
        func isNeeded() -> Bool {
            groups[candidate.group]?.chosen === chosen && !candidate.isRemoved && !isStopping
        }
        // The modem is known once its own port has been asked; a port that comes and goes with it rests till then.
        while isNeeded(), chosen.modem == nil { await candidate.rest(on: loop, for: configuration.timings.choosing) }
        guard isNeeded(), let id = chosen.modem, let modem = modems.withLock({ $0[id] }) else { return }
        var listener: ATChannel?
        if candidate.device != nil, candidate.device?.role != .dialling {
            let probe = PortProbe(loop: loop, timings: configuration.timings)
            listener = await probe.listener(candidate.path) { candidate.channel = $0 }
            if let listener {
                await modem.listen(to: listener)
                candidate.heard = id
            }
        }
        // Kicked when the sister is lost.
        while isNeeded() { await candidate.rest(on: loop, for: .seconds(3600)) }
        listener?.close("the modem is not served any more")
        candidate.heard = nil
        candidate.channel = nil
    }

    /// One try with a port, and the whole time that a modem is served on it. Returns how long to wait for the next.
    private func attempt(_ candidate: Candidate) async -> Duration? {
        let probe = PortProbe(loop: loop, timings: configuration.timings)
        switch await probe.run(candidate.path, baud: candidate.baud, begun: { candidate.channel = $0 }) {
        case .cannotOpen(let failure):
            guard failure.isMissing else {
                tell(candidate, PortProblem.opening(candidate.path, failure))
                return backoff(candidate)
            }
            // A modem that was just plugged in, or starts again, is no problem yet.
            let since = candidate.missingSince ?? EventLoop.now
            candidate.missingSince = since
            if EventLoop.now - since >= configuration.timings.absent.nanoseconds {
                tell(candidate, PortProblem.opening(candidate.path, failure))
            }
            return configuration.timings.missing
        case .silent:
            if let id = candidate.lastModem, let modem = modems.withLock({ $0[id] }) {
                await modem.isStillSilent(candidate.probed)
                if await modem.isExpected { return configuration.timings.missing * 4 }
            }
            if candidate.triesNextSpeed() { return .zero }
            if candidate.match != nil || isHopeless(candidate) {
                tell(candidate, PortProblem.silent(candidate.path))
            }
            return backoff(candidate)
        case .incapable:
            if candidate.match != nil || isHopeless(candidate) {
                tell(candidate, PortProblem.incapable(candidate.path))
            }
            return backoff(candidate)
        case .modem(let channel, let imei):
            candidate.missingSince = nil
            if isStopping || candidate.isRemoved {
                channel.close()
                return nil
            }
            return await serve(candidate, channel, imei)
        }
    }

    /// The silent ports of a modem are its business, unless none of them leads to it.
    private func isHopeless(_ candidate: Candidate) -> Bool {
        candidate.failures > 3 && groups[candidate.group]?.chosen == nil
    }

    private func backoff(_ candidate: Candidate) -> Duration {
        candidate.failures += 1
        let wait = configuration.timings.retry / 2 * (1 << min(candidate.failures, 6))
        return min(wait, configuration.timings.unusable)
    }

    private func serve(_ candidate: Candidate, _ channel: ATChannel, _ imei: String?) async -> Duration? {
        let group = candidate.group
        guard await isChosen(candidate, group) else {
            channel.close("a sister port serves the modem")
            return nil
        }
        defer { leave(group, candidate) }
        guard channel.isOpen else { return configuration.timings.missing }

        let id = ModemID(imei ?? candidate.device?.serial ?? candidate.path)
        let modem = self.modem(id, candidate.path)
        if let other = known.first(where: { $0 !== candidate && $0.modem == id }) {
            tell(candidate, PortProblem.doubled(candidate.path, other.path))
            channel.close("another port leads to the same modem")
            return backoff(candidate)
        }
        tell(candidate, nil)
        candidate.failures = 0
        candidate.modem = id
        candidate.lastModem = id
        let settings = settings(imei: imei, candidate)
        await modem.attach(
            channel, usb: candidate.device?.usb, outside: outsideHelp(candidate), match: settings
        ) { _ in candidate.kick() }
        while await modem.isAttached(to: channel), !isStopping { await candidate.rest(on: loop, for: .seconds(3600)) }
        candidate.modem = nil
        candidate.channel = nil
        return channel.isSilent ? configuration.timings.retry / 2 : configuration.timings.missing
    }

    /// What can be done for a modem where it sits: its USB device can be reset where udev has told which it is, and its
    /// port's power switched where the admin has a command for that.
    private func outsideHelp(_ candidate: Candidate) -> Modem.OutsideHelp {
        guard let device = candidate.device?.usbPath else { return Modem.OutsideHelp() }
        let reset = configuration.resetUSB
        guard let cycle = configuration.cyclePower, let place = USBReset.place(device) else {
            return Modem.OutsideHelp(steps: [.usb]) { step in step == .usb ? await reset(device) : nil }
        }
        return Modem.OutsideHelp(steps: [.usb, .power]) { step in
            step == .usb ? await reset(device) : await cycle(place.hub, place.port)
        }
    }

    private func modem(_ id: ModemID, _ path: String) -> Modem {
        modems.withLock { modems in
            if let modem = modems[id] { return modem }
            let modem = Modem(
                id: id, port: path, loop: loop, delegate: delegate, timings: configuration.timings, pins: pins,
                experience: experience, logger: logger)
            modems[id] = modem
            return modem
        }
    }

    // MARK: Several ports of one device

    /// Waits until the ports of the device had their time to answer; true for the best of those that did.
    private func isChosen(_ candidate: Candidate, _ name: String) async -> Bool {
        var group = groups[name] ?? Group(since: EventLoop.now)
        group.answered.append(candidate)
        groups[name] = group
        if group.chosen == nil, let device = candidate.device, device.role != .primary, candidate.match == nil {
            let passed = Duration.nanoseconds(EventLoop.now - group.since)
            let left = configuration.timings.choosing - passed
            if left > .zero { await candidate.rest(on: loop, for: left) }
        }
        groups[name]?.answered.removeAll { $0.channel?.isOpen != true }
        guard let now = groups[name], now.chosen == nil || now.chosen === candidate else { return false }
        let best = candidate.match != nil ? candidate : now.answered.min { $0.rank < $1.rank }
        guard best === candidate else {
            best?.kick()
            return false
        }
        groups[name]?.chosen = candidate
        groups[name]?.answered = []
        return true
    }

    private func leave(_ name: String, _ candidate: Candidate) {
        guard groups[name]?.chosen === candidate else { return }
        groups[name] = nil
        for sister in known where sister.group == name && sister !== candidate { sister.kick() }
    }

    // MARK: Settings and problems

    private func settings(imei: String?, _ candidate: Candidate) -> @Sendable (SIMID?, String?) -> ModemMatch? {
        let entries = configuration.modems
        let path = candidate.path
        // Links are followed only for those who name a port: a port that is known by its device needs none.
        let real = entries.contains { $0.port != nil } ? PortProblem.resolved(path) : path
        let device = candidate.device
        return { sim, imsi in
            entries.first { entry in
                if let wanted = entry.imei, wanted != imei { return false }
                if let wanted = entry.port, wanted != path, PortProblem.resolved(wanted) != real { return false }
                if let wanted = entry.usb {
                    let pair = device.map { "\($0.vendor ?? ""):\($0.product ?? "")" }
                    guard let device, [device.socket, device.serial, pair].contains(wanted) else { return false }
                }
                if let wanted = entry.sim, wanted != sim?.rawValue, wanted != imsi { return false }
                return true
            }
        }
    }

    private func tell(_ candidate: Candidate, _ problem: String?) {
        guard candidate.problem != problem else { return }
        candidate.problem = problem
        if let problem { logger.warning("\(problem)") }
        delegate.portProblem(candidate.path, problem)
    }
}

extension SerialPort.OpenFailure {
    /// The port is not there, as against one that is and cannot be used.
    var isMissing: Bool { errno == 2 || errno == 6 || errno == 19 }
}
