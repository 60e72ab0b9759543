import Logging

extension Modem {
    /// Why a bring-up did not come to its end.
    private enum Stop: Error {
        /// The port is gone, or the modem is silent.
        case noAnswer
        /// It answers, but cannot work; asked again after `retry`.
        case blocked(String, retry: Duration)
    }

    /// Takes the modem from whatever state it is in to `ready`.
    func bringUp(_ channel: ATChannel) async {
        retryAt = nil
        if snapshot.state != .blocked {
            snapshot.state = .starting
            publish()
        }
        do {
            try await introduce(channel)
            try await unlock(channel)
            try await identifySIM(channel)
            try await assertSettings(channel)
            // What an earlier owner of the port was given and never acknowledged is asked for again: a modem that waits in
            // vain sets <mt> and <ds> to 0, and every later report is lost (TS 27.005 §3.4.4).
            if acknowledges, directs.isEmpty { _ = try await ask(channel, "AT+CNMA=2") }
            try await learnNetwork(channel)
        } catch .blocked(let problem, let retry) {
            if snapshot.problem != problem { logger.warning("\(problem)") }
            snapshot.state = .blocked
            snapshot.problem = problem
            retryAt = EventLoop.now + retry.nanoseconds
            needsBringUp = true
            publish()
            return
        } catch {
            needsBringUp = true
            retryAt = EventLoop.now + timings.retry.nanoseconds
            return
        }
        // In a trouble that only traffic can show to be over, traffic comes back, too.
        if ladder.trouble == .silence { recovered() }
        isGivenUp = false
        snapshot.state = .ready
        snapshot.problem = nil
        publish()
        logger.info("The modem is ready", metadata: ["port": "\(channel.path)"])
        toDrain.formUnion(storage.toDrain)
        nextDrain = EventLoop.now + timings.drain.nanoseconds
        nextHealth = EventLoop.now + timings.health.nanoseconds
        failures = 0
    }

    private func ask(_ channel: ATChannel, _ command: String, timeout: Duration? = nil) async throws(Stop) -> ATReply {
        let reply = await channel.run(command, timeout: timeout)
        if reply.result == .gone || channel.isSilent { throw .noAnswer }
        return reply
    }

    private func introduce(_ channel: ATChannel) async throws(Stop) {
        _ = try await ask(channel, "ATE0")
        _ = try await ask(channel, "AT+CMEE=1")
        let radio = try await ask(channel, "AT+CFUN?")
        if let value = Answers.value(radio.lines, "+CFUN:") {
            var scanner = ByteScanner(value)
            if let level = scanner.integer(), level == 0 || level == 4 {
                logger.warning("The radio was off: it is switched on")
                _ = try await ask(channel, "AT+CFUN=1", timeout: timings.command * 2)
            }
        }
        snapshot.manufacturer = Answers.information(try await information(channel, "AT+CGMI"))
        snapshot.model = Answers.information(try await information(channel, "AT+CGMM"))
        snapshot.revision = Answers.information(try await information(channel, "AT+CGMR"))
        family = ModemFamily.of(maker: snapshot.manufacturer, model: snapshot.model, usb: usb)
        ussdForm = family.ussd
        // What a modem refuses of it, it does not need.
        for command in family.preparation { _ = try await ask(channel, command) }
    }

    private func information(_ channel: ATChannel, _ command: String) async throws(Stop) -> [[UInt8]] {
        let reply = try await ask(channel, command)
        return reply.isOK ? reply.lines : []
    }

    // MARK: SIM

