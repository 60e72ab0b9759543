/// Which modems a directive is for.
public enum ModemTarget: Sendable, Hashable {
    case one(Int)
    case all
}

/// One thing to do in the simulated world; what a line of a script says, and the Swift API.
public enum Directive: Sendable, Hashable {
    /// `count` texts arrive at once. `{n}` in number and body is the count from 1, `{n:4}` the same in four digits,
    /// `{m}` the modem's index.
    case text(ModemTarget, from: String, body: String, count: Int = 1)
    /// A TPDU of the mobile-terminated direction, service-centre address first, arrives as it is, sound or not.
    case pdu(ModemTarget, [UInt8])
    case fault(ModemTarget, Fault)
    /// Takes every fault back; settings stay.
    case clearFaults(ModemTarget)
    case setting(ModemTarget, ModemSetting)
    /// Closes the pty and removes the link.
    case unplug(ModemTarget)
    /// Opens a new pty after `delay`, and links it.
    case replug(ModemTarget, after: Duration)
    /// The modem restarts by itself, like AT+CFUN=1,1.
    case restart(ModemTarget)
    /// Echo on, formats and notifications as they left the factory; memories are kept.
    case factoryReset(ModemTarget)
    /// The modem prints these octets as they are.
    case output(ModemTarget, [UInt8])
    /// The modem prints so many random octets.
    case garbage(ModemTarget, count: Int)
}

/// A fault that strikes commands.
public struct Fault: Sendable, Hashable {
    /// What goes wrong.
    public enum Kind: Sendable, Hashable {
        /// `+CMS ERROR: n` (TS 27.005 §3.2.5).
        case cms(Int)
        /// `+CME ERROR: n` (TS 27.007 §9.2), as AT+CMEE shapes it.
        case cme(Int)
        /// No final result comes.
        case noFinal
        /// The modem waits for the PDU without showing its prompt.
        case noPrompt
        /// The prompt lacks the space after `>`.
        case barePrompt
        /// A line of its own in the middle of the reply: between its entries, or inside one.
        case interrupt(line: String, inside: Bool)
        /// The reply ends in its middle.
        case cutShort
        /// So many random octets come before the reply.
        case garbage(Int)
    }

    /// How often.
    public enum Span: Sendable, Hashable {
        /// The next `n` commands.
        case next(Int)
        /// Until cleared.
        case always
        /// Each `n`th command.
        case every(Int)
    }

    public var kind: Kind
    /// The command it strikes, as `+CMGS`; `*` is any.
    public var command: String
    /// Whether the command does its work nevertheless: a part leaves the modem, a slot is freed.
    public var takesEffect: Bool
    public var span: Span

    /// A fault of sending unless `command` says otherwise.
    public init(_ kind: Kind, on command: String = "+CMGS", takesEffect: Bool = false, _ span: Span = .next(1)) {
        self.kind = kind
        self.command = command
        self.takesEffect = takesEffect
        self.span = span
    }
}

/// How a modem is from now on.
public enum ModemSetting: Sendable, Hashable {
    /// Time between a command line and its reply.
    case latency(Duration, jitter: Duration = .zero)
    /// Time between Ctrl-Z and the network's answer.
    case radio(Duration, jitter: Duration = .zero)
    case echo(Bool)
    /// Neither hears nor says anything; the port stays.
    case silent(Bool)
    /// Whether listing and reading turn an unread text to read.
    case marksRead(Bool)
    case slots(memory: String, Int)
    /// Counts as full, whatever it holds.
    case full(memory: String, Bool)
    /// Whether a vendor's line tells that a memory is full.
    case fullNotice(Bool)
    /// Time between plugging in and the first answer.
    case bootDelay(Duration)
    /// Whether it prints its vendor's lines when it has started.
    case bootNoise(Bool)
    case registration(Registration)
    /// `<rssi>` of AT+CSQ: 0...31, 99 unknown.
    case signal(Int)
    case sim(SIMCondition)
    /// Whether status reports come, after how long, and with which TP-Status (TS 23.040 §9.2.3.15).
    case reports(Bool)
    case reportDelay(Duration)
    case reportStatus(UInt8)
    /// AT+CPMS wants all three memories.
    case wantsThreeMemories(Bool)
    /// How long the network waits for AT+CNMA, and after how long it tries again.
    case acknowledgement(timeout: Duration, retry: Duration)
    /// Whether AT+CFUN=1,1 makes the port vanish and come back, as USB modems do.
    case reenumerates(Bool)
}

/// `<stat>` of +CREG (TS 27.007 §7.2).
public enum Registration: Int, Sendable, Hashable {
    case none = 0
    case home = 1
    case searching = 2
    case denied = 3
    case unknown = 4
    case roaming = 5
}

/// What the card slot holds.
public enum SIMCondition: Sendable, Hashable {
    case ready
    case absent
    /// Waits for this PIN; three tries.
    case pin(String)
    /// Blocked; waits for this PUK, ten tries.
    case puk(String)
}
