import Foundation
import Glibc
import PluginKit

extension GatewayConfiguration {
    static func parse(_ root: ConfigurationNode) throws(ConfigurationError) -> GatewayConfiguration {
        let top = try root.mapping(keys: ["gateway", "modems", "policy", "retention", "canary", "log"])
        var result = GatewayConfiguration()
        result.file = root.file
        if let gateway = top["gateway"] { try result.readGateway(gateway) }
        if let modems = top["modems"] {
            for modem in try modems.list() { result.modems.append(try readModem(modem)) }
        }
        if let policy = top["policy"] { result.policy = try readPolicy(policy) }
        if let retention = top["retention"] { result.retention = try readRetention(retention) }
        if let canary = top["canary"] { result.canary = try readCanary(canary) }
        if let log = top["log"] { result.log = try readLog(log) }
        return result
    }

    private mutating func readGateway(_ node: ConfigurationNode) throws(ConfigurationError) {
        let keys = try node.mapping(keys: [
            "id", "state_dir", "plugins_dir", "default_country", "discover", "time_zone", "power_command",
        ])
        if let node = keys["id"] {
            let text = try node.string()
            let isPlain = text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) }
            guard text.count <= 64, isPlain else {
                throw node.error("must be at most 64 letters, digits, \"-\", \"_\" or \".\"")
            }
            id = text
        }
        stateFolder = try Self.path(keys["state_dir"])
        pluginsFolder = try Self.path(keys["plugins_dir"])
        powerCommand = try Self.path(keys["power_command"])
        if let node = keys["discover"] { discovers = try node.bool() }
        if let node = keys["time_zone"] {
            let name = try node.string()
            guard TimeZone(identifier: name) != nil, name.contains("/") || name == "UTC" else {
                throw node.error(
                    "\"\(name)\" is no time zone: write one of the IANA data base, as America/New_York"
                        + NearestName.hint(for: name, among: TimeZone.knownTimeZoneIdentifiers))
            }
            timeZone = name
        }
        if let node = keys["default_country"] {
            let code = try node.string()
            guard code.count == 2, code.allSatisfy({ $0.isASCII && $0.isUppercase }) else {
                throw node.error("must be a country's two capital letters, as US")
            }
            defaultCountry = code
        }
    }

    private static func smsc(_ node: ConfigurationNode?) throws(ConfigurationError) -> String? {
        guard let node else { return nil }
        let text = try node.string()
        guard text.hasPrefix("+"), (7...15).contains(text.count - 1), text.dropFirst().allSatisfy({ "0"..."9" ~= $0 })
        else { throw node.error("must be the service centre's number with +, as \"+12063130004\"") }
        return text
    }

    private static func beginnings(_ node: ConfigurationNode?) throws(ConfigurationError) -> [String] {
        var beginnings: [String] = []
        for item in try node?.list() ?? [] {
            let text = try item.string()
            guard text.hasPrefix("+"), (1...15).contains(text.count - 1),
                text.dropFirst().allSatisfy({ "0"..."9" ~= $0 })
            else { throw item.error("must be what numbers begin with, with + and in quotes, as \"+52\"") }
            beginnings.append(text)
        }
        return beginnings
    }

    private static func readModem(_ node: ConfigurationNode) throws(ConfigurationError) -> Modem {
        let keys = try node.mapping(keys: ["match", "pin_file", "smsc", "prefer_for"])
        let matchNode = try keys.require("match")
        let match = try matchNode.mapping(keys: ["imei", "port", "usb", "sim"])
        let modem = Modem(
            imei: try digits(match["imei"], 15...15), port: try match["port"]?.string(),
            usb: try match["usb"]?.string(), sim: try digits(match["sim"], 14...20),
            pinFile: try path(keys["pin_file"]), smsc: try smsc(keys["smsc"]),
            preferFor: try beginnings(keys["prefer_for"]))
        if let node = keys["pin_file"], let text = try? node.string(), text.utf8.count <= 8,
            text.utf8.allSatisfy({ (0x30...0x39).contains($0) })
        {
            throw node.error(
                "names the file that holds the PIN, and is not the PIN itself: write that into a file that only the "
                    + "gateway's user may read (mode 0600)")
        }
        guard modem.imei != nil || modem.port != nil || modem.usb != nil || modem.sim != nil else {
            throw matchNode.error("one of imei, port, usb or sim is needed")
        }
        if let port = match["port"], modem.port?.hasPrefix("/") == false {
            throw port.error("must be an absolute path")
        }
        return modem
    }

    private static func readPolicy(_ node: ConfigurationNode) throws(ConfigurationError) -> Policy {
        let keys = try node.mapping(
            keys: [
                "max_age", "max_attempts", "report_deadline", "lease", "incomplete_after", "language", "confirmations",
                "loop_guard", "external_bots", "on_unknown", "content", "dead_letters",
            ] + SendingPolicy.keys)
        var policy = Policy()
        policy.sending = try SendingPolicy(keys)
        if let node = keys["max_age"] { policy.maxAge = try node.duration() }
        if let node = keys["report_deadline"] { policy.reportDeadline = try node.duration() }
        if let node = keys["lease"] {
            let lease = try node.duration()
            guard (.seconds(1)...(.seconds(600))).contains(lease) else { throw node.error("must be within 1s and 10m") }
            policy.lease = lease
        }
        if let node = keys["incomplete_after"] { policy.incompleteAfter = try node.duration() }
        if let node = keys["max_attempts"] { policy.maxAttempts = try node.integer(in: 1...100) }
        if let node = keys["language"] {
            policy.language = try node.word(
                among: [
                    "none", "auto", "tr", "es", "pt", "bn", "gu", "hi", "kn", "ml", "or", "pa", "ta", "te", "ur",
                ])
        }
        if let node = keys["confirmations"] {
            let texts = try node.mapping(keys: ["stop", "start", "help"])
            policy.stopConfirmation = try texts["stop"]?.string()
            policy.startConfirmation = try texts["start"]?.string()
            policy.helpText = try texts["help"]?.string()
        }
        if let node = keys["loop_guard"] { policy.loopGuard = try readLoopGuard(node) }
        if let node = keys["external_bots"] { policy.externalBots = try readExternalBots(node) }
        if let node = keys["on_unknown"] { policy.onUnknown = try readOnUnknown(node) }
        if let node = keys["content"] { policy.content = try readContent(node) }
        if let node = keys["dead_letters"] { policy.deadLetters = try readDeadLetters(node) }
        return policy
    }

    private static func readLoopGuard(_ node: ConfigurationNode) throws(ConfigurationError) -> LoopGuard {
        let keys = try node.mapping(keys: ["enabled", "answers", "within", "same_text", "texts", "rest"])
        var loops = LoopGuard()
        loops.enabled = try keys["enabled"]?.bool()
        loops.answers = try keys["answers"]?.integer(in: 1...1_000)
        loops.sameText = try keys["same_text"]?.integer(in: 2...1_000)
        loops.texts = try keys["texts"]?.integer(in: 2...10_000)
        if let node = keys["within"] {
            let within = try node.duration()
            guard (.seconds(10)...(.seconds(86_400))).contains(within) else {
                throw node.error("must be within 10s and 1d")
            }
            loops.within = within
        }
        loops.rest = try keys["rest"]?.duration()
        return loops
    }

    private static func readExternalBots(_ node: ConfigurationNode) throws(ConfigurationError) -> ExternalBots? {
        if node.isNull { return nil }
        let keys = try node.mapping(keys: ["all", "numbers", "sims", "words"])
        var bots = ExternalBots()
        if let node = keys["all"] { bots.all = try node.bool() }
        if let node = keys["numbers"] { for item in try node.list() { bots.numbers.append(try item.string()) } }
        if let node = keys["sims"] {
            for item in try node.list() { if let sim = try digits(item, 14...20) { bots.sims.append(sim) } }
        }
        if let node = keys["words"] { for item in try node.list() { bots.words.append(try item.string()) } }
        guard bots != ExternalBots() else {
            throw node.error("says which texts other programs answer: all, numbers, sims or words")
        }
        return bots
    }

    private static func readLog(_ node: ConfigurationNode) throws(ConfigurationError) -> Log {
        let keys = try node.mapping(keys: ["level", "format"])
        var log = Log()
        if let node = keys["level"] {
            log.level = try node.word(among: ["trace", "debug", "info", "notice", "warning", "error", "critical"])
        }
        if let node = keys["format"] { log.format = try node.word(among: ["text", "json"]) }
        return log
    }

    private static func digits(
        _ node: ConfigurationNode?, _ count: ClosedRange<Int>
    ) throws(ConfigurationError) -> String? {
        guard let node else { return nil }
        let text = try node.string()
        guard count.contains(text.count), text.allSatisfy({ $0.isASCII && $0.isNumber }) else {
            let wanted = count.count == 1 ? "\(count.lowerBound)" : "\(count.lowerBound) to \(count.upperBound)"
            throw node.error("must be \(wanted) digits")
        }
        return text
    }

    /// Absolute; a relative path is meant from the file's folder.
    private static func path(_ node: ConfigurationNode?) throws(ConfigurationError) -> String? {
        guard let node else { return nil }
        let text = try node.string()
        if text.hasPrefix("/") { return text }
        let file = node.file
        let folder = file.lastIndex(of: "/").map { String(file[..<$0]) } ?? "."
        let absolute: String
        if folder.hasPrefix("/") {
            absolute = folder
        } else {
            guard let current = getcwd(nil, 0) else { throw node.error("is relative, and there is no current folder") }
            defer { free(current) }
            absolute = String(cString: current) + "/" + folder
        }
        return absolute + "/" + text
    }
}