    private func unlock(_ channel: ATChannel) async throws(Stop) {
        let patience = EventLoop.now + timings.simBusy.nanoseconds
        var pinGiven = false
        while true {
            let reply = try await ask(channel, "AT+CPIN?")
            switch reply.result {
            case .ok:
                let state = Answers.pinState(reply.lines) ?? "READY"
                switch state {
                case "READY":
                    return
                case "SIM PIN" where !pinGiven:
                    try await enterPIN(channel)
                    pinGiven = true
                    continue
                case "SIM PIN":
                    if EventLoop.now > patience { throw refusedPIN(nil) }
                default:
                    throw .blocked(
                        "The SIM is locked and asks for: \(state). Unlock it in a phone, then plug it in again.",
                        retry: timings.health)
                }
            case .cme(10), .cms(310):
                throw .blocked("There is no SIM in the modem. Put one in.", retry: timings.unusable)
            case .cme(13), .cme(15), .cms(313), .cms(315):
                throw .blocked("The modem cannot read its SIM. Clean or replace it.", retry: timings.health)
            case .cme(14), .cms(314), .timedOut, .cme(100), .cme(3):
                // The SIM is still starting.
                if EventLoop.now > patience {
                    throw .blocked("The SIM does not become ready (\(reply.result.words)).", retry: timings.unusable)
                }
            default:
                // A modem without this command has a SIM that needs no PIN, or says so later.
                return
            }
            await loop.pause(for: min(.milliseconds(500), timings.retry))
            guard channel.isOpen else { throw .noAnswer }
        }
    }

    private func refusedPIN(_ tries: Int?) -> Stop {
        let left = tries.map { " \($0) \($0 == 1 ? "try is" : "tries are") left." } ?? ""
        return .blocked(
            "The SIM refused its PIN.\(left) It is not tried again: put the right one into pin_file.",
            retry: timings.health)
    }

    private func enterPIN(_ channel: ATChannel) async throws(Stop) {
        let sim = await readICCID(channel)
        var names = ["modem \(id)"]
        if let sim { names.append("sim \(sim)") }
        let settings = match(sim.map { SIMID($0) }, nil) ?? match(nil, nil)
        guard let pin = settings?.pin() else {
            throw .blocked("The SIM asks for its PIN. Name a pin_file for this modem.", retry: timings.health)
        }
        guard (4...8).contains(pin.utf8.count), pin.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else {
            throw .blocked("The PIN in pin_file is not 4 to 8 digits; it was not tried.", retry: timings.health)
        }
        let tries = try await pinTries(channel)
        // A refused PIN belongs to the SIM; the modem's name counts only where the SIM does not tell its own.
        let known = sim == nil ? names : names.filter { $0.hasPrefix("sim") }
        guard pins.mayTry(pin, for: known) else { throw refusedPIN(tries) }
        if let tries, tries <= 1 {
            throw .blocked(
                "Only \(tries) try is left for the SIM's PIN: none is spent. Enter it in a phone, then plug it in again.",
                retry: timings.health)
        }
        pins.remember(pin, for: known)
        let reply = try await ask(channel, "AT+CPIN=\"\(pin)\"", timeout: timings.command * 2)
        switch reply.result {
        case .ok: pins.forget(pin, for: known)
        default: throw refusedPIN(tries.map { $0 - 1 })
        }
    }

    private func pinTries(_ channel: ATChannel) async throws(Stop) -> Int? {
        for command in ["AT+CPINR=\"SIM PIN\"", "AT+CPINR", "AT^CPIN?"] {
            let reply = try await ask(channel, command)
            if reply.isOK, let tries = Answers.pinTries(reply.lines) { return tries }
        }
        return nil
    }

    private func readICCID(_ channel: ATChannel) async -> String? {
        for command in ["AT+CCID", "AT+ICCID", "AT+QCCID", "AT^ICCID?"] {
            let reply = await channel.run(command)
            if reply.isOK, let iccid = Answers.iccid(reply.lines) { return iccid }
            if !channel.isOpen { return nil }
        }
        return nil
    }

    private func identifySIM(_ channel: ATChannel) async throws(Stop) {
        snapshot.imsi = Answers.digits(try await information(channel, "AT+CIMI"), 14...15)
        guard let name = await readICCID(channel) ?? snapshot.imsi else {
            throw .blocked("The modem does not tell which SIM it has.", retry: timings.unusable)
        }
        let sim = SIMID(name)
        if snapshot.sim != sim { marksRead = nil }
        snapshot.sim = sim
        snapshot.number = Answers.ownNumber(try await information(channel, "AT+CNUM"))
    }

    // MARK: Settings

