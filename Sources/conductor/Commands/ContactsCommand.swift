import ArgumentParser
import ConsoleServer
import GatewayCore
import Glibc

/// What is known of a person, and its end.
struct ContactsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "contacts", abstract: "What is known of a person: show it, give it out, erase it.",
        subcommands: [Show.self, Export.self, Erase.self])

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "All that the gateway, its storages and its plugins keep of a person.")

        @Argument(help: "The person's number.")
        var number: String

        @OptionGroup var output: JSONOption
        @OptionGroup var options: ClientOptions

        func run() throws {
            let record = try options.client().contact(number)
            let terminal = Terminal.output
            if output.json { return try terminal.json(record) }
            ContactPage(record: record, now: HumanTime.now, terminal: terminal).lines().forEach { terminal.line($0) }
        }
    }

    struct Export: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Everything of a person as a file, for a request of theirs.",
            discussion: "JSON has all of it; CSV has the texts. A file is readable by its owner only.")

        enum Format: String, CaseIterable, ExpressibleByArgument {
            case json, csv
        }

        @Argument(help: "The person's number.")
        var number: String

        @Argument(help: "The file to write; - or none is standard output. It must not exist yet.")
        var file: String?

        @Option(help: "json or csv; without it the file's ending decides, else json.")
        var format: Format?

        @OptionGroup var options: ClientOptions

        func run() throws {
            let wanted = format ?? (file?.lowercased().hasSuffix(".csv") == true ? .csv : .json)
            let record = try options.client().contact(number)
            let bytes: [UInt8]
            switch wanted {
            case .csv: bytes = Array(TextTable.csv(record.texts).utf8)
            case .json:
                do {
                    bytes = try APICoding.encode(record, pretty: true) + [0x0A]
                } catch {
                    throw CommandFailure(.failed, "the answer cannot be written as JSON: \(error)")
                }
            }
            guard let file, file != "-" else { return Terminal.output.write(bytes: bytes) }
            try NewFile(path: file, bytes: bytes, isSecret: true).write()
        }
    }

    struct Erase: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Erase a person everywhere: texts, consent, deliveries, what plugins keep.",
            discussion: """
                There is no way back; `contacts export` first. Texts that wait to be sent are cancelled. Who had said STOP \
                stays out: a keyed hash of the number remains for that. Storages that do not serve are opened for it, too; one \
                that cannot be reached is named, and is done when it can. Backups in the state folder are written anew \
                without the person; copies elsewhere (other backups, exports, logs that were rotated) are yours to erase.
                """)

        @Argument(help: "The person's number.")
        var number: String

        @Flag(help: "Do not ask.")
        var yes = false

        @Flag(help: "Only count what would be erased.")
        var dryRun = false

        @OptionGroup var output: JSONOption
        @OptionGroup var options: ClientOptions

        func run() throws {
            let client = try options.client()
            if !dryRun, !yes {
                guard isatty(STDIN_FILENO) == 1 else {
                    throw CommandFailure(.usage, "nobody can be asked here: add --yes, or look first with --dry-run")
                }
                let counted = try client.eraseContact(number, dryRun: true)
                ContactPage.lines(of: counted).forEach { Terminal.errors.line($0) }
                Terminal.errors.write("Type the number again to erase all of it for good: ")
                guard let answer = readLine(), Self.digits(answer) == Self.digits(number) else {
                    throw CommandFailure(.failed, "that is another number: nothing was erased")
                }
            }
            let report = try client.eraseContact(number, dryRun: dryRun)
            let terminal = Terminal.output
            if output.json {
                try terminal.json(report)
            } else {
                ContactPage.lines(of: report).forEach { terminal.line($0) }
            }
            guard report.isFinished else {
                throw CommandFailure(
                    .failed,
                    "not erased everywhere yet: \(report.waitsFor ?? "a part is away"). The gateway goes on by itself "
                        + "until it is done; `conductor status` shows an alarm until then")
            }
        }

        /// What is written between the digits does not matter.
        private static func digits(_ text: String) -> String {
            text.filter { $0.isASCII && $0.isNumber }
        }
    }
}
