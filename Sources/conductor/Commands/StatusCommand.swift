import ArgumentParser

struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "One page: modems, storage, texts, queue, plugins, alarms.")

    @Flag(help: "The gateways that work on the same storage instead, one line each.")
    var fleet = false

    @OptionGroup var output: JSONOption
    @OptionGroup var options: ClientOptions

    func run() throws {
        let terminal = Terminal.output
        if fleet {
            let report = try options.client().fleet()
            if output.json { return try terminal.json(report) }
            FleetPage(report: report, now: HumanTime.now, terminal: terminal).lines().forEach { terminal.line($0) }
            return
        }
        let status = try options.client().status()
        if output.json { return try terminal.json(status) }
        StatusPage(status: status, now: HumanTime.now, terminal: terminal).lines().forEach { terminal.line($0) }
    }
}
