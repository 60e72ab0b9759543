import ArgumentParser
import GatewayCore

/// `conductor storage switch`.
struct StorageSwitchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "switch", abstract: "Let another storage take the place of the one that serves.",
        discussion: """
            Copies what each of both lacks, by the ids of the texts, while texts come and go; compares them; changes \
            `enabled` in both drop-ins. Nothing is sent by it. Cut off at any moment, it is gone on with by running it \
            again. Rows that wait to be sent stay where they are, and are counted.
            """)

    @Argument(help: "The drop-in that is to serve, as 20-supabase.yaml or supabase.")
    var name: String

    @Flag(help: "Only count what would be copied.")
    var dryRun = false

    @OptionGroup var output: JSONOption
    @OptionGroup var options: ClientOptions

    func run() throws {
        let client = try options.client()
        let report = try client.switchStorage(StorageSwitchRequest(name: name, dryRun: dryRun))
        let terminal = Terminal.output
        if output.json { return try terminal.json(report) }
        Self.lines(report, isRehearsal: dryRun, terminal).forEach { terminal.line($0) }
    }

    private static func lines(_ report: StorageSwitchReport, isRehearsal: Bool, _ terminal: Terminal) -> [String] {
        func count(_ number: Int) -> String { HumanTime.count(Int64(number)) }
        let warning = terminal.style("!", .yellow)
        let verb = isRehearsal ? "would serve" : "serves"
        var lines = [
            "\(terminal.style("✓", .green)) \(terminal.style(report.to, .bold)) \(verb): \(report.toLocation)",
            "  instead of \(report.from): \(report.fromLocation)",
            "  copied there \(count(report.copied)) texts, back \(count(report.copiedBack)), "
                + "brought up to date \(count(report.changed))",
        ]
        if let texts = report.texts, let sum = report.checksum {
            lines.append(
                "  both have the same \(count(texts)) texts, checksum \(sum); \(count(Int(report.milliseconds))) ms")
        }
        if report.queuedBehind > 0 {
            lines.append(
                "\(warning) \(count(report.queuedBehind)) rows wait to be sent in \(report.from), and stay there: they are "
                    + "sent when it serves again")
        }
        if report.queuedAhead > 0 {
            lines.append("\(warning) \(count(report.queuedAhead)) rows wait to be sent in \(report.to) itself")
        }
        if report.onTheirWay > 0 {
            lines.append(
                "\(warning) \(count(report.onTheirWay)) texts of \(report.from) are still on their way: it gets their outcome "
                    + "when it serves again")
        }
        return lines
    }
}
