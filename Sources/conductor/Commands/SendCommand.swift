import ArgumentParser
import ConsoleServer
import Foundation
import GatewayCore
import PluginKit
import SMSCodec

struct SendCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "send", abstract: "Queue a text.",
        discussion: """
            Prints the text's id. With --wait the exit code says how it ended: 0 delivered, 1 failed or unknown, \
            4 refused by policy.

            Where a few characters make the text cost more parts than it needs, a line on standard error names them. \
            The text is sent as it is all the same: --explain says what it would cost before anything is sent. What \
            carriers are known to filter is named there, too.
            """)

    @Argument(help: "The number, as +16195550100.")
    var to: String

    @Argument(help: "What to say; `-` reads it from standard input.")
    var text: String

    @Option(help: ArgumentHelp("IMEI, ICCID, IMSI or number of the SIM to send from.", valueName: "sim"))
    var from: String?

    @Option(
        help: ArgumentHelp(
            "Not before: +30m, 09:00 or \"2026-11-24 09:00\" by the gateway's clock, or 2026-11-24T09:00:00Z.",
            valueName: "time"))
    var at: String?

    @Flag(help: "Follow the text until it is delivered, has failed, or its fate is unknown.")
    var wait = false

    @Option(
        help: ArgumentHelp(
            "National tables the text may be written in: none, auto, or a language, as tr. Default: the gateway's policy.",
            valueName: "language"))
    var language: String?

    @Option(
        help: ArgumentHelp(
            "The same key sends once, however often it is repeated; for another text it is refused.", valueName: "key"))
    var idempotencyKey: String?

    @Option(help: "What it is for: conversation, notice (somebody waits for it), or promotion (an offer).")
    var purpose: SendPurpose?

    @Flag(help: "Show it at once on the telephone that it comes to, which may not keep it (class 0).")
    var flash = false

    @Flag(help: "Only say what the text would cost and why; nothing is queued.")
    var explain = false

    @OptionGroup var output: JSONOption
    @OptionGroup var options: ClientOptions

    func validate() throws {
        // UTC leaves no time out: what its own zone does is known once the gateway is asked.
        if let at, try SendTime.parse(at, now: HumanTime.now, zone: .gmt) == nil {
            throw ValidationError("--at: cannot read \"\(at)\" as a time; write +30m, 09:00 or 2026-11-24T09:00:00Z.")
        }
        if let language, ShiftTables(named: language) == nil {
            let codes = NationalLanguage.allCases.map(\.code).joined(separator: ", ")
            throw ValidationError("--language: \"\(language)\" is not one of none, auto, \(codes).")
        }
    }

    func run() async throws {
        let text = text == "-" ? try Self.standardInput() : text
        // Without --language this is what every phone reads; a gateway whose policy allows tables may need fewer parts.
        let tables = language.flatMap { ShiftTables(named: $0) } ?? .none
        if explain { return try Self.explain(text, tables: tables, json: output.json) }
        let client = try options.client()
        if let advice = try? EncodingReport(text, tables: tables).advice { Terminal.errors.line(advice) }
        let request = SendRequest(
            to: to, text: text, from: from, at: try at.flatMap { try Self.time($0, client) },
            idempotencyKey: idempotencyKey, origin: "cli", language: language, purpose: purpose?.rawValue,
            flash: flash ? true : nil)
        // Listening begins before the text exists, so that no event of it is missed.
        let follower = wait ? Follower(client: client) : nil
        var queued = try client.send(request)
        for warning in queued.warnings { Terminal.errors.line("\(warning.code.rawValue): \(warning.message)") }
        if queued.isRepetition {
            Terminal.errors.line("this idempotency key was used for this text before: nothing was queued again")
        }
        if let follower, let uid = queued.message.uid {
            if !output.json { Terminal.errors.line(Terminal.errors.style("\(uid) queued, waiting…", .dim)) }
            queued.message = try await follower.end(of: uid) { message in
                if let line = Self.delay(of: message, now: HumanTime.now) { Terminal.errors.line(line) }
            }
        }
        let message = queued.message
        if output.json {
            try Terminal.output.json(queued)
        } else {
            Terminal.output.line("\(message.uid ?? "")  \(MessageWord.of(message, now: HumanTime.now))")
        }
        if let failure = Self.failure(message) { throw failure }
    }

    /// A time of day is meant by the shop's clock, wherever the command is given.
    private static func time(_ text: String, _ client: GatewayClient) throws -> Timestamp? {
        // A gateway of an older version does not tell: then it is this machine's.
        let name = SendTime.needsZone(text) ? try client.status().timeZone : nil
        do {
            return try SendTime.parse(
                text, now: HumanTime.now, zone: name.flatMap { TimeZone(identifier: $0) } ?? .current)
        } catch {
            throw CommandFailure(.usage, "--at \(text): \(error.sentence)")
        }
    }

    /// What a text waits for, while it waits for a time; nil while it does not.
    static func delay(of message: Message, now: Timestamp) -> String? {
        guard let until = message.notBefore, MessageWord.isDelayed(message, now: now) else { return nil }
        let when = "not before \(HumanTime.local(until))"
        return (message.errorMessage ?? message.errorCode).map { "waits, \(when): \($0)" } ?? "planned, \(when)"
    }

    private static func explain(_ text: String, tables: ShiftTables, json: Bool) throws(CommandFailure) {
        let report: EncodingReport
        do {
            report = try EncodingReport(text, tables: tables)
        } catch {
            throw CommandFailure(.failed, error.description)
        }
        if json { return Terminal.output.write(bytes: PDUCostDescription.line(for: report)) }
        SendReport.lines(report).forEach { Terminal.output.line($0) }
    }

    /// nil when all is well so far.
    static func failure(_ message: Message) -> CommandFailure? {
        let reason = message.errorMessage ?? message.errorCode ?? "no reason is known"
        let forbidden = FailureClass(errorCode: message.errorCode) == .policy
        switch (message.status, message.deliveryStatus) {
        case (_, .optedOut):
            return CommandFailure(.refused, "refused: \(message.errorMessage ?? "the person said STOP")")
        case (_, .held) where forbidden, (.failed, _) where forbidden:
            return CommandFailure(.refused, "refused by policy: \(reason)")
        case (_, .unknown):
            return CommandFailure(
                .failed,
                "nobody knows whether it arrived: \(reason). `conductor messages settle` says so, or sends it again")
        case (.failed, _) where message.errorCode == "cancelled":
            return CommandFailure(.failed, "cancelled before it was sent")
        case (.failed, _), (_, .undelivered), (_, .expired), (_, .refused), (_, .held):
            return CommandFailure(.failed, "not delivered: \(reason)")
        default: return nil
        }
    }

    /// Whether nothing more will happen to the text by itself.
    static func isSettled(_ message: Message) -> Bool {
        message.deliveryStatus == .delivered || failure(message) != nil
    }

    /// A final line break is the shell's, not the text's.
    private static func standardInput() throws(CommandFailure) -> String {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while bytes.count < 1 << 20 {
            let count = read(STDIN_FILENO, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            bytes += buffer[..<count]
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw CommandFailure(.usage, "standard input is not UTF-8")
        }
        return text.last?.isNewline == true ? String(text.dropLast()) : text
    }
}

/// What a text is for, as people say it.
enum SendPurpose: String, ExpressibleByArgument, CaseIterable {
    case conversation, notice, promotion
}
