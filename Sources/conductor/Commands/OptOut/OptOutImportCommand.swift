import ArgumentParser
import ConsoleServer
import GatewayCore
import PluginKit

extension OptOutCommand {
    struct Import: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take over a list of people who opted out elsewhere.",
            discussion: """
                FILE is CSV: number[,date[,source]], with a line of headings or without; comma, semicolon or tab. \
                `-` is standard input. Importing it again, or a part of it, changes nothing; people who came back by \
                START after their date stay in. Lines that cannot be taken are written to FILE.rejected.csv with the \
                reason, and the exit code is 1.
                """)

        @Argument(help: ArgumentHelp("The list; `-` is standard input.", valueName: "file"))
        var file: String

        @Option(help: "Names the list in the story of each number; its file's name unless said.")
        var list: String?

        @Option(help: "How dates with slashes or dots are written: mdy or dmy. 2026-05-03 needs no word.")
        var dates: OptOutFile.DateOrder?

        @Option(help: ArgumentHelp("Where lines that cannot be taken go.", valueName: "file"))
        var rejects: String?

        @Flag(help: "Only say what would happen.")
        var dryRun = false

        @OptionGroup var output: JSONOption
        @OptionGroup var options: ClientOptions

        /// Lines of one request.
        private static let batch = 2_000

        /// What `--json` prints: the gateway's report of all parts, and where the rejected lines are.
        struct Summary: Encodable {
            var lines: Int
            var new: Int
            var unchanged: Int
            var inAgain: Int
            var rejected: Int
            var rejections: [OptOutImportReport.Rejection]
            var rejectsFile: String?
            var isTrial: Bool
        }

        func run() throws {
            let parsed = try OptOutFile.read(file, dates: dates)
            let client = try options.client()
            let name = String((list ?? Self.name(of: file)).prefix(48))
            var total = OptOutImportReport(entries: parsed.count, rejected: parsed.rejections)
            var rest = parsed.entries[...]
            while !rest.isEmpty {
                let part = Array(rest.prefix(Self.batch))
                rest = rest.dropFirst(part.count)
                let report = try client.importOptOuts(
                    OptOutImport(entries: part, list: name, by: Add.user, isTrial: dryRun))
                total.new += report.new
                total.unchanged += report.unchanged
                total.inAgain += report.inAgain
                total.rejected += report.rejected
            }
            total.rejected.sort { $0.line < $1.line }
            var written: String?
            if !total.rejected.isEmpty, !dryRun {
                let place = rejects ?? (file == "-" ? "rejected.csv" : file + ".rejected.csv")
                try parsed.writeRejects(total.rejected, to: place)
                written = place
            }
            try tell(total, rejectsFile: written)
            if !total.rejected.isEmpty { throw CommandFailure(.failed, "") }
        }

        private func tell(_ total: OptOutImportReport, rejectsFile: String?) throws {
            if output.json {
                return try Terminal.output.json(
                    Summary(
                        lines: total.entries, new: total.new, unchanged: total.unchanged, inAgain: total.inAgain,
                        rejected: total.rejected.count, rejections: total.rejected, rejectsFile: rejectsFile,
                        isTrial: dryRun))
            }
            let terminal = Terminal.output
            terminal.line(
                "\(total.entries) lines = \(total.new) new + \(total.unchanged) unchanged + \(total.rejected.count) rejected"
                    + (dryRun ? " (nothing was changed)" : ""))
            if total.inAgain > 0 {
                terminal.line("\(total.inAgain) of the unchanged came back by themselves later, and stay in")
            }
            for rejection in total.rejected.prefix(10) {
                Terminal.errors.line("line \(rejection.line): \(rejection.reason)")
            }
            if total.rejected.count > 10 { Terminal.errors.line("… and \(total.rejected.count - 10) more") }
            if let rejectsFile { Terminal.errors.line("the rejected lines are in \(rejectsFile)") }
        }

        /// The file's name without folder and extension.
        private static func name(of file: String) -> String {
            let last = file.split(separator: "/").last.map(String.init) ?? ""
            let stem = last.lastIndex(of: ".").map { String(last[..<$0]) } ?? last
            return stem.isEmpty || stem == "-" ? "list" : stem
        }
    }
}
