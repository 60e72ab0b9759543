internal import PluginKit
public import SMSCodec

/// The rules that bind every text, whoever asks; one value, read by both paths.
public struct Policy: Sendable {
    /// `run --observe` (decision 7): what comes is received into the journal, and that is all. Nothing is sent or answered,
    /// and nothing is written into storage.
    public var observes = false
    /// Whose national number forms are understood: ISO 3166, as `US`.
    public var defaultCountry = "US"
    /// Queued rows older than this when first met are held, never sent (decision 7).
    public var maxAgeMilliseconds: Int64 = 3_600_000
    /// How long a claim covers choosing; one that ended may be made by any gateway.
    public var leaseMilliseconds: Int64 = 30_000
    /// How long a multipart text waits for its missing parts after the first one came.
    public var assemblyMilliseconds: Int64 = 600_000
    /// How long an unknown part waits for its delivery report before a person is asked.
    public var reportMilliseconds: Int64 = 600_000
    /// Attempts before a text that is refused for passing reasons is `failed`.
    public var maxAttempts = 8
    /// The national tables that texts may be written in where their sender asks for none.
    public var tables = ShiftTables.none
    /// What confirms STOP. Empty: nothing is sent.
    public var stopConfirmation = "You will get no more texts from us. Reply START to hear from us again."
    /// What confirms START.
    public var startConfirmation = "You will get our texts again. Reply STOP at any time to end them."
    /// What answers HELP.
    public var helpAnswer = "Reply STOP to end texts from us, START to get them again. A person reads this number."
    /// When automatic answers to one number rest.
    public var loopGuard = LoopGuard()
    /// What programs that work on the table answer; nil: our responders answer everything.
    public var externalBots: ExternalBots?
    /// What becomes of a text whose report did not come.
    public var onUnknown = OnUnknown()
    /// What is done about texts that carriers filter.
    public var content = ContentRules()
    /// So many failed texts within `deadLetterMilliseconds` raise an alarm; 0: never.
    public var deadLetterAlarm = 10
    public var deadLetterMilliseconds: Int64 = 86_400_000

    /// What the numbers begin with that some modem is preferred for, as `+52`.
    public var preferences: [String] = []
    /// The shop's time zone, of the IANA data base; nil: the machine's.
    public var timeZone: String?
    /// When texts may leave.
    public var windows = SendingWindows()
    /// How many texts may leave.
    public var limits = Limits()
    /// Parts that all SIMs together may send in a day.
    public var budget = Budget()
    /// When a SIM is paused whose texts no longer arrive.
    public var deliveredShare = DeliveredShare()
    /// A text that window, limits or budget have kept back for so long fails; nil: it waits as long as it takes.
    public var maxWaitMilliseconds: Int64? = 7 * 86_400_000

    public init() {}

    var retry: RetryPolicy { RetryPolicy(maxAttempts: maxAttempts) }

    var reassembly: ReassemblyLimits { ReassemblyLimits(wait: assemblyMilliseconds) }

    /// A number as people write it; nil when it is none that a text can be sent to.
    public func number(_ written: String) -> PhoneNumber? {
        PhoneNumber(written, country: defaultCountry)
    }
}
