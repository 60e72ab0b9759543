public import ArgumentParser
public import PluginKit

struct MessagesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "messages", abstract: "What came, what went, why it failed.",
        subcommands: [List.self, Show.self, Retry.self], defaultSubcommand: List.self)

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Texts, newest first.")

        @Option(help: "inbound or outbound.")
        var direction: Message.Direction?

        @Option(help: "unread, read, queued, sent or failed.")
        var status: Message.Status?

        @Option(help: "Only texts from or to this number.")
        var phone: String?

        @Option(name: [.short, .long], help: "How many.")
        var limit = 20

        @OptionGroup var output: JSONOption
        @OptionGroup var options: ClientOptions

        func validate() throws {
            guard limit > 0 else { throw ValidationError("--limit must be 1 or more.") }
        }

        func run() throws {
            let query = MessageQuery(direction: direction, status: status, phone: phone)
            let messages = try options.client().messages(query, count: limit)
            let terminal = Terminal.output
            if output.json { return try terminal.json(messages) }
            guard !messages.isEmpty else { return Terminal.errors.line("no texts") }
            MessageList(now: HumanTime.now, terminal: terminal).table(messages).forEach { terminal.line($0) }
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

    struct Retry: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Put a failed or held text back into the queue.",
            discussion: "A text whose fate is unknown may have arrived: it is sent again only because you say so.")

        @Argument(help: "The text's id.")
        var id: String

        @OptionGroup var output: JSONOption
        @OptionGroup var options: ClientOptions

        func run() throws {
            let message = try options.client().retry(id)
            if output.json { return try Terminal.output.json(message) }
            Terminal.output.line("\(message.uid ?? id)  \(message.status.rawValue)")
        }
    }
}

extension Message.Direction: ExpressibleByArgument {}
extension Message.Status: ExpressibleByArgument {}
