/// Which step is next for a modem in trouble. Pure: times are nanoseconds on any clock that only goes on.
struct RecoveryLadder: Sendable {
    /// What is to be done now.
    enum Move: Sendable, Hashable {
        case step(RecoveryStep)
        /// The last step has its time to show that it helped.
        case wait(until: Int64)
        /// Nothing helped: people are told, and it is tried again from the beginning then.
        case giveUp(until: Int64)
    }

    /// What the steps are given to show that they helped.
    struct Patience: Sendable, Hashable {
        var settings: Duration = .seconds(60)
        var reopen: Duration = .seconds(20)
        /// A radio that was off searches for its network.
        var radio: Duration = .seconds(90)
        /// On top of the time that the modem needs for its start.
        var restart: Duration = .seconds(90)
        var usb: Duration = .seconds(90)
        var power: Duration = .seconds(120)
        /// After all of them, before the first again.
        var afterAll: Duration = .seconds(900)

        subscript(_ step: RecoveryStep) -> Duration {
            switch step {
            case .settings: settings
            case .reopen: reopen
            case .radio: radio
            case .restart: restart
            case .usb: usb
            case .power: power
            }
        }
    }

    private(set) var trouble: ModemTrouble?
    /// Steps done for this trouble, in their order.
    private(set) var done: [RecoveryStep] = []
    /// Nothing helped, the last time.
    private(set) var hasGivenUp = false
    private var notBefore: Int64 = 0

    /// The next move for `trouble`. `can` says which steps this modem allows at all, and `skipped` those that have never
    /// helped its model.
    mutating func next(
        _ trouble: ModemTrouble, now: Int64, patience: Patience, bootTime: Duration, can: (RecoveryStep) -> Bool,
        skipped: Set<RecoveryStep>
    ) -> Move {
        if self.trouble != trouble {
            // One trouble may turn into another while its steps are taken: what was done counts for it, too.
            if self.trouble == nil { (done, notBefore, hasGivenUp) = ([], 0, false) }
            self.trouble = trouble
        }
        if now < notBefore { return hasGivenUp ? .giveUp(until: notBefore) : .wait(until: notBefore) }
        if hasGivenUp { (done, hasGivenUp) = ([], false) }
        let last = done.max()
        let possible = trouble.steps.filter(can)
        let open = possible.filter { step in last.map { step > $0 } ?? true }
        guard let step = open.first(where: { !skipped.contains($0) }) ?? (done.isEmpty ? open.first : nil) else {
            hasGivenUp = true
            notBefore = now + patience.afterAll.nanoseconds
            return .giveUp(until: notBefore)
        }
        done.append(step)
        let boot = step >= .restart ? bootTime : .zero
        notBefore = now + (patience[step] + boot).nanoseconds
        return .step(step)
    }

    /// A person asked for a step: it counts, and the next one waits for its time.
    mutating func did(_ step: RecoveryStep, now: Int64, patience: Patience, bootTime: Duration) {
        done.append(step)
        notBefore = now + (patience[step] + (step >= .restart ? bootTime : .zero)).nanoseconds
    }

    /// The trouble is over; returns the step that ended it, nil when none was taken.
    mutating func recovered() -> RecoveryStep? {
        guard trouble != nil else { return nil }
        let last = done.last
        self = RecoveryLadder()
        return last
    }
}
