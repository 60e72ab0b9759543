import ArgumentParser
import GatewayCore

struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Find what is wrong, with one line of cure each.",
        discussion: "Looks at the gateway, the state folder and the serial ports. Exit code 1 when something is wrong.")

    @OptionGroup var output: JSONOption
    @OptionGroup var options: ClientOptions

    func run() throws {
        let (gateway, status) = GatewayCheck(config: options.config).run()
        let folder = try status?.stateFolder ?? LoadedConfiguration.load(options.config).stateFolder
        let sections = [
            ("Gateway", gateway),
            ("State", StateCheck(folder: folder).run()),
            ("Serial ports", PortCheck(gateway: status?.processID).run()),
        ]
        let terminal = Terminal.output
        if output.json {
            try terminal.json(sections.flatMap(\.1))
        } else {
            for (title, findings) in sections {
                terminal.line(terminal.style(title, .bold))
                findings.flatMap { lines($0, terminal) }.forEach { terminal.line($0) }
            }
        }
        guard sections.allSatisfy({ $0.1.allSatisfy { $0.verdict != .wrong } }) else {
            throw CommandFailure(.failed, "")
        }
    }

    private func lines(_ finding: Finding, _ terminal: Terminal) -> [String] {
        let mark =
            switch finding.verdict {
            case .fine: terminal.style("✓", .green)
            case .hint: terminal.style("•", .yellow)
            case .wrong: terminal.style("✗", .red)
            }
        return ["  \(mark) \(finding.what)"] + [finding.cure].compactMap { $0 }.map { "    → \($0)" }
    }
}
