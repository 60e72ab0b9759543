import GatewayCore
import PluginKit

/// What `conductor storage status` says, for people.
struct StorageStatusPage: Sendable {
    let terminal: Terminal

    func lines(_ report: StorageReport) -> [String] {
        let storage = report.storage
        var lines = ["\(mark(storage.reachable)) \(terminal.style(storage.dropIn ?? "no storage serves", .bold))"]
        if let plugin = storage.plugin { lines[0] += " (\(plugin))" }
        if let location = storage.location { lines[0] += ": \(location)" }
        if let problem = storage.problem { lines.append("  \(terminal.style(problem, .red))") }
        lines.append(
            storage.lag == 0
                ? "  nothing waits to be stored"
                : "  \(terminal.style("\(HumanTime.count(Int64(storage.lag))) texts and outcomes wait to be stored", .yellow))"
        )
        for other in storage.elsewhere ?? [] {
            lines.append(
                terminal.style(
                    "  \(HumanTime.count(Int64(other.outcomes))) outcomes wait for \(other.location) until it serves again",
                    .yellow))
        }
        if let switching = storage.switching { lines.append("  " + switching.sentence) }
        if let bytes = storage.bytes { lines.append("  " + size(bytes, of: storage.quotaBytes)) }
        if let tables = report.tables, !tables.isEmpty {
            var table = Table([
                .init(title: "table"), .init(title: "rows", alignment: .right), .init(title: "size", alignment: .right),
            ])
            for one in tables {
                table.add([one.name, HumanTime.count(one.rows), one.bytes.map(HumanTime.size) ?? ""])
            }
            lines.append("")
            lines += table.lines(width: nil, indent: "  ") { terminal.style($0, .dim) }
        }
        if let problem = report.tablesProblem { lines.append("  \(problem)") }
        return lines
    }

    private func size(_ bytes: Int64, of quota: Int64?) -> String {
        guard let quota, quota > 0 else { return "\(HumanTime.size(bytes)) in all" }
        let percent = Quota.percent(bytes, of: quota)
        let text = "\(HumanTime.size(bytes)) of its quota of \(HumanTime.size(quota)): \(percent) %"
        return percent >= Quota.alarmPercent ? terminal.style(text, .red) : text
    }

    private func mark(_ isGood: Bool) -> String {
        isGood ? terminal.style("●", .green) : terminal.style("✗", .red)
    }
}

extension GatewayStatus.StorageState.Switching {
    /// How far it is.
    var sentence: String {
        let place = table.map { ": \($0), \(HumanTime.count(Int64(rows))) rows read in both" } ?? ""
        return "being switched to \(to)\(place)"
    }
}
