import ArgumentParser
import CRMImport
import ConsoleServer
import GatewayCore
import Glibc
import PluginKit
import Settings

/// What every kind of file takes, and the work.
struct ImportFileOptions: ParsableArguments {
    @Argument(help: "The file; - is standard input.")
    var file: String

    @Option(help: ArgumentHelp("How the file is to be read: a YAML file, as --save-map writes.", valueName: "file"))
    var map: String?

    @Option(
        help: ArgumentHelp(
            "Write down how the file was understood, for --map. It must not exist yet.", valueName: "file"))
    var saveMap: String?

    @Flag(help: "Only say what would come of it.")
    var dryRun = false

    @Flag(help: "Only say how the file is understood: its columns, and what is in them.")
    var check = false

    @Option(help: "Whether 07/04/2026 is in July (mdy) or in April (dmy), where the file does not tell.")
    var dates: String?

    @Option(help: "The decimal sign: point or comma.")
    var decimal: String?

    @Option(help: ArgumentHelp("The line of the headings, or none.", valueName: "line"))
    var header: String?

    @Option(help: "What divides fields: a comma, a semicolon, a bar or tab.")
    var delimiter: String?

    @Option(help: ArgumentHelp("Where rows go that cannot be taken; FILE.rejects.csv otherwise.", valueName: "file"))
    var rejects: String?

    @OptionGroup var output: JSONOption
    @OptionGroup var options: ClientOptions

    /// Bytes of the file in one request.
    private static let part = 1 << 20

    func run(_ kind: CustomerTable) async throws {
        let wish = try wish()
        let client = try options.client()
        let started = try client.beginImport(ImportStart(kind: kind, file: name))
        let understood: ImportCheck
        do throws(CommandFailure) {
            try upload(to: started.number, client)
            understood = try client.checkImport(started.number, wish)
        } catch {
            // It would stand in the list for a day.
            try? client.removeImport(started.number)
            throw error
        }
        if let saveMap {
            try NewFile(path: saveMap, text: ImportMapFile.text(understood, wish, kind)).write()
        }
        if check {
            try client.removeImport(started.number)
            if output.json { return try Terminal.output.json(understood) }
            return ImportPage(terminal: .output).lines(understood).forEach { Terminal.output.line($0) }
        }
        let report = try await follow(
            try client.runImport(started.number, ImportRun(wish: wish, dryRun: dryRun ? true : nil)),
            went: started.number, client)
        let file = try takeRejects(of: report, client)
        if output.json {
            try Terminal.output.json(report)
        } else {
            ImportPage(terminal: .output).lines(report, rejects: file).forEach { Terminal.output.line($0) }
        }
        if report.state == .failed { throw CommandFailure(.failed, report.problem ?? "the import failed") }
        if report.rejected > 0 { throw CommandFailure(.failed, "") }
    }

    private var name: String {
        file == "-" ? "standard input" : String(file.split(separator: "/").last?.prefix(255) ?? "file")
    }

    /// The map, and what is said beside it.
    private func wish() throws(CommandFailure) -> ImportWish? {
        var wish = ImportWish()
        if let map { wish = try ImportMapFile.read(map) }
        if let dates { wish.dates = dates }
        if let decimal { wish.decimal = decimal }
        if let header { wish.header = header }
        if let delimiter { wish.delimiter = delimiter }
        return wish
    }

    private func upload(to number: Int, _ client: GatewayClient) throws(CommandFailure) {
        let descriptor = file == "-" ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw CommandFailure(.usage, "cannot open \(file): \(String(cString: strerror(errno)))")
        }
        defer { if descriptor != STDIN_FILENO { close(descriptor) } }
        var offset = 0
        var part = [UInt8](repeating: 0, count: Self.part)
        while true {
            var filled = 0
            while filled < part.count {
                let count = part.withUnsafeMutableBytes {
                    Glibc.read(descriptor, $0.baseAddress! + filled, $0.count - filled)
                }
                if count < 0, errno == EINTR { continue }
                guard count >= 0 else {
                    throw CommandFailure(.failed, "cannot read \(file): \(String(cString: strerror(errno)))")
                }
                if count == 0 { break }
                filled += count
            }
            if filled == 0 { return }
            try client.appendImport(number, Array(part[..<filled]), at: offset)
            offset += filled
        }
    }

    /// Until it is at its end.
    private func follow(
        _ first: ImportReport, went number: Int, _ client: GatewayClient
    ) async throws -> ImportReport {
        var report = first
        if report.number != number {
            Terminal.errors.line(
                "this file was cut off before, as import \(report.number): it goes on behind row \(report.read)")
        }
        let progress = ImportProgress(terminal: .errors, from: report)
        while report.state == .running {
            try await Task.sleep(for: .milliseconds(200))
            do throws(CommandFailure) {
                report = try client.importReport(report.number)
            } catch {
                progress.end()
                throw CommandFailure(
                    error.status,
                    "\(error.message). Import \(report.number) had read \(report.read) rows; it goes on when the gateway runs "
                        + "again, and the same command follows it then")
            }
            progress.show(report)
        }
        progress.end()
        return report
    }

    /// - Returns: the file with the rows that were not taken; nil where there are none.
    private func takeRejects(of report: ImportReport, _ client: GatewayClient) throws(CommandFailure) -> String? {
        guard report.rejected > 0 else { return nil }
        var bytes: [UInt8] = []
        while true {
            let part = try client.importRejects(report.number, from: bytes.count)
            if part.isEmpty { break }
            bytes += part
        }
        var path = rejects ?? (file == "-" ? "rejects.csv" : file + ".rejects.csv")
        // Those of an earlier try stay.
        var count = 1
        while rejects == nil, access(path, F_OK) == 0 {
            count += 1
            path = (file == "-" ? "rejects" : file + ".rejects") + ".\(count).csv"
        }
        try NewFile(path: path, bytes: bytes, isSecret: true).write()
        return path
    }
}

/// How far an import is: rows, rate and the time that is left, in one line that is written over.
struct ImportProgress: Sendable {
    private let terminal: Terminal
    private let begun = ContinuousClock.now
    /// What was done before this command came.
    private let before: (read: Int, done: Int)

    init(terminal: Terminal, from report: ImportReport) {
        self.terminal = terminal
        before = (report.read, report.done)
    }

    func show(_ report: ImportReport) {
        guard terminal.isTerminal, report.bytes > 0 else { return }
        let seconds =
            Double((ContinuousClock.now - begun).components.seconds)
            + Double((ContinuousClock.now - begun).components.attoseconds) / 1e18
        let rate = seconds > 0 ? Double(report.read - before.read) / seconds : 0
        let bytes = seconds > 0 ? Double(report.done - before.done) / seconds : 0
        let left = bytes > 0 ? Int(Double(report.bytes - report.done) / bytes) : 0
        let percent = min(100, report.done * 100 / report.bytes)
        let width = 24
        let filled = percent * width / 100
        let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: width - filled)
        let trouble = report.problem.map { "; waits: \($0)" } ?? ""
        terminal.write(
            "\r[\(bar)] \(percent) %, \(HumanTime.count(Int64(report.read))) rows, "
                + "\(HumanTime.count(Int64(rate))) rows/s, \(left / 60):\(left % 60 < 10 ? "0" : "")\(left % 60) left\(trouble)\u{1B}[K"
        )
    }

    /// Takes the line away.
    func end() {
        if terminal.isTerminal { terminal.write("\r\u{1B}[K") }
    }
}
