import ArgumentParser
import ConsoleServer
import Glibc
import PluginKit

extension CustomersCommand {
    struct Merge: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make one customer of several.",
            discussion: """
                The first one stays, and takes over the receipts of the others, what is stated of their visits, and what they \
                tell where it tells nothing. The others are gone; whoever looks for them by number, e-mail or member id, or \
                imports a row of theirs, comes to the one that stays. There is no way back: look first with --dry-run. \
                `conductor customers list duplicates` finds who shares a number or an e-mail.
                """)

        @Argument(help: "The id of the customer who stays.")
        var kept: String

        @Argument(help: "The ids of the others.")
        var others: [String]

        @Flag(help: "Do not ask.")
        var yes = false

        @Flag(help: "Only say what would be different.")
        var dryRun = false

        @OptionGroup var output: JSONOption
        @OptionGroup var options: ClientOptions

        func validate() throws {
            if Set(others + [kept]).count != others.count + 1 { throw ValidationError("A customer is named twice.") }
            if others.count > 20 { throw ValidationError("At most 20 others at once.") }
        }

        func run() throws {
            let client = try options.client()
            if !dryRun, !yes {
                guard isatty(STDIN_FILENO) == 1 else {
                    throw CommandFailure(.usage, "nobody can be asked here: add --yes, or look first with --dry-run")
                }
                let foreseen = try client.mergeCustomers(.init(into: kept, others: others, dryRun: true))
                DifferencePage(terminal: .errors).lines(foreseen.differences, isPreview: true)
                    .forEach { Terminal.errors.line($0) }
                Terminal.errors.write("Merge them for good? [y/N] ")
                guard let answer = readLine()?.lowercased(), ["y", "yes"].contains(answer) else {
                    throw CommandFailure(.failed, "nothing was changed")
                }
            }
            let done = try client.mergeCustomers(.init(into: kept, others: others, dryRun: dryRun))
            if output.json { return try Terminal.output.json(done.differences) }
            DifferencePage(terminal: .output).lines(done.differences, isPreview: dryRun)
                .forEach { Terminal.output.line($0) }
        }
    }

    struct Recount: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make anew what is made of receipts, and show what is different.",
            discussion: """
                Nothing becomes less unless --lower says so: then, of customers who have receipts here, those count alone, and \
                what a file or another program once stated of their visits is forgotten. Without it, what would become less \
                is shown, and stays.
                """)

        @Flag(help: "Forget what was stated beside the receipts, where there are any.")
        var lower = false

        @Flag(help: "Only say what would be different.")
        var dryRun = false

        @OptionGroup var output: JSONOption
        @OptionGroup var options: ClientOptions

        func run() throws {
            let client = try options.client()
            var all: [CustomerDifference] = []
            var after: String?
            let page = DifferencePage(terminal: .output)
            repeat {
                let request = CustomerRecountRequest(after: after, limit: 500, lower: lower, dryRun: dryRun)
                let answer = try client.recountCustomers(request)
                if output.json {
                    all += answer.differences
                } else {
                    page.lines(answer.differences, isPreview: dryRun).forEach { Terminal.output.line($0) }
                    all += answer.differences.prefix(1)
                }
                after = answer.nextAfter
            } while after != nil
            if output.json { return try Terminal.output.json(all) }
            if all.isEmpty { Terminal.errors.line("nothing is different") }
        }
    }

    struct Rules: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show or change the rules of vip status, churn risk and stock status.",
            discussion: """
                casual_visits, regular_visits, vip_visits: from so many visits on. medium_risk_days, high_risk_days: from so \
                many days since the last visit on. low_stock: so many pieces and fewer. zone: the time zone of the shop, whose \
                midnight ends a day.
                """)

        @Argument(help: ArgumentHelp("What to change, as vip_visits=20; none: show.", valueName: "name=value"))
        var changes: [String] = []

        @Flag(help: "Only say what would be different.")
        var dryRun = false

        @OptionGroup var output: JSONOption
        @OptionGroup var options: ClientOptions

        func validate() throws { _ = try rules() }

        private func rules() throws -> [CustomerRule: String] {
            var rules: [CustomerRule: String] = [:]
            for change in changes {
                let parts = change.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(
                    String.init)
                guard parts.count == 2, let rule = CustomerRule(rawValue: parts[0]) else {
                    let known = CustomerRule.allCases.map(\.rawValue)
                    throw ValidationError(
                        "\"\(change)\" is no rule with its value\(NearestName.hint(for: parts[0], among: known)); rules are "
                            + known.joined(separator: ", ") + ".")
                }
                do throws(PluginError) { try rule.check(parts[1]) } catch { throw ValidationError(error.message) }
                rules[rule] = parts[1]
            }
            return rules
        }

        func run() throws {
            let request = try CustomerRulesRequest(try rules(), dryRun: dryRun || changes.isEmpty)
            let answer = try options.client().customerRules(request)
            if output.json { return try Terminal.output.json(answer.differences) }
            var table = Table([.init(title: "rule"), .init(title: "before"), .init(title: "now")])
            for rule in answer.differences {
                let isOther = rule.before != rule.after
                table.add([rule.column, isOther ? rule.before ?? "" : "", rule.after ?? ""])
            }
            let terminal = Terminal.output
            table.lines(width: nil) { terminal.style($0, .dim) }.forEach { terminal.line($0) }
        }
    }
}
