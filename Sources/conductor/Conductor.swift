import ArgumentParser
import Glibc

/// The root of the command line.
struct Conductor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "conductor",
        abstract: "An SMS gateway: USB modems in, texts in a database, plugins decide.",
        discussion: """
            Data goes to standard output, messages go to standard error. Exit codes: 0 done, 1 it failed, \
            2 wrong usage, 3 the gateway is not running, 4 refused by policy.
            """,
        version: Version.text,
        groupedSubcommands: [
            CommandGroup(name: "The gateway:", subcommands: [RunCommand.self, StatusCommand.self, DoctorCommand.self]),
            CommandGroup(name: "Texts:", subcommands: [SendCommand.self, InboxCommand.self, MessagesCommand.self]),
            CommandGroup(
                name: "People:",
                subcommands: [
                    ContactsCommand.self, OptOutCommand.self, CustomersCommand.self, ImportCommand.self,
                ]),
            CommandGroup(
                name: "Parts:",
                subcommands: [ModemsCommand.self, PluginsCommand.self, StorageCommand.self, ConfigCommand.self]),
            CommandGroup(
                name: "Tools:",
                subcommands: [PDUCommand.self, NumberCommand.self, SimulateCommand.self, VersionCommand.self]),
        ])
}

/// Where the process begins: argument errors end with 2, failures with their own code.
@main
enum Main {
    static func main() async {
        do {
            var command = try Conductor.parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch let failure as CommandFailure {
            if !failure.message.isEmpty {
                let errors = Terminal.errors
                errors.line("\(errors.style("conductor:", .red, .bold)) \(failure.message)")
            }
            exit(failure.status.rawValue)
        } catch {
            let code = Conductor.exitCode(for: error)
            let text = Conductor.fullMessage(for: error)
            if code == .success {
                if !text.isEmpty { Terminal.output.line(text) }
                exit(0)
            }
            if !text.isEmpty { Terminal.errors.line(text) }
            exit(code == .validationFailure ? ExitStatus.usage.rawValue : ExitStatus.failed.rawValue)
        }
    }
}
