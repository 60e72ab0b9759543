import GatewayCore
import SMSCodec
import Settings

/// The configuration as it takes effect, in the form of conductor.yaml.
struct EffectiveConfiguration: Encodable, Sendable {
    struct Gateway: Encodable, Sendable {
        var id: String?
        var stateDir: String
        var pluginsDir: String
        var defaultCountry: String
        var timeZone: String?
        var discover: Bool
        var powerCommand: String?
    }

    struct Modem: Encodable, Sendable {
        var match: [String: String]
        var pinFile: String?
        var smsc: String?
        var preferFor: [String]
    }

    struct Policy: Encodable, Sendable {
        var maxAgeSeconds: Int64
        var maxAttempts: Int
        var reportDeadlineSeconds: Int64
        var leaseMilliseconds: Int64
        var incompleteAfterSeconds: Int64
        var language: String
        var confirmations: Confirmations
        var loopGuard: LoopGuard
        var externalBots: ExternalBots?
        var onUnknown: OnUnknown
        var content: Content
        var deadLetters: DeadLetters
        var sending: EffectiveSending
    }

    struct OnUnknown: Encodable, Sendable {
        var conversation: String
        var notice: String
        var promotion: String
    }

    struct Content: Encodable, Sendable {
        var warn: Bool
        var refusePromotions: [String]
    }

    struct DeadLetters: Encodable, Sendable {
        var alarm: Int
        var withinSeconds: Int64
    }

    struct LoopGuard: Encodable, Sendable {
        var enabled: Bool
        var answers: Int
        var withinSeconds: Int64
        var sameText: Int
        var texts: Int
        var restSeconds: Int64
    }

    struct ExternalBots: Encodable, Sendable {
        var all: Bool
        var numbers: [String]
        var sims: [String]
        var words: [String]
    }

    struct Confirmations: Encodable, Sendable {
        var stop: String
        var start: String
        var help: String
    }

    struct Retention: Encodable, Sendable {
        /// Days, or `forever`.
        var texts: String
        var journal: String
        var transcripts: String
    }

    struct Canary: Encodable, Sendable {
        var everySeconds: Int64
        var withinSeconds: Int64
    }

    struct Log: Encodable, Sendable {
        var level: String
        var format: String
    }

    let file: String?
    let gateway: Gateway
    let modems: [Modem]
    let policy: Policy
    let retention: Retention
    let canary: Canary?
    let log: Log

    init(_ loaded: LoadedConfiguration) {
        let settings = loaded.settings
        let policy = Assembly.policy(settings)
        file = settings.file
        gateway = Gateway(
            id: settings.id, stateDir: loaded.stateFolder, pluginsDir: loaded.pluginsFolder,
            defaultCountry: policy.defaultCountry, timeZone: settings.timeZone, discover: settings.discovers,
            powerCommand: settings.powerCommand)
        modems = settings.modems.map { modem in
            var match: [String: String] = [:]
            match["imei"] = modem.imei
            match["port"] = modem.port
            match["usb"] = modem.usb
            match["sim"] = modem.sim
            return Modem(match: match, pinFile: modem.pinFile, smsc: modem.smsc, preferFor: modem.preferFor)
        }
        self.policy = Policy(
            maxAgeSeconds: policy.maxAgeMilliseconds / 1_000, maxAttempts: policy.maxAttempts,
            reportDeadlineSeconds: policy.reportMilliseconds / 1_000, leaseMilliseconds: policy.leaseMilliseconds,
            incompleteAfterSeconds: policy.assemblyMilliseconds / 1_000, language: policy.tables.name,
            confirmations: Confirmations(
                stop: policy.stopConfirmation, start: policy.startConfirmation, help: policy.helpAnswer),
            loopGuard: LoopGuard(
                enabled: policy.loopGuard.isOn, answers: policy.loopGuard.answers,
                withinSeconds: policy.loopGuard.windowMilliseconds / 1_000, sameText: policy.loopGuard.sameTexts,
                texts: policy.loopGuard.texts, restSeconds: policy.loopGuard.restMilliseconds / 1_000),
            externalBots: policy.externalBots.map {
                ExternalBots(
                    all: $0.all, numbers: $0.numbers.sorted(), sims: $0.sims.sorted(), words: $0.words.sorted())
            },
            onUnknown: OnUnknown(
                conversation: policy.onUnknown.conversation.rawValue, notice: policy.onUnknown.notice.rawValue,
                promotion: policy.onUnknown.promotion.rawValue),
            content: Content(
                warn: policy.content.warns,
                refusePromotions: policy.content.refusedPromotions.map(\.rawValue).sorted()),
            deadLetters: DeadLetters(
                alarm: policy.deadLetterAlarm, withinSeconds: policy.deadLetterMilliseconds / 1_000),
            sending: EffectiveSending(policy))
        let kept = Assembly.retention(settings)
        retention = Retention(
            texts: Self.span(kept.textsMilliseconds), journal: Self.span(kept.journalMilliseconds),
            transcripts: Self.span(kept.transcriptsMilliseconds))
        canary = settings.canary.map {
            Canary(everySeconds: $0.every.components.seconds, withinSeconds: $0.within.components.seconds)
        }
        log = Log(level: settings.log.level, format: settings.log.format)
    }

