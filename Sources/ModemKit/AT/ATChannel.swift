internal import FaultPoints

/// One open port and the dialogue on it: commands take turns, each with a time-out; after a time-out the modem is
/// brought back into step before anything else is asked.
///
/// Its asynchronous methods are to be called by actors of the loop.
final class ATChannel: @unchecked Sendable {
    // Safety: all members are touched on the loop's thread only; the callers are actors that live there, and the port
    // calls from there.
    let loop: EventLoop
    let path: String
    let timings: ModemTimings

    /// What the modem says unasked. [loop]
    var unsolicited: ((Unsolicited) -> Void)?
    /// The port went away, or `close` was called. Once. [loop]
    var closed: ((String) -> Void)?
    /// Commands sent since the port was opened.
    private(set) var commands = 0
    /// Whether the modem was in text mode when it was last brought back into step.
    var wasTextMode = false
    /// Nothing may be submitted: the modem's settings are not known to stand. [loop]
    var isSuspended = false
    /// The modem did not come back into step.
    private(set) var isSilent = false

    /// Takes down what goes over the port. [loop]
    let recorder: PortRecorder
    private let port: SerialPort
    private var session = ATSession()
    private var turns = TurnQueue<CheckedContinuation<Void, Never>>()
    private var signals: [Signal] = []
    private var waiter: CheckedContinuation<Signal, Never>?
    private var deadline: TimerQueue.ID?
    private(set) var isOpen = false
    private(set) var outOfStep = false
    private var isFinishing = false
    private var linkKept = false

    private enum Signal: Sendable {
        case prompt
        case finished(ATReply)
        case deadline
        case closed
    }

    init(loop: EventLoop, path: String, timings: ModemTimings) {
        self.loop = loop
        self.path = path
        self.timings = timings
        port = SerialPort(loop: loop)
        recorder = PortRecorder(path: path)
    }

    // MARK: Opening

    /// Opens the port and ends what an earlier owner may have left: an open prompt, an answer under way (DESIGN.md,
    /// decision 4).
    func open(baud: UInt32) async throws(SerialPort.OpenFailure) {
        port.received = { [unowned self] in self.received($0) }
        port.closed = { [unowned self] reason in
            self.lost(reason == 0 ? "the device went away" : "the device failed (errno \(reason))")
        }
        do {
            try port.open(path, baud: baud)
        } catch {
            recorder.note("cannot be opened: \(path) (errno \(error.errno))")
            throw error
        }
        isOpen = true
        recorder.note("open: \(path)" + (baud == 0 ? "" : " at \(baud) baud"))
        _ = write([0x1B])
        await loop.pause(for: timings.settle)
    }

    /// Closes; everything in flight ends with `.gone`. Harmless when closed.
    func close(_ reason: String = "the port was closed") {
        port.close()
        lost(reason)
    }

    /// Waits for the turn, but no longer than `limit`; then closes.
    func finish(within limit: Duration, _ reason: String = "the gateway stops") async {
        isFinishing = true
        let timer = loop.schedule(after: limit) { [weak self] in self?.close(reason) }
        await turn(.control)
        loop.cancel(timer)
        close(reason)
        endTurn()
    }

    private func lost(_ reason: String) {
        guard isOpen else { return }
        isOpen = false
        recorder.note("closed: \(reason)")
        unsolicited = nil
        let tell = closed
        closed = nil
        signal(.closed)
        tell?(reason)
    }

    // MARK: Commands

    /// Sends one command and waits for its end. Never throws: failures are results.
    func run(_ command: String, shape: ATSession.Shape = .lines, timeout: Duration? = nil) async -> ATReply {
        await turn(.control)
        defer { endTurn() }
        guard isOpen, !isFinishing else { return ATReply(.gone) }
        if outOfStep, await !resynchronise() { return ATReply(isOpen ? .timedOut : .gone) }
        return await transact(Array(command.utf8), shape, timeout ?? timings.command)
    }