    /// Asserts the settings again after somebody may have changed them.
    func settle(_ channel: ATChannel) async {
        needsSettings = false
        do {
            try await assertSettings(channel)
        } catch .blocked(let problem, _) {
            logger.warning("\(problem)")
            needsBringUp = true
            kick()
        } catch {
            needsBringUp = true
            kick()
        }
    }

    /// The desired state of the modem, read back (A4): nothing is believed to be set because it was set once.
    private func assertSettings(_ channel: ATChannel) async throws(Stop) {
        needsSettings = false
        channel.wasTextMode = false
        let started = epoch
        _ = try await ask(channel, "ATE0")
        _ = try await ask(channel, "AT+CMEE=1")
        let inPDUMode = try await assert(channel, "AT+CMGF?", commands: ["AT+CMGF=0"]) { lines in
            Answers.value(lines, "+CMGF:").map { Answers.unquoted($0) == "0" } ?? false
        }
        guard inPDUMode else {
            throw .blocked("The modem does not go to PDU mode (AT+CMGF=0): it cannot be used.", retry: timings.unusable)
        }
        // Unless the modem has started again in the meantime.
        if epoch == started { channel.isSuspended = false }
        try await chooseService(channel)
        try await learnMemories(channel)
        try await chooseIndications(channel)
        try await chooseServiceCentre(channel)
    }

    /// The service centre that the SIM knows; another one where the configuration says so. Texts leave by it.
    private func chooseServiceCentre(_ channel: ATChannel) async throws(Stop) {
        snapshot.smsc = Answers.serviceCentre(try await information(channel, "AT+CSCA?"))
        let settings = match(snapshot.sim, snapshot.imsi)
        snapshot.preferFor = settings?.preferFor ?? []
        guard let wanted = settings?.smsc, wanted != snapshot.smsc else { return }
        let reply = try await ask(channel, "AT+CSCA=\"\(wanted)\",145")
        snapshot.smsc = Answers.serviceCentre(try await information(channel, "AT+CSCA?"))
        if snapshot.smsc == wanted {
            logger.notice("The service centre's number was set")
        } else {
            logger.warning(
                "The service centre's number cannot be set", metadata: ["answer": "\(reply.result.words)"])
        }
    }

    /// Reads a setting, and sets it when it is not as wanted; true when it is so in the end.
    private func assert(
        _ channel: ATChannel, _ query: String, commands: [String], matches: ([[UInt8]]) -> Bool
    ) async throws(Stop) -> Bool {
        let before = try await ask(channel, query)
        if before.isOK, matches(before.lines) { return true }
        logger.debug("A setting differs", metadata: ["query": "\(query)", "is": "\(before.texts)"])
        for command in commands {
            let reply = try await ask(channel, command)
            guard reply.isOK else { continue }
            let after = try await ask(channel, query)
            if after.isOK, matches(after.lines) {
                if isServed {
                    logger.warning("A setting had drifted and was set again", metadata: ["command": "\(command)"])
                } else {
                    logger.info("A setting was made", metadata: ["command": "\(command)"])
                }
                return true
            }
            // It took the command and cannot say so.
            if !after.isOK { return true }
        }
        return false
    }

    /// Service 1 of AT+CSMS makes the modem keep a routed report until it is acknowledged.
    private func chooseService(_ channel: ATChannel) async throws(Stop) {
        let offers = try await ask(channel, "AT+CSMS=?")
        let values = Answers.value(offers.lines, "+CSMS:").map { Answers.lists($0).flatMap { $0 } } ?? []
        guard values.contains("1") else {
            acknowledges = false
            return
        }
        acknowledges = try await assert(channel, "AT+CSMS?", commands: ["AT+CSMS=1"]) { lines in
            Answers.value(lines, "+CSMS:").map { value in
                var scanner = ByteScanner(value)
                return scanner.integer() == 1
            } ?? false
        }
    }