    /// What a default comes to is said in a comment, so that the text stays a valid configuration.
    func yaml() -> [String] {
        var lines = ["# \(file ?? "no configuration file: the built-in defaults")", "gateway:"]
        lines.append(gateway.id.map { "  id: \(Self.quoted($0))" } ?? "  # id: this machine's name")
        lines.append("  state_dir: \(Self.quoted(gateway.stateDir))")
        lines.append("  plugins_dir: \(Self.quoted(gateway.pluginsDir))")
        lines.append("  default_country: \(Self.quoted(gateway.defaultCountry))")
        lines.append(gateway.timeZone.map { "  time_zone: \(Self.quoted($0))" } ?? "  # time_zone: this machine's")
        lines.append("  discover: \(gateway.discover)")
        if let program = gateway.powerCommand { lines.append("  power_command: \(Self.quoted(program))") }
        if !modems.isEmpty { lines.append("modems:") }
        for modem in modems {
            let match = modem.match.sorted { $0.key < $1.key }.map { "\($0): \(Self.quoted($1))" }
            lines.append("  - match: {\(match.joined(separator: ", "))}")
            if let file = modem.pinFile { lines.append("    pin_file: \(Self.quoted(file))") }
            if let smsc = modem.smsc { lines.append("    smsc: \(Self.quoted(smsc))") }
            if !modem.preferFor.isEmpty {
                lines.append("    prefer_for: [\(modem.preferFor.map(Self.quoted).joined(separator: ", "))]")
            }
        }
        lines += [
            "policy:",
            "  max_age: \(policy.maxAgeSeconds)s",
            "  max_attempts: \(policy.maxAttempts)",
            "  report_deadline: \(policy.reportDeadlineSeconds)s",
            "  lease: \(policy.leaseMilliseconds)ms",
            "  incomplete_after: \(policy.incompleteAfterSeconds)s",
            "  language: \(policy.language)",
            "  confirmations:",
            "    stop: \(Self.quoted(policy.confirmations.stop))",
            "    start: \(Self.quoted(policy.confirmations.start))",
            "    help: \(Self.quoted(policy.confirmations.help))",
            "  loop_guard:",
            "    enabled: \(policy.loopGuard.enabled)",
            "    answers: \(policy.loopGuard.answers)",
            "    within: \(policy.loopGuard.withinSeconds)s",
            "    same_text: \(policy.loopGuard.sameText)",
            "    texts: \(policy.loopGuard.texts)",
            "    rest: \(policy.loopGuard.restSeconds)s",
        ]
        if let bots = policy.externalBots {
            func list(_ texts: [String]) -> String { "[\(texts.map(Self.quoted).joined(separator: ", "))]" }
            lines += [
                "  external_bots:", "    all: \(bots.all)", "    numbers: \(list(bots.numbers))",
                "    sims: \(list(bots.sims))", "    words: \(list(bots.words))",
            ]
        } else {
            lines.append("  # external_bots: none; our responders answer everything")
        }
        lines += [
            "  on_unknown:",
            "    conversation: \(policy.onUnknown.conversation)",
            "    notice: \(policy.onUnknown.notice)",
            "    promotion: \(policy.onUnknown.promotion)",
            "  content:",
            "    warn: \(policy.content.warn)",
            "    refuse_promotions: [\(policy.content.refusePromotions.joined(separator: ", "))]",
            "  dead_letters:",
            "    alarm: \(policy.deadLetters.alarm)",
            "    within: \(policy.deadLetters.withinSeconds)s",
        ]
        lines += policy.sending.yaml().map { "  " + $0 }
        lines += [
            "retention:", "  texts: \(retention.texts)", "  journal: \(retention.journal)",
            "  transcripts: \(retention.transcripts)",
        ]
        lines.append(
            canary.map { "canary: {every: \($0.everySeconds)s, within: \($0.withinSeconds)s}" } ?? "canary: off")
        lines += ["log:", "  level: \(log.level)", "  format: \(log.format)"]
        return lines
    }

    /// Milliseconds as conductor.yaml has them.
    private static func span(_ milliseconds: Int64?) -> String {
        guard let milliseconds else { return "forever" }
        let seconds = milliseconds / 1_000
        if seconds % 86_400 == 0 { return "\(seconds / 86_400)d" }
        return seconds % 3_600 == 0 ? "\(seconds / 3_600)h" : "\(seconds)s"
    }

    /// A double-quoted YAML scalar.
    private static func quoted(_ text: String) -> String {
        var out = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": out += "\\\(scalar)"
            case "\n": out += "\\n"
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out + "\""
    }
}
