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

            With --crm, the tables customers, products, staff, transactions and transaction_items are copied and compared, \
            too: what each of both lacks, by the keys of the rows. Where both have a row and it differs, the one with the newer updated_at is right, else the one that serves; such rows are counted. Nothing \
            is deleted. `conductor status` shows how far it is.
            """)

    @Argument(help: "The drop-in that is to serve, as 20-supabase.yaml or supabase.")
    var name: String

    @Flag(help: "Only count what would be copied.")
    var dryRun = false

    @Flag(help: "Copy customers, articles, staff, receipts and their lines, too.")
    var crm = false

    @OptionGroup var output: JSONOption
    @OptionGroup var options: ClientOptions

    func run() throws {
        let client = try options.client()
        let report = try client.switchStorage(StorageSwitchRequest(name: name, dryRun: dryRun, crm: crm))
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
        for table in report.crm ?? [] { lines += self.lines(table, report, terminal) }
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

    private static func lines(
        _ table: StorageSwitchReport.Table, _ report: StorageSwitchReport, _ terminal: Terminal
    ) -> [String] {
        func count(_ number: Int) -> String { HumanTime.count(Int64(number)) }
        let warning = terminal.style("!", .yellow)
        var line = "  \(table.table): copied there \(count(table.copied)), back \(count(table.copiedBack))"
        if table.recomputed > 0 { line += ", computed anew \(count(table.recomputed))" }
        if let rows = table.rows, let sum = table.checksum {
            line += "; both have the same \(count(rows)), checksum \(sum)"
        }
        var lines = [line]
        let differed = table.differedFormer + table.differedNewer
        if differed > 0 {
            lines.append(
                "\(warning) \(count(differed)) rows of \(table.table) stood in both and differed: \(count(table.differedFormer)) "
                    + "as \(report.from) has them, \(count(table.differedNewer)) as \(report.to) has them, where they are newer"
            )
        }
        if table.orphans > 0 {
            lines.append(
                "\(warning) \(count(table.orphans)) rows of \(table.table) refer to a row that is not there, and stay where they are"
            )
        }
        if table.refused > 0 {
            lines.append(
                "\(warning) \(count(table.refused)) rows of \(table.table) break a rule of the other storage's table, and stay where "
                    + "they are")
        }
        if !table.unplaced.isEmpty {
            lines.append(
                "\(warning) \(table.table) has no such columns in the other storage: \(table.unplaced.joined(separator: ", "))"
            )
        }
        return lines
    }
}
