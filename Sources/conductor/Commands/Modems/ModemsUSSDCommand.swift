import ArgumentParser
import ConsoleServer
import GatewayCore
import Glibc
import ModemKit

extension ModemsCommand {
    struct USSD: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "ussd",
            abstract: "Send a USSD code, as *100#, and print what the network says.",
            discussion: """
                Where the network asks something, give the answer like a code: `conductor modems ussd - 1`. On a terminal \
                it is asked for. Further words are answers to what the network asks in turn: `ussd - '*100#' 1 2`. \
                Exit code 1 when the network does not answer within a minute.
                """)

        @Argument(help: "IMEI of the modem; `-` when there is only one.")
        var modem: String

        @Argument(help: ArgumentHelp("The code, then answers.", valueName: "code"))
        var codes: [String] = []

        @Flag(help: "End the session that the network keeps open.")
        var cancel = false

        @OptionGroup var output: JSONOption
        @OptionGroup var options: ClientOptions

        func run() throws {
            guard codes.isEmpty == cancel else {
                throw CommandFailure(.usage, "give a code, as '*100#', or --cancel")
            }
            let client = try options.client()
            let name = try client.named(modem)
            if cancel {
                _ = try client.ussd(USSDRequest(cancel: true), modem: name)
                return
            }
            var left = codes[...]
            while let code = left.popFirst() {
                let answer = try client.ussd(USSDRequest(code: code), modem: name)
                try show(answer)
                guard answer.state == .asks else { break }
                if left.isEmpty, !output.json, let typed = Self.ask() { left = [typed] }
            }
            if !left.isEmpty {
                let unsent = left.count == 1 ? "1 answer was" : "\(left.count) answers were"
                throw CommandFailure(.refused, "the network asked nothing more: \(unsent) not sent")
            }
        }

        /// What a person types; nil where nobody can, or nothing was typed.
        private static func ask() -> String? {
            guard isatty(STDIN_FILENO) == 1 else { return nil }
            Terminal.errors.write("> ")
            return readLine().flatMap { $0.isEmpty ? nil : $0 }
        }

        private func show(_ answer: USSDAnswer) throws {
            let terminal = Terminal.output
            if output.json { return try terminal.json(answer) }
            for line in answer.text.split(separator: "\n", omittingEmptySubsequences: false) {
                terminal.line(DisplayWidth.oneLine(String(line)))
            }
            switch answer.state {
            case .done, .asks: break
            case .ended where !answer.text.isEmpty: break
            case .ended: Terminal.errors.line("the network ended the session")
            case .elsewhere: Terminal.errors.line("another device answered")
            case .unsupported: Terminal.errors.line("the network does not know this code")
            case .timedOut: Terminal.errors.line("the network did not answer in time")
            }
        }
    }
}
