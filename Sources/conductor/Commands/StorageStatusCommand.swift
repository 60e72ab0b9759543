import ArgumentParser
import GatewayCore

/// `conductor storage status`.
struct StorageStatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show which storage serves, what its tables take, and what waits for it.",
        discussion: """
            The share of the quota is shown where the storage's drop-in sets `quota` in its settings, as `quota: 500MB`. \
            What a large SQLite file holds is read through.
            """)

    @OptionGroup var output: JSONOption
    @OptionGroup var options: ClientOptions

    func run() throws {
        let report = try options.client().storageReport()
        let terminal = Terminal.output
        if output.json { return try terminal.json(report) }
        StorageStatusPage(terminal: terminal).lines(report).forEach { terminal.line($0) }
    }
}
