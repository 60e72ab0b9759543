import ArgumentParser
import GatewayCore
import ModemKit

struct ModemsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "modems", abstract: "The modems, and a word with one.",
        subcommands: [List.self, Probe.self, At.self, USSD.self, Reset.self, Resume.self, Trace.self],
        defaultSubcommand: List.self)

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "IMEI, model, port, SIM, operator, signal in dBm, memory use.")

        @OptionGroup var output: JSONOption
        @OptionGroup var options: ClientOptions

        func run() throws {
            let modems = try options.client().modems()
            let terminal = Terminal.output
            if output.json { return try terminal.json(modems) }
            guard !modems.isEmpty else {
                Terminal.errors.line("no modem: plug one in; `conductor doctor` tells when one cannot be used")
                return
            }
            ModemList(modems: modems, terminal: terminal).lines(hasTitles: true).forEach { terminal.line($0) }
        }
    }

    struct Resume: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let a SIM send again that was paused because its texts no longer arrived.",
            discussion: "`conductor status` tells which one is paused and why. Exit code 4 when it is not paused.")

        @Argument(help: "IMEI of the modem, or ICCID or IMSI of the SIM.")
        var modem: String

        @OptionGroup var output: JSONOption
        @OptionGroup var options: ClientOptions

        func run() throws {
            let use = try options.client().resume(modem: modem)
            if output.json { return try Terminal.output.json(use) }
            Terminal.output.line("\(use.sim)  sends again")
        }
    }

    struct At: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Send one AT command and print the answer.",
            discussion: "The command waits its turn between the gateway's own. Exit code 1 when the modem says ERROR.")

        @Argument(help: "IMEI of the modem; `-` when there is only one.")
        var modem: String

        @Argument(help: ArgumentHelp("The command, as AT+CSQ.", valueName: "at-command"))
        var command: String

        @OptionGroup var output: JSONOption
        @OptionGroup var options: ClientOptions

        func run() throws {
            let client = try options.client()
            let lines = try client.at(command, modem: try client.named(modem))
            let terminal = Terminal.output
            if output.json {
                try terminal.json(lines)
            } else {
                lines.forEach { terminal.line(DisplayWidth.oneLine($0)) }
            }
            guard lines.last?.contains("ERROR") != true else { throw CommandFailure(.failed, "") }
        }
    }
}

extension GatewayClient {
    /// The modem that a person means: `-` is the only one there is.
    func named(_ modem: String) throws(CommandFailure) -> String {
        guard modem == "-" else { return modem }
        let modems = try modems().filter { $0.state != .gone }
        guard modems.count == 1, let only = modems.first else {
            throw CommandFailure(.usage, "there are \(modems.count) modems: say which one (conductor modems list)")
        }
        return only.id.rawValue
    }
}
