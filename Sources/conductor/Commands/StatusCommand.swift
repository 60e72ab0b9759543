import ArgumentParser

struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "One page: modems, storage, texts, queue, plugins, alarms.")

    @OptionGroup var output: JSONOption
    @OptionGroup var options: ClientOptions

    func run() throws {
        let status = try options.client().status()
        let terminal = Terminal.output
        if output.json { return try terminal.json(status) }
        StatusPage(status: status, now: HumanTime.now, terminal: terminal).lines().forEach { terminal.line($0) }
    }
}