    private func transact(_ command: [UInt8], _ shape: ATSession.Shape, _ timeout: Duration) async -> ATReply {
        session.begin(command, shape)
        signals.removeAll(keepingCapacity: true)
        commands += 1
        guard write(command + [0x0D]) else { return fail() }
        var progress = 0
        while true {
            switch await next(timeout) {
            case .finished(let reply):
                return reply
            case .prompt:
                continue
            case .closed:
                return session.abandon(.gone)
            case .deadline:
                // A long listing may take its time as long as it goes on.
                if case .stored = shape, session.hasProgress > progress {
                    progress = session.hasProgress
                    continue
                }
                recorder.note("no final result after \(timeout)")
                outOfStep = true
                return session.abandon(.timedOut)
            }
        }
    }

    /// Sends one command to a modem of which nothing is known yet.
    func probe(_ command: String, timeout: Duration) async -> ATReply {
        await turn(.control)
        defer { endTurn() }
        guard isOpen else { return ATReply(.gone) }
        let reply = await transact(Array(command.utf8), .lines, timeout)
        // An answer to something else, perhaps: the next command begins with getting into step.
        if !reply.isOK { outOfStep = true }
        return reply
    }

    // MARK: Submissions

    /// Sends one PDU. See `Fleet.submit`.
    func submit(_ submission: Submission, permit: () async throws -> Void) async -> SubmissionOutcome {
        await turn(.submission)
        defer { endTurn() }
        guard isOpen, !isFinishing else { return .notSent(reason: "the port is gone") }
        if outOfStep, await !resynchronise() { return .notSent(reason: "the modem does not answer") }
        await keepLink(submission.moreFollow)
        // Its answer may still come, and would be taken for the PDU's.
        if outOfStep, await !resynchronise() { return .notSent(reason: "the modem does not answer") }
        guard isOpen else { return .notSent(reason: "the port is gone") }
        guard !isSuspended else { return .notSent(reason: "the modem's settings are being made") }

        CrashPoint.reached("before command")
        let command = Array("AT+CMGS=\(submission.tpdu.count)".utf8)
        session.begin(command, .submission)
        signals.removeAll(keepingCapacity: true)
        commands += 1
        guard write(command + [0x0D]) else {
            _ = fail()
            return .notSent(reason: "the port takes no bytes")
        }
        arm(timings.prompt)
        CrashPoint.reached("after command")
        do {
            try await permit()
        } catch {
            escape()
            return .notSent(reason: "the permit was refused")
        }
        switch await next(nil) {
        case .prompt:
            break
        case .finished(let reply):
            return .refused(code: reply.result.submissionError)
        case .deadline:
            recorder.note("no prompt after \(timings.prompt)")
            escape()
            return .notSent(reason: "the modem gave no prompt")
        case .closed:
            _ = session.abandon(.gone)
            return .notSent(reason: "the port went away before the PDU was written")
        }
        guard isOpen else { return .notSent(reason: "the port went away before the PDU was written") }
        guard !isSuspended else {
            escape()
            return .notSent(reason: "the modem started again before the PDU was written")
        }
        // While the permit was waited for, the modem may have ended the prompt: that is no answer to a PDU.
        guard signals.isEmpty else {
            escape()
            return .notSent(reason: "the modem ended its prompt before the PDU was written")
        }
        CrashPoint.reached("prompt")
        return await sendPDU(submission.tpdu)
    }

    private func sendPDU(_ tpdu: [UInt8]) async -> SubmissionOutcome {
        // "00": the service centre that the SIM knows.
        var bytes: [UInt8] = [0x30, 0x30]
        HexBytes.append(tpdu, to: &bytes)
        bytes.append(0x1A)
        session.submitted()
        guard write(bytes) else {
            // All or none was taken: the radio has not seen it.
            if isOpen { escape() }
            return .notSent(reason: "the port takes no bytes")
        }
        CrashPoint.reached("pdu written")
        var timeout = timings.submission
        while true {
            switch await next(timeout) {
            case .finished(let reply):
                CrashPoint.reached("result read")
                return reply.submissionOutcome
            case .prompt:
                timeout = timings.submission
            case .deadline:
                recorder.note("no final result after the PDU")
                outOfStep = true
                return session.abandon(.timedOut).submissionOutcome
            case .closed:
                return session.abandon(.gone).submissionOutcome
            }
        }
    }

