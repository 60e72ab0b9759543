import ArgumentParser
import GatewayCore

/// `conductor import list`.
struct ImportListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "What was imported, the newest first.")

    @OptionGroup var output: JSONOption
    @OptionGroup var options: ClientOptions

    func run() throws {
        let imports = try options.client().imports()
        if output.json { return try Terminal.output.json(imports) }
        ImportPage(terminal: .output).lines(imports).forEach { Terminal.output.line($0) }
    }
}

/// `conductor import undo`.
struct ImportUndoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "undo", abstract: "Take an import back.",
        discussion: """
            What the import changed is as before where nobody has changed it since, and what it added is gone where nothing \
            else refers to it; the rest stays, and is counted. Only where customers are in SQLite.
            """)

    @Argument(help: "The number of the import, as `conductor import list` has it.")
    var number: Int

    @Flag(help: "Only say what would happen.")
    var dryRun = false

    @OptionGroup var output: JSONOption
    @OptionGroup var options: ClientOptions

    func run() throws {
        let report = try options.client().undoImport(number, dryRun: dryRun)
        if output.json { return try Terminal.output.json(report) }
        ImportPage(terminal: .output).lines(report).forEach { Terminal.output.line($0) }
    }
}
