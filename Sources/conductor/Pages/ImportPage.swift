import GatewayCore
import PluginKit

/// Imports, for a person.
struct ImportPage {
    let terminal: Terminal

    // MARK: How a file is understood

    func lines(_ check: ImportCheck) -> [String] {
        var table = Table([
            .init(title: "column", alignment: .right), .init(title: "heading"), .init(title: "is read as"),
            .init(title: "for example", isFlexible: true),
        ])
        for column in check.columns {
            let sample = column.samples.first { !$0.isEmpty } ?? ""
            table.add([
                "\(column.number)", column.heading ?? "", column.use ?? "(not read)",
                String(sample.split(whereSeparator: \.isNewline).first?.prefix(40) ?? ""),
            ])
        }
        var lines = ["\(check.encoding), divided by \(check.delimiter), \(heading(check)), \(dates(check))", ""]
        lines += table.lines(width: terminal.width) { terminal.style($0, .dim) }
        return lines
    }

    private func heading(_ check: ImportCheck) -> String {
        check.headerLine.map { "headings in line \($0)" } ?? "no headings"
    }

    private func dates(_ check: ImportCheck) -> String {
        guard let dates = check.dates else { return "no dates that leave open whether day or month comes first" }
        let order = dates == "mdy" ? "month first" : "day first"
        return check.datesAssumed ? "dates \(order), as nothing tells otherwise (--dates)" : "dates \(order)"
    }

    // MARK: What came of it

    func lines(_ report: ImportReport, rejects: String?) -> [String] {
        var lines = report.notes.map { "\($0.prefix(1).uppercased())\($0.dropFirst())." }
        if !lines.isEmpty { lines.append("") }
        let would = report.dryRun ? " (a dry run: nothing was kept)" : ""
        lines.append(
            "Import \(report.number): \(count(report.read)) \(report.read == 1 ? "row" : "rows") read = \(count(report.new)) new + "
                + "\(count(report.updated)) updated + \(count(report.unchanged)) unchanged + "
                + "\(count(report.rejected)) rejected\(would)")
        for other in report.others where other.new + other.updated > 0 {
            lines.append("  \(other.table.rawValue): \(count(other.new)) new, \(count(other.updated)) completed")
        }
        if report.loose > 0 {
            lines.append(
                "  \(count(report.loose)) name a customer, an employee, a receipt or an article that is not known, or not "
                    + "only once, and stand without")
        }
        if let rejects {
            lines.append("Rows that were not taken, each with its reason: \(rejects)")
        }
        if report.state == .complete, !report.dryRun, report.new + report.updated > 0 {
            lines.append("`conductor import undo \(report.number)` takes it back.")
        }
        return lines
    }

    func lines(_ reports: [ImportReport]) -> [String] {
        guard !reports.isEmpty else { return ["Nothing was imported yet: `conductor import customers FILE` begins."] }
        var table = Table([
            .init(title: "import", alignment: .right), .init(title: "of"), .init(title: "file", isFlexible: true),
            .init(title: "when"), .init(title: "state"), .init(title: "read", alignment: .right),
            .init(title: "new", alignment: .right), .init(title: "updated", alignment: .right),
            .init(title: "rejected", alignment: .right),
        ])
        for report in reports {
            let state = report.dryRun && report.state == .complete ? "dry run" : report.state.rawValue
            table.add([
                "\(report.number)", report.kind.rawValue, report.file, HumanTime.local(report.startedAt), state,
                count(report.read), count(report.new), count(report.updated), count(report.rejected),
            ])
        }
        return table.lines(width: terminal.width) { terminal.style($0, .dim) }
    }

    func lines(_ report: ImportUndoReport) -> [String] {
        let did =
            report.dryRun ? ("would be removed", "would be as before", "would stay") : ("removed", "as before", "stay")
        guard !report.tables.isEmpty else { return ["Import \(report.number): nothing of it is left."] }
        return report.tables.map { table in
            "\(table.table.rawValue): \(count(Int(clamping: table.removed))) \(did.0), "
                + "\(count(Int(clamping: table.restored))) \(did.1)"
                + (table.left > 0
                    ? ", \(count(Int(clamping: table.left))) \(did.2) (changed since, or others refer to them)" : "")
        }
    }

    private func count(_ number: Int) -> String { HumanTime.count(Int64(number)) }
}
