import ArgumentParser
import ConsoleServer
import PluginKit

/// `conductor customers`: who the business's customers are.
struct CustomersCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "customers",
        abstract: "The business's customers: find, list, merge, and the rules by which they are told apart.",
        discussion: """
            What files of the till's bring in is `conductor import`; what is known of a person beside that is `conductor \
            contacts`.

            EXAMPLES:
              conductor customers show "(619) 555-0123"
              conductor customers search "ana gar"
              conductor customers list products stock_status=Low
              conductor customers list duplicates
              conductor customers merge KEPT-ID OTHER-ID
              conductor customers rules vip_visits=20
            """,
        subcommands: [Show.self, Search.self, List.self, Merge.self, Recount.self, Rules.self])

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Who has a number, what they bought, and how it stands with them.")

        @Argument(help: "The number, in any form.")
        var number: String

        @Option(help: "The last so many purchases; 0 to 100.")
        var purchases = 5

        @OptionGroup var output: JSONOption
        @OptionGroup var options: ClientOptions

        func run() throws {
            let card = try options.client().customer(number, purchases: purchases)
            let terminal = Terminal.output
            if output.json { return try terminal.json(card) }
            if card.customers.isEmpty { throw CommandFailure(.failed, "no customer has this number") }
            CustomerCardPage(card: card, terminal: terminal).lines().forEach { terminal.line($0) }
        }
    }

    struct Search: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Customers by the beginnings of words in name, e-mail or number.")

        @Argument(help: "The words; all of them must be there.")
        var words: [String]

        @Option(help: "At most so many; 1 to 100.")
        var limit = 20

        @OptionGroup var output: JSONOption
        @OptionGroup var options: ClientOptions

        func run() throws {
            let found = try options.client().customers(words.joined(separator: " "), limit: limit)
            let terminal = Terminal.output
            if output.json { return try terminal.json(found) }
            guard !found.isEmpty else { return Terminal.errors.line("nobody is found") }
            CustomerCardPage.table(found).lines(width: terminal.width) { terminal.style($0, .dim) }
                .forEach { terminal.line($0) }
        }
    }
}
