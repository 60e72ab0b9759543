import Logging

/// The ladder of recovery: a modem that does not do its work is helped step by step, each step is verified, and traffic
/// goes to other modems meanwhile (E4).
extension Modem {
    /// What can be done to a modem from outside, where it sits.
    struct OutsideHelp: Sendable {
        var steps: Set<RecoveryStep> = []
        /// Takes a step; returns what went wrong, in words.
        var take: @Sendable (RecoveryStep) async -> String? = { _ in nil }
    }

    /// A start of it is under way.
    var isExpected: Bool { EventLoop.now < expectedBack }

    var modelName: String { snapshot.model ?? family.name }

    /// It answers, and its texts are taken out of it, whether or not it sends.
    var isServed: Bool { snapshot.state == .ready || snapshot.state == .recovering }

    /// Looks whether the modem does its work, and takes the next step where it does not.
    func recover(_ channel: ATChannel) async {
        if let step = askedStep {
            askedStep = nil
            ladder.did(step, now: EventLoop.now, patience: timings.patience, bootTime: family.bootTime)
            await perform(step, channel)
            return
        }
        guard isServed, channel.isOpen else { return }
        let now = EventLoop.now
        // This is the look; whoever wants another one says so.
        if now >= nextLook { nextLook = .max }
        if let trouble = watch.trouble(now: now, limits: timings.watch) {
            await obey(nextMove(trouble, now: now), against: trouble, channel)
        } else if let trouble = ladder.trouble, watch.isOver(trouble) {
            recovered()
        }
    }

    func nextMove(_ trouble: ModemTrouble, now: Int64) -> RecoveryLadder.Move {
        ladder.next(
            trouble, now: now, patience: timings.patience, bootTime: family.bootTime,
            can: { $0 < .usb || outside.steps.contains($0) }, skipped: experience.useless(modelName))
    }

    private func obey(_ move: RecoveryLadder.Move, against trouble: ModemTrouble, _ channel: ATChannel) async {
        switch move {
        case .wait(let until):
            nextLook = until
            tell(trouble, "It is given time after the last step.")
        case .giveUp(let until):
            nextLook = until
            giveUp(trouble)
        case .step(let step):
            tell(trouble, "Now \(step.words).")
            await perform(step, channel)
        }
    }

    /// It still does not answer, though its port was opened again; `probed`: what was said.
    func isStillSilent(_ probed: TraceRing?) async {
        if let probed, !isSilenceTraced { trace.take(probed) }
        isSilenceTraced = true
        guard channel == nil, EventLoop.now >= expectedBack else { return }
        switch nextMove(.silence, now: EventLoop.now) {
        case .wait: break
        case .giveUp: giveUp(.silence)
        case .step(let step):
            tell(.silence, "Now \(step.words).")
            await takeOutside(step)
        }
    }

    /// It answers again, or its texts leave again, or come in: what was done helped.
    func recovered() {
        let steps = ladder.done
        guard let trouble = ladder.trouble else { return }
        if let step = ladder.recovered() {
            experience.note(steps, model: modelName, helped: true)
            logger.notice(
                "The modem works again", metadata: ["trouble": "\(trouble.rawValue)", "step": "\(step.rawValue)"])
        }
        if snapshot.state == .recovering, channel != nil {
            snapshot.state = .ready
            snapshot.problem = nil
        }
        publish()
    }

    private func giveUp(_ trouble: ModemTrouble) {
        if !isGivenUp { experience.note(ladder.done, model: modelName, helped: false) }
        isGivenUp = true
        let steps = ladder.done.map(\.words).joined(separator: ", ")
        tell(
            trouble,
            "Nothing helped (\(steps)). Unplug it and plug it in again, or replace it; it is tried again now and then.")
    }

    private func tell(_ trouble: ModemTrouble, _ rest: String) {
        let problem = "\(trouble.words). \(rest)"
        if snapshot.problem != problem { logger.warning("\(problem)") }
        snapshot.state = .recovering
        snapshot.problem = problem
        publish()
    }

    // MARK: Steps

    private func perform(_ step: RecoveryStep, _ channel: ATChannel) async {
        if step != .usb, step != .power { count(step) }
        trace.note("step of recovery: \(step.rawValue)")
        watch.restart()
        nextLook = EventLoop.now + timings.patience[step].nanoseconds
        switch step {
        case .settings:
            toDrain.formUnion(storage.toDrain)
            await settle(channel)
            publish()
        // A part on its way has its outcome first: nobody could say afterwards what became of it.
        case .reopen:
            await channel.finish(within: timings.submission, Self.reopening)
        case .radio:
            channel.isSuspended = true
            if await channel.run("AT+CFUN=4", timeout: timings.radio).isOK { await loop.pause(for: timings.radioRest) }
            _ = await channel.run("AT+CFUN=1", timeout: timings.radio)
            needsBringUp = true
        case .restart:
            await restart(channel)
        case .usb, .power:
            expectBack()
            await channel.finish(within: timings.submission, step.words)
            await takeOutside(step)
        }
    }

    /// By the first of its family's commands that the modem takes.
    private func restart(_ channel: ATChannel) async {
        channel.isSuspended = true
        for command in family.restarts {
            // One that starts at once has no time to answer.
            switch await channel.run(command, timeout: timings.command).result {
            case .error, .cms, .cme: continue
            case .ok, .timedOut, .gone: break
            }
            break
        }
        epoch += 1
        expectBack()
        channel.close("the modem is started anew")
    }

    private func takeOutside(_ step: RecoveryStep) async {
        count(step)
        trace.note("step of recovery: \(step.rawValue), from outside")
        expectBack()
        if let failure = await outside.take(step) {
            logger.warning("\(failure)", metadata: ["step": "\(step.rawValue)"])
        }
    }

    private func count(_ step: RecoveryStep) {
        isGivenUp = false
        snapshot.recoveries[step.rawValue, default: 0] += 1
    }

    /// Until then a port that is missing or silent is no news.
    private func expectBack() {
        expectedBack = EventLoop.now + family.bootTime.nanoseconds
        _ = loop.schedule(after: family.bootTime) { [weak self] in self?.assumeIsolated { $0.isOverdue() } }
    }

    private func isOverdue() {
        guard channel == nil, EventLoop.now >= expectedBack, snapshot.state == .recovering, !isGivenUp else { return }
        snapshot.state = .gone
        snapshot.problem = "The modem did not come back after it was started anew. Unplug it and plug it in again."
        publish()
    }

    /// A step that a person asks for; false when the modem is not attached, or cannot take it.
    func ask(for step: RecoveryStep) -> Bool {
        guard channel != nil, step < .usb || outside.steps.contains(step) else { return false }
        askedStep = step
        kick()
        return true
    }
}