    /// AT+CMMS before the first of several parts: the radio link stays up between them. A modem that cannot is no worse.
    private func keepLink(_ moreFollow: Bool) async {
        guard moreFollow != linkKept else { return }
        linkKept = moreFollow
        if moreFollow, canKeepLink {
            let reply = await transact(Array("AT+CMMS=1".utf8), .lines, timings.command)
            if !reply.isOK { canKeepLink = false }
        }
    }

    private var canKeepLink = true

    private func escape() {
        _ = session.abandon(.timedOut)
        outOfStep = true
        _ = write([0x1B])
    }

    private func write(_ bytes: [UInt8]) -> Bool {
        recorder.sent(bytes)
        return port.write(bytes)
    }

    private func fail() -> ATReply {
        let reply = session.abandon(.gone)
        if isOpen { close("the port takes no bytes") }
        return reply
    }

    // MARK: In step again

    /// Ends an open prompt and asks for something whose answer cannot be mistaken for a late one.
    private func resynchronise() async -> Bool {
        for attempt in 1...3 {
            guard write([0x1B, 0x0D]) else { return false }
            await loop.pause(for: timings.settle * attempt)
            guard isOpen else { return false }
            let reply = await transact(Array("AT+CMGF?".utf8), .mark, timings.resynchronise)
            if reply.isOK {
                if let mode = Answers.value(reply.lines, "+CMGF:"), Answers.unquoted(mode) == "1" { wasTextMode = true }
                outOfStep = false
                // In text mode a PDU would be sent as a text.
                if wasTextMode, await !transact(Array("AT+CMGF=0".utf8), .lines, timings.command).isOK { return false }
                return isOpen
            }
            if reply.result == .gone { return false }
        }
        isSilent = true
        return false
    }

    // MARK: Turns and signals

    private func turn(_ kind: TurnQueue<CheckedContinuation<Void, Never>>.Class) async {
        if turns.take(kind) { return }
        await withCheckedContinuation { turns.wait(kind, $0) }
    }

    private func endTurn() {
        turns.pass()?.resume()
    }

    /// The next signal; with a time-out a new deadline is set.
    private func next(_ timeout: Duration?) async -> Signal {
        if let timeout { arm(timeout) }
        if !signals.isEmpty { return signals.removeFirst() }
        guard isOpen else { return .closed }
        return await withCheckedContinuation { waiter = $0 }
    }

    private func arm(_ timeout: Duration) {
        if let deadline { loop.cancel(deadline) }
        deadline = loop.schedule(after: timeout) { [weak self] in
            self?.deadline = nil
            self?.signal(.deadline)
        }
    }

    private func signal(_ signal: Signal) {
        if let deadline {
            // Whatever came, the wait that this deadline was for is over.
            loop.cancel(deadline)
            self.deadline = nil
        }
        if let waiter {
            self.waiter = nil
            waiter.resume(returning: signal)
        } else {
            signals.append(signal)
        }
    }

    private func received(_ bytes: UnsafeBufferPointer<UInt8>) {
        recorder.received(bytes)
        let hadReference = session.reference != nil
        session.receive(bytes) { event in
            switch event {
            case .prompt: signal(.prompt)
            case .finished(let reply): signal(.finished(reply))
            case .unsolicited(let event): unsolicited?(event)
            case .strayPrompt: outOfStep = true
            }
        }
        // The network has the text: a lost OK must not hold the modem for two minutes.
        if !hadReference, session.reference != nil { arm(timings.afterReference) }
    }
}

extension ATResult {
    var submissionError: SubmissionOutcome.ErrorCode? {
        switch self {
        case .cms(let code): .cms(code)
        case .cme(let code): .cme(code)
        default: nil
        }
    }
}

extension ATReply {
    /// What became of a PDU that was written.
    var submissionOutcome: SubmissionOutcome {
        switch result {
        case .ok:
            guard let reference else { return .unknown(reason: "the modem said OK without a message reference") }
            return .accepted(reference: reference)
        case .error, .cms, .cme:
            return .refused(code: result.submissionError)
        case .timedOut, .gone:
            // <mr> is printed once the network has the text (TS 27.005 §3.5.1). Half of one is none: under it no report
            // would be found, while that of an unknown part is found by number and time.
            if let reference, !isReferenceCut { return .accepted(reference: reference) }
            let gone = result == .gone
            return .unknown(reason: gone ? "the port went away after the PDU was written" : "no final result came")
        }
    }
}
