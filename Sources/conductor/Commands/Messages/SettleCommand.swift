import ArgumentParser
import GatewayCore
import Glibc
import PluginKit

struct SettleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "settle", abstract: "Say what became of texts that may or may not have been sent.",
        discussion: """
            Without an id, on a terminal, each unknown text is shown and one key settles it: s it was sent, r send it \
            again, f it was not and shall not be, any other key leaves it, q ends.
            """)

    @Argument(help: ArgumentHelp("The texts' ids.", valueName: "id"))
    var ids: [String] = []

    @Flag(help: "It was sent: nothing is sent again.")
    var sent = false

    @Flag(help: "Send it again: it may come twice.")
    var resend = false

    @Flag(help: "It was not sent, and shall not be.")
    var failed = false

    @OptionGroup var output: JSONOption
    @OptionGroup var options: ClientOptions

    func validate() throws {
        let chosen = [sent, resend, failed].count { $0 }
        if ids.isEmpty {
            guard chosen == 0, !output.json else { throw ValidationError("which texts? Give their ids.") }
        } else {
            guard chosen == 1 else {
                throw ValidationError("one of --sent, --resend and --failed says what became of it.")
            }
        }
    }

    func run() throws {
        let client = try options.client()
        guard !ids.isEmpty else { return try walk(client) }
        let outcome: Settlement.Outcome = sent ? .sent : resend ? .resend : .failed
        try EachMessage.perform(ids, json: output.json) { id throws(CommandFailure) in
            try client.settle(id, Settlement(outcome, by: OptOutCommand.Add.user))
        }
    }

    /// One after the other, the oldest first.
    private func walk(_ client: GatewayClient) throws {
        guard isatty(STDIN_FILENO) == 1 else {
            throw CommandFailure(.usage, "which texts? Give their ids, and --sent, --resend or --failed")
        }
        let query = MessageQuery(direction: .outbound, deliveryStatus: .unknown, oldestFirst: true)
        let unknown = try client.messages(query, count: 10_000)
        guard !unknown.isEmpty else { return Terminal.errors.line("no text is unknown") }
        let terminal = Terminal.output
        let list = MessageList(now: HumanTime.now, terminal: terminal)
        for (index, message) in unknown.enumerated() {
            guard let uid = message.uid else { continue }
            list.detail(try client.message(uid)).forEach { terminal.line($0) }
            terminal.write("\n\(index + 1) of \(unknown.count): s sent, r send again, f failed, q quit? ")
            guard let key = OneKey.read(), key != "q" else { return terminal.line() }
            terminal.line(String(key))
            let outcomes: [Character: Settlement.Outcome] = ["s": .sent, "r": .resend, "f": .failed]
            guard let outcome = outcomes[key] else { continue }
            do throws(CommandFailure) {
                let settled = try client.settle(uid, Settlement(outcome, by: OptOutCommand.Add.user))
                terminal.line("\(uid)  \(settled.status.rawValue)")
            } catch {
                guard error.status == .refused else { throw error }
                Terminal.errors.line(error.message)
            }
        }
    }
}

/// One key of the terminal, without Enter.
enum OneKey {
    /// Nil at the end of input.
    static func read() -> Character? {
        var usual = termios()
        guard tcgetattr(STDIN_FILENO, &usual) == 0 else { return nil }
        var raw = usual
        raw.c_lflag &= ~tcflag_t(ICANON | ECHO)
        tcsetattr(STDIN_FILENO, TCSANOW, &raw)
        defer { tcsetattr(STDIN_FILENO, TCSANOW, &usual) }
        var byte: UInt8 = 0
        guard Glibc.read(STDIN_FILENO, &byte, 1) == 1, byte != 4 else { return nil }
        return Character(Unicode.Scalar(byte)).lowercased().first
    }
}
