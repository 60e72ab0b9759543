/// Understands one line of a script; `docs/simulator.md` has the grammar.
struct ScriptLineParser {
    private let line: String
    private let name: String
    private let number: Int
    private let modems: Int

    init(_ line: String, name: String, line number: Int, modems: Int) {
        self.line = line
        self.name = name
        self.number = number
        self.modems = modems
    }

    /// The step the line stands for; nil for an empty line and a comment.
    mutating func parse() throws(ScriptError) -> Script.Step? {
        do throws(SimulatorError) {
            var words = ScriptWords(try ScriptTokens(line), modems: modems)
            guard !words.isEmpty else { return nil }
            let schedule = try Self.schedule(&words)
            let action = try Self.action(&words)
            switch action {
            case .pause, .waitFor:
                guard schedule == .inTurn else { throw SimulatorError("a wait takes no at, after or every") }
            case .directive, .quit: break
            }
            try words.expectEnd()
            return Script.Step(schedule: schedule, action: action)
        } catch {
            throw ScriptError(name: name, line: number, message: error.description)
        }
    }

    private static func schedule(_ words: inout ScriptWords) throws(SimulatorError) -> Script.Schedule {
        if words.take("at") { return .at(try words.duration()) }
        if words.take("after") { return .after(try words.duration()) }
        guard words.take("every") else { return .inTurn }
        let interval = try words.duration()
        return .every(interval, count: words.take("count") ? try words.number("a count", 1...Int.max) : nil)
    }

    private static func action(_ words: inout ScriptWords) throws(SimulatorError) -> Script.Action {
        let command = try words.word("a command")
        switch command {
        case "wait": return .pause(try words.duration())
        case "wait-submitted": return .waitFor(.submitted, try words.number("a number of parts", 0...Int.max))
        case "wait-event":
            let kind = try words.word("the name of an event")
            guard let event = LedgerEvent.Kind(rawValue: kind) else {
                let names = LedgerEvent.Kind.allCases.map(\.rawValue).joined(separator: ", ")
                throw SimulatorError("expected one of \(names), not \(kind)")
            }
            return .waitFor(event, try words.number("a number of events", 0...Int.max))
        case "quit": return .quit
        default:
            if let directive = try directive(command, &words) { return .directive(directive) }
            if let setting = try setting(command, &words) { return .directive(setting) }
            throw SimulatorError("expected a command (text, burst, fault, unplug, wait, quit, …), not \(command)")
        }
    }

    private static func directive(_ command: String, _ words: inout ScriptWords) throws(SimulatorError) -> Directive? {
        switch command {
        case "text": return try text(&words, count: 1)
        case "burst": return try text(&words, count: try words.number("a number of texts", 1...1_000_000))
        case "pdu":
            let modem = try words.modem()
            let hex = try words.word("the PDU in hex")
            guard let bytes = [UInt8].octets(hex: hex.utf8), !bytes.isEmpty else {
                throw SimulatorError("expected a PDU in hex, two digits an octet")
            }
            return .pdu(modem, bytes)
        case "fault": return try fault(&words)
        case "unplug": return .unplug(try words.modem())
        case "replug":
            let modem = try words.modem()
            return .replug(modem, after: words.take("after") ? try words.duration() : .zero)
        case "restart": return .restart(try words.modem())
        case "factory-reset": return .factoryReset(try words.modem())
        case "say":
            let modem = try words.modem()
            return .output(modem, Array(try words.quoted("what it says").utf8))
        case "garbage":
            let modem = try words.modem()
            return .garbage(modem, count: try words.number("a number of octets", 1...65_536))
        default: return nil
        }
    }

    private static func text(_ words: inout ScriptWords, count: Int) throws(SimulatorError) -> Directive {
        let modem = try words.modem()
        let from = try words.word("the sender's number")
        return .text(modem, from: from, body: try words.quoted("the text"), count: count)
    }

    private static func fault(_ words: inout ScriptWords) throws(SimulatorError) -> Directive {
        let modem = try words.modem()
        let name = try words.word("a fault")
        var fault: Fault
        switch name {
        case "clear": return .clearFaults(modem)
        case "cms": fault = Fault(.cms(try words.number("a +CMS code", 0...65_535)))
        case "cme": fault = Fault(.cme(try words.number("a +CME code", 0...65_535)))
        case "no-final": fault = Fault(.noFinal)
        case "no-prompt": fault = Fault(.noPrompt)
        case "bare-prompt": fault = Fault(.barePrompt)
        case "cut-short": fault = Fault(.cutShort, on: "*")
        case "garbage": fault = Fault(.garbage(try words.number("a number of octets", 1...65_536)), on: "*")
        case "interrupt": fault = Fault(.interrupt(line: try words.quoted("a line"), inside: false), on: "*")
        case "interrupt-inside": fault = Fault(.interrupt(line: try words.quoted("a line"), inside: true), on: "*")
        default:
            throw SimulatorError(
                "expected cms, cme, no-final, no-prompt, bare-prompt, cut-short, garbage, interrupt, interrupt-inside or "
                    + "clear, not \(name)")
        }
        if words.take("on") { fault.command = try words.word("a command, as +CMGD").uppercased() }
        if words.take("left") { fault.takesEffect = true } else if words.take("kept") { fault.takesEffect = false }
        if words.take("next") {
            fault.span = .next(try words.number("a count", 1...Int.max))
        } else if words.take("every") {
            fault.span = .every(try words.number("a count", 1...Int.max))
        } else if words.take("always") {
            fault.span = .always
        }
        return .fault(modem, fault)
    }

    private static func setting(_ command: String, _ words: inout ScriptWords) throws(SimulatorError) -> Directive? {
        let switches: [String: (Bool) -> ModemSetting] = [
            "echo": ModemSetting.echo, "silent": ModemSetting.silent, "mark-read": ModemSetting.marksRead,
            "boot-noise": ModemSetting.bootNoise, "full-notice": ModemSetting.fullNotice,
            "three-memories": ModemSetting.wantsThreeMemories, "reenumerate": ModemSetting.reenumerates,
        ]
        if let make = switches[command] {
            let modem = try words.modem()
            return .setting(modem, make(try words.isOn()))
        }
        guard
            ["latency", "radio", "slots", "full", "boot-delay", "registration", "signal", "sim", "reports", "ack"]
                .contains(command)
        else { return nil }
        let modem = try words.modem()
        let setting: ModemSetting
        switch command {
        case "latency", "radio":
            let base = try words.duration()
            let jitter = words.take("jitter") ? try words.duration() : .zero
            setting = command == "radio" ? .radio(base, jitter: jitter) : .latency(base, jitter: jitter)
        case "slots":
            let memory = try words.word("a memory, as SM")
            setting = .slots(memory: memory, try words.number("a number of slots", 0...65_535))
        case "full":
            let memory = try words.word("a memory, as SM")
            setting = .full(memory: memory, try words.isOn())
        case "boot-delay": setting = .bootDelay(try words.duration())
        case "signal": setting = .signal(try words.number("0 to 31, or 99", 0...99))
        case "ack":
            try words.expect("timeout")
            let timeout = try words.duration()
            setting = .acknowledgement(
                timeout: timeout, retry: words.take("retry") ? try words.duration() : .seconds(2))
        case "sim": setting = .sim(try words.simCondition())
        case "reports": setting = try words.reportSetting()
        default: setting = .registration(try words.registration())
        }
        return .setting(modem, setting)
    }
}
