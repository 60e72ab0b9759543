import ArgumentParser
import CRMSimulator
import Glibc

/// `conductor simulate crm`: a shop's data as a till exports it.
struct SimulateShopCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "crm", abstract: "Write the exports of a shop that there is not.",
        discussion: """
            Writes members.csv, products.csv, staff.csv, transactions.csv and items.csv into FOLDER, as a till exports them: \
            at scale 1 3,186 customers, 186,394 receipts, 114,136 lines, 3,299 articles and 50 staff. Nobody in them lives; \
            numbers are 555-01xx. `conductor import` reads them.
            """)

    @Argument(help: "Where to; the folder must be there.")
    var folder: String

    @Option(help: "How many times as large, above 0 and up to 1000.")
    var scale: Double = 1

    @Option(help: "Another seed, another shop.")
    var seed: UInt64 = 1

    func validate() throws {
        guard scale > 0, scale <= 1_000 else { throw ValidationError("--scale is above 0, and at most 1000") }
    }

    func run() throws {
        do {
            try ShopData(scale: scale, seed: seed).write(to: folder)
        } catch {
            throw CommandFailure(.failed, error.description)
        }
        for file in ["members", "products", "staff", "transactions", "items"] {
            Terminal.errors.line("\(folder)/\(file).csv")
        }
    }
}
