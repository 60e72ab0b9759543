public import ArgumentParser
import GatewayCore
public import PluginKit

struct MessagesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "messages", abstract: "What came, what went, why it failed.",
        subcommands: [List.self, Show.self, RetryCommand.self, CancelCommand.self, SettleCommand.self],
        defaultSubcommand: List.self)

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Texts, newest first.")

        @Option(help: "inbound or outbound.")
        var direction: Message.Direction?

        @Option(help: "unread, read, queued, sent or failed.")
        var status: Message.Status?

        @Flag(help: "Texts that failed, and why: `messages retry` sends them again.")
        var failed = false

        @Flag(help: "Texts that may or may not have been sent: `messages settle` says which.")
        var unknown = false

        @Flag(
            help: "Texts that wait for a person, as those that were old at first contact: `messages retry` sends them.")
        var held = false

        @Option(help: "Only texts from or to this number.")
        var phone: String?

        @Option(help: "Only texts with all of these words, or their beginnings, in the text or the number.")
        var search: String?

        @Option(name: [.short, .long], help: "How many.")
        var limit = 20

        @OptionGroup var output: JSONOption
        @OptionGroup var options: ClientOptions

        func validate() throws {
            guard limit > 0 else { throw ValidationError("--limit must be 1 or more.") }
            guard [failed, unknown, held, status != nil].count(where: { $0 }) <= 1 else {
                throw ValidationError("only one of --failed, --unknown, --held and --status can be asked for.")
            }
            guard !isAboutTrouble || direction != .inbound else {
                throw ValidationError(
                    "--failed, --unknown and --held are about texts of ours: --direction inbound has none.")
            }
        }

        private var isAboutTrouble: Bool { failed || unknown || held }

        func run() throws {
            let query = MessageQuery(
                direction: isAboutTrouble ? .outbound : direction, status: failed ? .failed : status,
                deliveryStatus: unknown ? .unknown : held ? .held : nil, phone: phone, search: search)
            let messages = try options.client().messages(query, count: limit)
            let terminal = Terminal.output
            if output.json {
                return failed ? try terminal.json(messages.map(FailedText.init)) : try terminal.json(messages)
            }
            guard !messages.isEmpty else { return Terminal.errors.line("no texts") }
            let list = MessageList(now: HumanTime.now, terminal: terminal)
            (isAboutTrouble ? list.troubled(messages) : list.table(messages)).forEach { terminal.line($0) }
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "One text with its parts and its story.")

        @Argument(help: "The text's id.")
        var id: String

        @OptionGroup var output: JSONOption
        @OptionGroup var options: ClientOptions

        func run() throws {
            let detail = try options.client().message(id)
            let terminal = Terminal.output
            if output.json { return try terminal.json(detail) }
            MessageList(now: HumanTime.now, terminal: terminal).detail(detail).forEach { terminal.line($0) }
        }
    }
}

/// A failed text with the class of its failure beside its own keys.
struct FailedText: Encodable {
    var message: Message

    private enum CodingKeys: String, CodingKey {
        case failureClass = "class"
    }

    init(_ message: Message) {
        self.message = message
    }

    func encode(to encoder: any Encoder) throws {
        try message.encode(to: encoder)
        var own = encoder.container(keyedBy: CodingKeys.self)
        try own.encodeIfPresent(FailureClass(errorCode: message.errorCode)?.rawValue, forKey: .failureClass)
    }
}

extension Message.Direction: ExpressibleByArgument {}
extension Message.Status: ExpressibleByArgument {}