    private func learnMemories(_ channel: ATChannel) async throws(Stop) {
        let offers = try await ask(channel, "AT+CPMS=?")
        storage = MessageStorage(offers: offers.lines)
        let current = try await ask(channel, "AT+CPMS?")
        memories = MessageStorage.current(current.lines)
        memory = memories.first?.name
        if storage.toDrain.isEmpty { storage.readable = [memory ?? "SM"] }
        // A modem that does not tell which memories it has is drained where it stands.
        if memories.isEmpty { memory = nil }
        for use in memories { note(use) }
        if let receiving = memories.last?.name, memories.count > 2, !storage.toDrain.contains(receiving),
            let first = storage.toDrain.first(where: storage.receiving.contains)
        {
            logger.warning("New texts went to a memory that is not read", metadata: ["memory": "\(receiving)"])
            let reply = try await ask(channel, "AT+CPMS=\"\(first)\",\"\(first)\",\"\(first)\"")
            memory = reply.isOK ? first : nil
            if reply.isOK { memories = (0..<3).map { _ in .init(name: first, used: 0, total: 0) } }
        }
    }

    private func chooseIndications(_ channel: ATChannel) async throws(Stop) {
        let offers = try await ask(channel, "AT+CNMI=?")
        guard let wanted = Indications(offers: offers.lines) else {
            _ = try await ask(channel, "AT+CNMI=2,1,0,1,0")
            return
        }
        indications = wanted
        let fewer = wanted.parameters.prefix(2).map(String.init).joined(separator: ",")
        let isSet = try await assert(channel, "AT+CNMI?", commands: [wanted.command, "AT+CNMI=\(fewer)"]) { lines in
            wanted.matches(lines)
        }
        if !isSet {
            logger.warning("The modem does not announce new texts as asked; its memories are read now and then")
        }
    }

    // MARK: Network

    private func learnNetwork(_ channel: ATChannel) async throws(Stop) {
        _ = try await ask(channel, "AT+CREG=1")
        _ = try await ask(channel, "AT+CEREG=1")
        _ = try await ask(channel, "AT+COPS=3,0")
        // Who calls is told with the call.
        _ = try await ask(channel, "AT+CLIP=1")
        try await readNetwork(channel)
    }

    private func readNetwork(_ channel: ATChannel) async throws(Stop) {
        let stats = [
            Answers.value(try await ask(channel, "AT+CREG?").lines, "+CREG:").flatMap { Registration.solicited($0) },
            Answers.value(try await ask(channel, "AT+CEREG?").lines, "+CEREG:").flatMap { Registration.solicited($0) },
        ].compactMap { $0 }
        if let stat = stats.first(where: Registration.isRegistered) ?? stats.first(where: { $0 != 0 }) ?? stats.first {
            setRegistration(stat)
        }
        let selection = try await ask(channel, "AT+COPS?").lines
        snapshot.operator = Answers.network(selection)
        snapshot.network = Answers.kindOfNetwork(selection)
        snapshot.signalDBm = Answers.signal(try await ask(channel, "AT+CSQ").lines)
    }

    /// How full the memories are: a full one takes no text more, and nothing else tells of it (A6).
    private func readMemories(_ channel: ATChannel) async throws(Stop) {
        let reply = try await ask(channel, "AT+CPMS?")
        let uses = MessageStorage.current(reply.lines)
        guard let first = uses.first else { return }
        if let memory, memory != first.name {
            logger.warning("Another memory was selected than we left", metadata: ["memory": "\(first.name)"])
            self.memory = nil
        }
        for use in uses { note(use) }
        let full = snapshot.memories.first { $0.total > 0 && $0.used >= $0.total }
        snapshot.problem = full.map { full in
            "The memory \(full.name) is full (\(full.used) of \(full.total)): texts may not arrive. What is left there is "
                + "not received texts, or cannot be stored here."
        }
    }

    /// Signal and registration, and now and then whether the settings still stand.
    func checkHealth(_ channel: ATChannel) async {
        guard EventLoop.now >= nextHealth else { return }
        nextHealth = EventLoop.now + timings.health.nanoseconds
        healthChecks += 1
        do {
            try await readNetwork(channel)
            try await readMemories(channel)
            if healthChecks.isMultiple(of: 5) { try await assertSettings(channel) }
        } catch {
            needsBringUp = true
            return
        }
        publish()
    }
}
