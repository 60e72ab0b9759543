/// What is watched of a modem that answers: whether its texts leave, whether it has a network, whether anything comes
/// in. Pure: times are nanoseconds on any clock that only goes on.
struct ModemWatch: Sendable {
    /// When it is taken for trouble.
    struct Limits: Sendable, Hashable {
        /// Parts refused in a row for reasons of modem or network.
        var refusals = 5
        /// Without a network.
        var unregistered: Duration = .seconds(180)
        /// Parts sent since the last text or report came in, of a SIM whose reports came until then …
        var unreported = 5
        /// … and how long the oldest of them waits.
        var unheard: Duration = .seconds(1800)
    }

    private var refusalsInARow = 0
    private var unregisteredSince: Int64?
    private var hasReports = false
    private var sentUnheard = 0
    private var oldestUnheard: Int64?
    /// Since the last step.
    private var hasSent = false
    private var hasHeard = false
    private var isRegistered = false

    mutating func sent(_ outcome: SubmissionOutcome, now: Int64) {
        switch outcome {
        case .accepted:
            refusalsInARow = 0
            hasSent = true
            sentUnheard += 1
            if oldestUnheard == nil { oldestUnheard = now }
        case .refused(let code):
            if Self.blamesModem(code) { refusalsInARow += 1 } else { refusalsInARow = 0 }
        case .unknown, .notSent:
            break
        }
    }

    /// A text or a report came in.
    mutating func heard(isReport: Bool) {
        if isReport { hasReports = true }
        hasHeard = true
        sentUnheard = 0
        oldestUnheard = nil
    }

    mutating func registered(_ isRegistered: Bool, now: Int64) {
        self.isRegistered = isRegistered
        if isRegistered {
            unregisteredSince = nil
        } else if unregisteredSince == nil {
            unregisteredSince = now
        }
    }

    /// A step was taken, or the port opened anew: what was counted before says nothing any more.
    mutating func restart() {
        let hadReports = hasReports
        self = ModemWatch()
        hasReports = hadReports
    }

    /// The trouble that it is in; nil when it does its work.
    func trouble(now: Int64, limits: Limits) -> ModemTrouble? {
        if let since = unregisteredSince, now - since >= limits.unregistered.nanoseconds { return .registration }
        if refusalsInARow >= limits.refusals { return .sending }
        if hasReports, sentUnheard >= limits.unreported, let oldestUnheard,
            now - oldestUnheard >= limits.unheard.nanoseconds
        {
            return .receiving
        }
        return nil
    }

    /// Whether it has shown since the last step that this trouble is over.
    func isOver(_ trouble: ModemTrouble) -> Bool {
        switch trouble {
        case .silence: true
        case .sending: hasSent
        case .registration: isRegistered
        case .receiving: hasHeard
        }
    }

    /// Whether a refusal is of the modem's or the network's making, and not of the text's: TS 24.011 annex E,
    /// TS 27.005 §3.2.5, TS 27.007 §9.2.
    static func blamesModem(_ code: SubmissionOutcome.ErrorCode?) -> Bool {
        switch code {
        case .cms(let code): [38, 41, 42, 47, 111, 313, 314, 315, 331, 332, 500].contains(code) || code >= 512
        case .cme(let code): [0, 1, 13, 14, 30, 31, 100].contains(code)
        // A plain ERROR.
        case nil: true
        }
    }
}
