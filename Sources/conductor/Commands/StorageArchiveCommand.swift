import ArgumentParser
import GatewayCore
import PluginKit

/// `conductor storage archive`.
struct StorageArchiveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "archive", abstract: "Move old texts from storage into a file, to make room.",
        discussion: """
            Texts from before DATE are written to FILE (JSON lines, for its owner only), which is read again and compared; \
            then they leave storage. What is queued, held, unread, on its way or of unknown fate stays, and so does \
            consent. Cut off before the file has its name, nothing has left storage; cut off later, run it again with \
            another FILE for the rest. When no gateway runs, the command opens the storage itself, and no gateway can start \
            until it has ended.

            EXAMPLES:
              conductor storage archive --before 2025-01-01 --to texts-until-2024.jsonl
              conductor storage archive --before 365d --to old.jsonl --dry-run
            """)

    @Option(help: "Texts from before this day (2025-01-01, from midnight here), moment, or age (365d).")
    var before: String

    @Option(help: ArgumentHelp("A file that is not there yet.", valueName: "file"))
    var to: String

    @Flag(help: "Only count.")
    var dryRun = false

    @OptionGroup var output: JSONOption
    @OptionGroup var options: TextKeeperOptions

    /// Rows removed in one request.
    private static let batch = 500

    /// What it did.
    struct Report: Encodable {
        var file: String
        var before: Timestamp
        var archived = 0
        var removed = 0
        /// Old enough, and waited for.
        var staying = 0
        var dryRun: Bool
    }

    func validate() throws {
        if moment == nil { throw ValidationError("--before is a day as 2025-01-01, a moment, or an age as 365d.") }
    }

    private var moment: Timestamp? {
        let now = HumanTime.now
        return PastTime.parse(before, now: now) ?? PastTime.parse(before + " 00:00", now: now)
    }

    func run() async throws {
        let path = try StateFolder.absolute(to)
        let report = try await options.keeping { try await archive(path, $0) }
        if output.json { return try Terminal.output.json(report) }
        lines(report).forEach { Terminal.output.line($0) }
    }

    private func archive(_ path: String, _ keeper: any TextKeeper) async throws -> Report {
        var report = Report(file: path, before: moment ?? HumanTime.now, dryRun: dryRun)
        var page = try await keeper.archivePage(ArchivePageRequest(before: report.before))
        let identity = page.identity
        let file =
            dryRun
            ? nil
            : try ArchiveFile(
                path: path,
                head: .init(
                    conductorArchive: ArchiveFile.Head.version, before: report.before, takenAt: HumanTime.now,
                    storage: page.location))
        var ids: [Int64] = []
        do {
            while true {
                guard page.identity == identity else {
                    throw CommandFailure(.failed, "another storage serves now: nothing was removed; run it again")
                }
                try file?.add(page.messages)
                ids += page.messages.compactMap(\.storageID)
                report.staying += page.staying
                guard let cursor = page.nextCursor else { break }
                page = try await keeper.archivePage(ArchivePageRequest(before: report.before, cursor: cursor))
            }
            report.archived = ids.count
            if ids.isEmpty { file?.abandon() } else { try file?.finish() }
        } catch {
            file?.abandon()
            throw error
        }
        if !dryRun { try await remove(ids, of: identity, keeper, &report) }
        return report
    }

    private func remove(
        _ ids: [Int64], of identity: String, _ keeper: any TextKeeper, _ report: inout Report
    ) async throws(CommandFailure) {
        let progress = Progress(of: ids.count)
        var rest = ids[...]
        while !rest.isEmpty {
            let part = Array(rest.prefix(Self.batch))
            do {
                let done = try await keeper.removeArchived(ArchiveRemoval(identity: identity, storageIDs: part))
                report.removed += done.removed
            } catch {
                throw CommandFailure(
                    error.status,
                    "\(error.message) (\(report.file) has all \(ids.count) texts; \(report.removed) have left storage: run it "
                        + "again with another file for the rest)")
            }
            rest = rest.dropFirst(part.count)
            progress.show(ids.count - rest.count)
        }
        progress.end()
    }

    private func lines(_ report: Report) -> [String] {
        func count(_ number: Int) -> String { HumanTime.count(Int64(number)) }
        var lines: [String] = []
        if report.archived == 0 {
            lines.append("no text from before \(HumanTime.local(report.before)) can be archived")
        } else if report.dryRun {
            lines.append("\(count(report.archived)) texts would be archived (nothing was changed)")
        } else {
            lines.append(
                "\(count(report.archived)) texts are in \(report.file), verified; \(count(report.removed)) left storage"
            )
        }
        let kept = report.archived - report.removed
        if !report.dryRun, kept > 0 {
            lines.append("\(count(kept)) of them were changed meanwhile: they are in the file and stay in storage, too")
        }
        if report.staying > 0 {
            lines.append("\(count(report.staying)) that are as old stay: queued, held, unread, on their way or unknown")
        }
        if report.removed > 0 {
            lines.append(
                "their room is used by new texts; a file or project gets smaller only by VACUUM (docs/storage.md)")
        }
        return lines
    }
}
