import ArgumentParser

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Find what is wrong, with one line of cure each.",
        discussion: """
            Looks at the gateway, its modems, serial ports, files, configuration and the machine; changes nothing. \
            Exit code 1 when something is wrong; what is only to be looked at does not count.
            """)

    @Flag(help: "Also show what is well.")
    var all = false

    @OptionGroup var output: JSONOption
    @OptionGroup var options: ClientOptions

    func run() async throws {
        let findings = DoctorCheck.examine(await Examination.patient(config: options.config))
        let terminal = Terminal.output
        if output.json {
            try terminal.json(findings)
        } else {
            DoctorPage(terminal: terminal, all: all).lines(findings, checks: DoctorCheck.all.count)
                .forEach { terminal.line($0) }
        }
        if findings.contains(where: { $0.verdict == .wrong }) { throw CommandFailure(.failed, "") }
    }
}
