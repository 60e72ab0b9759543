import ArgumentParser

struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "version", abstract: "Which build this is.")

    func run() {
        Terminal.output.line("conductor \(Version.text)")
    }
}
