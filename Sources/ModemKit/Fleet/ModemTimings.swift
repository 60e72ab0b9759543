#if CONDUCTOR_TORTURE
    import FaultPoints
#endif

/// How long things may take; tests make them short.
public struct ModemTimings: Sendable, Hashable {
    /// For the answer to the first AT on a port.
    public var probe: Duration = .milliseconds(400)
    /// For the answer to an ordinary command.
    public var command: Duration = .seconds(8)
    /// For the next entry of a listing.
    public var listing: Duration = .seconds(15)
    /// For the prompt of AT+CMGS.
    public var prompt: Duration = .seconds(10)
    /// For the final result after the PDU (TS 27.005 leaves it open; modems take up to 120 s).
    public var submission: Duration = .seconds(120)
    /// For `OK` once `+CMGS: <mr>` is there.
    public var afterReference: Duration = .seconds(5)
    /// For the answer of a modem that is being brought back into step.
    public var resynchronise: Duration = .seconds(2)
    /// How long a line must be quiet after ESC.
    public var settle: Duration = .milliseconds(30)
    /// Between two drains of the memories.
    public var drain: Duration = .seconds(60)
    /// Between two looks at signal, registration and settings.
    public var health: Duration = .seconds(60)
    /// First wait after a failed commit or delete; doubled up to a minute.
    public var retry: Duration = .seconds(1)
    /// Between two looks for a port that is missing.
    public var missing: Duration = .milliseconds(150)
    /// How long a configured port may be missing before that is told as a problem.
    public var absent: Duration = .seconds(2)
    /// Longest wait between two tries with a port that is there and does not work.
    public var unusable: Duration = .seconds(10)
    /// How long the ports of one USB device are given to answer before the best of them is taken.
    public var choosing: Duration = .milliseconds(500)
    /// How long a stick that shows as a disc is given to be switched to a modem.
    public var modeSwitch: Duration = .seconds(8)
    /// How long a SIM may be busy after the start of its modem.
    public var simBusy: Duration = .seconds(30)
    /// How long after its first ring a caller's number is waited for.
    public var callerFollows: Duration = .seconds(1)
    /// How long a call must be quiet to be over: rings are 5 s apart.
    public var callEnds: Duration = .seconds(12)
    /// For AT+CFUN=4 and AT+CFUN=1.
    public var radio: Duration = .seconds(20)
    /// How long a radio stays off.
    public var radioRest: Duration = .seconds(2)
    /// When a modem that answers is taken to be in trouble.
    var watch = ModemWatch.Limits()
    /// What each step against a trouble is given to help.
    var patience = RecoveryLadder.Patience()
    /// How long a command under way may go on when the fleet stops.
    public var stop: Duration = .seconds(10)

    public init() {
        #if CONDUCTOR_TORTURE
            guard Tempo.isShort else { return }
            (command, listing, prompt) = (.seconds(2), .seconds(2), .seconds(1))
            (submission, afterReference, resynchronise) = (.seconds(3), .seconds(1), .milliseconds(500))
            (drain, health, retry, unusable) = (.seconds(2), .seconds(2), .milliseconds(200), .seconds(1))
        #endif
    }
}
