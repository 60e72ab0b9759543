import ArgumentParser
import GatewayCore

/// `conductor storage import`.
struct StorageImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Take over the texts of the former system's SQLite file.",
        discussion: """
            Reads FILE (olive_sms.db) and puts its texts into the storage that serves. Nothing of it is sent or answered: \
            rows that waited to be sent are held, and `conductor messages retry ID` sends one of them. A text gets its id \
            from its row, so that importing again, or going on after the command was cut off, adds only what is missing. \
            Exit code 1 when a row cannot be taken. When no gateway runs, the command opens the storage itself, and no \
            gateway can start until it has ended.
            """)

    @Argument(help: "The former system's file; it is only read.")
    var file: String

    @Flag(help: "Only say what would happen.")
    var dryRun = false

    @OptionGroup var output: JSONOption
    @OptionGroup var options: TextKeeperOptions

    /// Rows of one request.
    private static let batch = 500
    /// Bytes of a text; one of more is none, and no request holds it.
    private static let longest = 160_000

    /// What `--json` prints.
    private struct Summary: Encodable {
        var report: TextImportReport
        var dryRun: Bool
    }

    func run() async throws {
        let total = try await take()
        if output.json {
            try Terminal.output.json(Summary(report: total, dryRun: dryRun))
        } else {
            StorageImportPage(terminal: .output).lines(total, isRehearsal: dryRun).forEach { Terminal.output.line($0) }
        }
        if !total.rejected.isEmpty { throw CommandFailure(.failed, "") }
    }

    private func take() async throws -> TextImportReport {
        let old: OldTextFile
        do {
            old = try OldTextFile(path: try StateFolder.absolute(file))
        } catch let error as GatewayError {
            throw CommandFailure(error.code == .invalid ? .usage : .failed, error.message)
        }
        return try await options.keeping { try await take(old, $0) }
    }

    private func take(_ old: OldTextFile, _ keeper: any TextKeeper) async throws -> TextImportReport {
        var total = TextImportReport(read: 0)
        do {
            let progress = Progress(of: old.count)
            while true {
                let rows = try old.next(Self.batch)
                if rows.isEmpty { break }
                let sound = rows.filter { ($0.content?.utf8.count ?? 0) <= Self.longest }
                var part = try await keeper.importTexts(TextImport(rows: sound, dryRun: dryRun))
                part.read = rows.count
                for row in rows where !sound.contains(row) {
                    part.rejected.append(.init(row: row.row, reason: "its text is longer than 255 parts can be"))
                }
                total.add(part)
                progress.show(total.read)
            }
            progress.end()
            return total
        } catch let error as GatewayError {
            throw CommandFailure(error.code == .invalid ? .usage : .failed, error.message)
        } catch let failure as CommandFailure where total.read > 0 && !dryRun {
            throw CommandFailure(
                failure.status,
                "\(failure.message) (\(total.read) rows were read, \(total.new) are new in storage; run the command again, it "
                    + "goes on)")
        }
    }
}
