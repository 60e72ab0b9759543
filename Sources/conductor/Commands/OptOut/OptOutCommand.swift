import ArgumentParser
import GatewayCore
import Glibc
import PluginKit

/// `conductor optout`: who is not to be texted.
struct OptOutCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "optout", abstract: "Who has said STOP: list, add, take in again, import.",
        discussion: """
            Nothing is sent to a number that is out, whoever asks. Every change is an event with who and why; none is \
            deleted.

            EXAMPLES:
              conductor optout list
              conductor optout add "(619) 555-0123" --reason "asked by phone"
              conductor optout remove +16195550123 --reason "signed the form again on 3 May"
              conductor optout import stop-list.csv --list old-crm
            """,
        subcommands: [List.self, Add.self, Remove.self, Import.self], defaultSubcommand: List.self)

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Numbers that are out; with a number, its whole story.")

        @Argument(help: "Only this number, with all that was said about it, newest first.")
        var number: String?

        @OptionGroup var output: JSONOption
        @OptionGroup var options: ClientOptions

        func run() throws {
            let found = try options.client().optOuts(phone: number)
            let terminal = Terminal.output
            if output.json { return try terminal.json(found) }
            guard !found.isEmpty else {
                return Terminal.errors.line(number == nil ? "nobody is out" : "this number never opted out")
            }
            OptOutTable(now: HumanTime.now, terminal: terminal).lines(found).forEach { terminal.line($0) }
        }
    }

    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Send nothing to a number from now on.",
            discussion: "The person gets no text about it. A number that is out already stays as it is.")

        @Argument(help: "The number, as +16195550100.")
        var number: String

        @Option(help: "How the person said so.")
        var reason: String?

        @OptionGroup var output: JSONOption
        @OptionGroup var options: ClientOptions

        func run() throws {
            let change = OptOutChange(number: number, reason: reason, by: Self.user, source: "cli")
            try OptOutTable.show(try options.client().addOptOut(change), json: output.json)
        }

        /// Who types: behind sudo, the person and not root.
        static var user: String {
            if let name = getenv("SUDO_USER").map({ String(cString: $0) }), !name.isEmpty { return name }
            guard let entry = getpwuid(getuid()), let name = entry.pointee.pw_name else { return "uid \(getuid())" }
            return String(cString: name)
        }
    }

    struct Remove: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take a person in again who asked for it otherwise than by START.",
            discussion: "The opt-out stays in the story of the number; this is written down behind it.")

        @Argument(help: "The number, as +16195550100.")
        var number: String

        @Option(help: "Why this person may be texted again: how and when they said so.")
        var reason: String

        @OptionGroup var output: JSONOption
        @OptionGroup var options: ClientOptions

        func validate() throws {
            guard reason.contains(where: { !$0.isWhitespace }) else { throw ValidationError("--reason is empty.") }
        }

        func run() throws {
            let change = OptOutChange(number: number, reason: reason, by: Add.user, source: "cli")
            try OptOutTable.show(try options.client().removeOptOut(change), json: output.json)
        }
    }
}

/// Consent as people read it.
struct OptOutTable: Sendable {
    let now: Timestamp
    let terminal: Terminal

    static func show(_ optOut: OptOut, json: Bool) throws(CommandFailure) {
        let terminal = Terminal.output
        if json { return try terminal.json(optOut) }
        terminal.line("\(optOut.phone)  \(optOut.action.rawValue)")
    }

    func lines(_ found: [OptOut]) -> [String] {
        var table = Table([
            .init(title: "PHONE"), .init(title: ""), .init(title: "SINCE"), .init(title: "SOURCE"),
            .init(title: "BY"), .init(title: "REASON", isFlexible: true),
        ])
        for optOut in found {
            let state =
                optOut.action == .out ? terminal.style("out", .red) : terminal.style("in", .green)
            table.add([
                DisplayWidth.oneLine(optOut.phone), state, HumanTime.relative(optOut.at, now: now),
                DisplayWidth.oneLine(optOut.source), DisplayWidth.oneLine(optOut.by ?? ""),
                DisplayWidth.oneLine(optOut.reason ?? optOut.messageUID ?? ""),
            ])
        }
        return table.lines(width: terminal.width) { terminal.style($0, .dim) }
    }
}
