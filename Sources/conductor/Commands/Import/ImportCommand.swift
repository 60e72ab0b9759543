import ArgumentParser
import GatewayCore
import PluginKit

/// `conductor import`.
struct ImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Files of the till's into the customer tables.",
        discussion: """
            Reads what a till exports: CSV in UTF-8, UTF-16 or Windows-1252, with commas, semicolons, tabs or bars; \
            columns are known by their headings, or by a map. A row takes the place of the one that is known by the same \
            number, phone or e-mail, and what the file does not tell stays as it is: importing a file once more changes \
            nothing. Rows that cannot be taken go, each with its reason, into FILE.rejects.csv; mend them there and import \
            that.
            """,
        subcommands: [
            Customers.self, Transactions.self, Items.self, Products.self, StaffMembers.self, ImportListCommand.self,
            ImportUndoCommand.self,
        ])

    struct Customers: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "customers",
            abstract: "Customers, known by member id, else phone, else e-mail; visits and sums are an opening balance.")
        @OptionGroup var file: ImportFileOptions
        func run() async throws { try await file.run(.customers) }
    }

    struct Transactions: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "transactions",
            abstract: "Receipts, known by the till's number; with the customers and staff that they name.")
        @OptionGroup var file: ImportFileOptions
        func run() async throws { try await file.run(.transactions) }
    }

    struct Items: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "items",
            abstract: "Lines of receipts; with the receipts, articles, customers and staff that they tell of.")
        @OptionGroup var file: ImportFileOptions
        func run() async throws { try await file.run(.items) }
    }

    struct Products: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "products", abstract: "Articles, known by their sku, else by name.")
        @OptionGroup var file: ImportFileOptions
        func run() async throws { try await file.run(.products) }
    }

    struct StaffMembers: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "staff", abstract: "Staff, known by employee id, else by name.")
        @OptionGroup var file: ImportFileOptions
        func run() async throws { try await file.run(.staff) }
    }
}
