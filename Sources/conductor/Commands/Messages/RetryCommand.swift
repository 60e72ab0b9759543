public import ArgumentParser
public import GatewayCore
import Glibc
import PluginKit

struct RetryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry", abstract: "Put failed or held texts back into the queue.",
        discussion: """
            A text whose fate is unknown may have arrived: it is sent again only because you say so.

            With --failed all that fit are sent again, the oldest first, after a question; those that a rule forbade \
            (consent, a limit) only with --class policy, and those that were cancelled never.
            """)

    @Argument(help: ArgumentHelp("The texts' ids; row:N for a row of the table that has none yet.", valueName: "id"))
    var ids: [String] = []

    @Flag(help: "All texts that failed.")
    var failed = false

    @Option(
        help: ArgumentHelp("Only those of the last 90m, 2h, 7d, or since 2026-11-24T09:00:00Z.", valueName: "time"))
    var since: String?

    @Option(
        name: .customLong("class"),
        help: ArgumentHelp(
            "Only those that failed so: temporary, permanent, undelivered or policy.", valueName: "class"))
    var failureClass: FailureClass?

    @Flag(help: "Only count them.")
    var dryRun = false

    @Flag(name: [.short, .long], help: "Do not ask.")
    var yes = false

    @OptionGroup var output: JSONOption
    @OptionGroup var options: ClientOptions

    func validate() throws {
        guard ids.isEmpty == failed else {
            throw ValidationError(failed ? "either ids or --failed." : "which texts? Give their ids, or --failed.")
        }
        guard failed || (since == nil && failureClass == nil && !dryRun && !yes) else {
            throw ValidationError("--since, --class, --dry-run and --yes go with --failed.")
        }
        if let since, PastTime.parse(since, now: HumanTime.now) == nil {
            throw ValidationError(
                "--since: cannot read \"\(since)\" as a time; write 90m, 2h, 7d or 2026-11-24T09:00:00Z.")
        }
    }

    func run() throws {
        let client = try options.client()
        guard failed else {
            return try EachMessage.perform(ids, json: output.json) { id throws(CommandFailure) in
                try client.retry(id)
            }
        }
        var request = BulkRetry(
            since: since.flatMap { PastTime.parse($0, now: HumanTime.now) }, failureClass: failureClass, dryRun: true)
        var report = try client.retryFailed(request)
        if !dryRun, report.found > 0 {
            try confirm(report)
            request.dryRun = false
            report = try client.retryFailed(request)
        }
        if output.json { return try Terminal.output.json(report) }
        Terminal.output.line(Self.sentence(report, dryRun: dryRun))
    }

    /// On a terminal a person is asked; elsewhere --yes must say it.
    private func confirm(_ report: BulkRetryReport) throws(CommandFailure) {
        if yes { return }
        guard isatty(STDIN_FILENO) == 1 else {
            throw CommandFailure(
                .usage, "\(Self.amount(report)) would be sent again: say --yes, or --dry-run to count only")
        }
        Terminal.errors.write("Send \(Self.amount(report)) again? [y/N] ")
        let answer = readLine()?.lowercased() ?? ""
        guard ["y", "yes"].contains(answer) else { throw CommandFailure(.failed, "nothing was sent again") }
    }

    private static func amount(_ report: BulkRetryReport) -> String {
        let kinds = report.byClass.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
        return "\(report.found) \(report.found == 1 ? "text" : "texts")\(kinds.isEmpty ? "" : " (\(kinds))")"
    }

    static func sentence(_ report: BulkRetryReport, dryRun: Bool) -> String {
        guard report.found > 0 else { return "no failed texts" }
        let skipped =
            report.skipped == 0 ? "" : "; \(report.skipped) cannot be: send them anew, or see why with `messages show`"
        if dryRun { return "\(amount(report)) would be sent again\(skipped)" }
        return "\(report.retried) of \(amount(report)) are in the queue again\(skipped)"
    }
}

extension FailureClass: ExpressibleByArgument {}
