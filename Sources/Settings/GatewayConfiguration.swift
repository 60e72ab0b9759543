import Glibc
import PluginKit

/// What conductor.yaml says, with the defaults for what it does not say.
public struct GatewayConfiguration: Sendable, Hashable {
    /// One modem or SIM that is treated apart.
    public struct Modem: Sendable, Hashable {
        /// How it is recognised; at least one is set, and all that are set must fit.
        public var imei: String?
        /// A device path, opened though udev may not know it.
        public var port: String?
        /// `ID_PATH` of the USB socket.
        public var usb: String?
        /// ICCID or IMSI.
        public var sim: String?
        /// File with the SIM's PIN, absolute; read it with `SecretFile`.
        public var pinFile: String?
        /// Number of the service centre that the SIM is set to, E.164; nil leaves it alone.
        public var smsc: String?
        /// What the numbers begin with that it is preferred for, as `+52`: `+` and 1 to 15 digits.
        public var preferFor: [String] = []
    }

    /// When automatic answers to one number rest; nil where the file says nothing.
    public struct LoopGuard: Sendable, Hashable {
        public var enabled: Bool?
        /// Automatic answers to one number within the window, 1...1000.
        public var answers: Int?
        /// The window.
        public var within: Duration?
        /// Texts of one number that say the same, 2...1000.
        public var sameText: Int?
        /// Texts of one number, 2...10000.
        public var texts: Int?
        /// How long our responders leave the number alone.
        public var rest: Duration?

        public init() {}
    }

    /// Which texts programs that work on the table answer (decision 6).
    public struct ExternalBots: Sendable, Hashable {
        public var all = false
        /// As they are written.
        public var numbers: [String] = []
        /// ICCID or IMSI.
        public var sims: [String] = []
        /// First words of texts.
        public var words: [String] = []

        public init() {}
    }

    /// What becomes of texts whose report did not come; nil where the file says nothing. Each is
    /// `wait_report_then_ask` or `resend`.
    public struct OnUnknown: Sendable, Hashable {
        public var conversation: String?
        public var notice: String?
        public var promotion: String?

        public init() {}
    }

    /// What is done about texts that carriers filter; nil where the file says nothing.
    public struct Content: Sendable, Hashable {
        public var warn: Bool?
        /// Codes of warnings for which offers are refused.
        public var refusePromotions: [String]?

        public init() {}
    }

    /// When failed texts raise an alarm; nil where the file says nothing.
    public struct DeadLetters: Sendable, Hashable {
        /// So many, 0...100000; 0: never.
        public var alarm: Int?
        public var within: Duration?

        public init() {}
    }

    /// What is sent, and what STOP, START and HELP are answered; nil where the file says nothing.
    public struct Policy: Sendable, Hashable {
        /// Rows that were older when first seen are held, never sent (decision 7).
        public var maxAge: Duration?
        /// Attempts to send one text, 1...100.
        public var maxAttempts: Int?
        /// How long a text that may or may not have left waits for its delivery report, and holds back the later texts
        /// of its recipient, before a person is asked.
        public var reportDeadline: Duration?
        /// Within 1 s and 10 min.
        public var lease: Duration?
        /// How long a text waits for parts that have not come before it is shown without them.
        public var incompleteAfter: Duration?
        /// Which national tables texts are written in: `none`, `auto`, or a language's code.
        public var language: String?
        /// Answer to STOP.
        public var stopConfirmation: String?
        /// Answer to START of a number that was out.
        public var startConfirmation: String?
        /// Answer to HELP.
        public var helpText: String?
        public var loopGuard = LoopGuard()
        /// Nil: our responders answer everything.
        public var externalBots: ExternalBots?
        public var onUnknown = OnUnknown()
        public var content = Content()
        public var deadLetters = DeadLetters()
        /// When and how much is sent.
        public var sending = SendingPolicy()
    }

    /// How long things are kept; nil where the file says nothing.
    public struct Retention: Sendable, Hashable {
        /// Texts in storage; `Span.forever` or a time.
        public var texts: Span?
        /// What the journal has of settled texts.
        public var journal: Duration?
        /// What plugins keep under people's numbers.
        public var transcripts: Span?

        /// A time that may have no end.
        public enum Span: Sendable, Hashable {
            case forever
            case time(Duration)
        }
    }

    /// Texts between the shop's own SIMs that show that texts come and go.
    public struct Canary: Sendable, Hashable {
        /// How often each SIM sends one, 10 min to 30 d.
        public var every: Duration
        /// How long one may take, 1 min to 1 d, and less than `every`.
        public var within: Duration
    }

    /// How the log looks.
    public struct Log: Sendable, Hashable {
        /// `trace`, `debug`, `info`, `notice`, `warning`, `error` or `critical`.
        public var level = "info"
        /// `text` or `json`.
        public var format = "text"
    }

    /// The file it was read from; nil for the built-in defaults.
    public var file: String?
    /// The gateway's id towards storage; nil: the host's name.
    public var id: String?
    /// Absolute; nil: see `defaultStateFolder`.
    public var stateFolder: String?
    /// Absolute; nil: `/etc/conductor/plugins.d`.
    public var pluginsFolder: String?
    /// ISO 3166 two-letter code, to read numbers that have no country; nil: the gateway's default.
    public var defaultCountry: String?
    /// The shop's time zone, of the IANA data base; nil: the machine's.
    public var timeZone: String?
    /// Switches the power of a USB port, absolute; called with its hub and its number. Nil: nothing does.
    public var powerCommand: String?
    /// Whether modems that `modems` does not name by their port are found and used too.
    public var discovers = true
    public var modems: [Modem] = []
    public var policy = Policy()
    public var retention = Retention()
    /// Nil: none are sent.
    public var canary: Canary?
    public var log = Log()

    /// The built-in defaults.
    public init() {}

    /// Finds and reads the configuration: `path` (of `--config`), else `$CONDUCTOR_CONFIG`, else
    /// `/etc/conductor/conductor.yaml` where it exists, else the built-in defaults.
    ///
    /// - Throws: when the file that is meant cannot be read or is wrong; only the last two places may be missing.
    public static func load(
        path: String?, environment: [String: String], systemFile: String = "/etc/conductor/conductor.yaml"
    ) throws(ConfigurationError) -> GatewayConfiguration {
        if let named = path ?? environment["CONDUCTOR_CONFIG"], !named.isEmpty { return try read(file: named) }
        guard access(systemFile, F_OK) == 0 else { return GatewayConfiguration() }
        return try read(file: systemFile)
    }

    /// Reads one file; relative paths in it are meant from its folder.
    public static func read(file: String) throws(ConfigurationError) -> GatewayConfiguration {
        try parse(try ConfigurationNode.read(file: file))
    }

    /// Where the state is when nothing is configured: `$STATE_DIRECTORY` (a systemd service has it), else
    /// `$XDG_STATE_HOME/conductor`, else `~/.local/state/conductor`, else `/var/lib/conductor`.
    public static func defaultStateFolder(environment: [String: String]) -> String {
        func value(_ name: String) -> String? { environment[name].flatMap { $0.hasPrefix("/") ? $0 : nil } }
        if let folder = value("STATE_DIRECTORY") { return String(folder.prefix { $0 != ":" }) }
        if let folder = value("XDG_STATE_HOME") { return folder + "/conductor" }
        if let home = value("HOME") { return home + "/.local/state/conductor" }
        return "/var/lib/conductor"
    }
}
