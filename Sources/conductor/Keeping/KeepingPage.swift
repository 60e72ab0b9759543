import GatewayCore

/// What the `storage` commands did, for people.
struct KeepingPage: Sendable {
    let terminal: Terminal

    func backup(_ report: BackupReport) -> [String] {
        var lines = [
            "\(mark(true)) \(terminal.style(report.path, .bold))  "
                + "\(size(report.bytes)), \(HumanTime.count(report.milliseconds)) ms, verified"
        ]
        lines += report.manifest.files.map { file in
            "  \(file.name)  \(counts(file.rows))"
        }
        if let note = report.manifest.storageNote { lines.append("\(warning) without the texts of storage: \(note)") }
        if !report.removed.isEmpty { lines.append("  removed: \(report.removed.count) older") }
        return lines
    }

    func restore(_ report: RestoreReport, isRehearsal: Bool) -> [String] {
        let verb = isRehearsal ? "would be put in place" : "in place"
        var lines = ["\(mark(true)) the backup of \(report.manifest.takenAt) is whole and \(verb)"]
        lines += report.restored.map { "  \($0)" }
        if let replaced = report.replaced { lines.append("  what was there before is in \(replaced)") }
        if report.held > 0 {
            lines.append(
                "\(warning) \(report.held) texts were waiting to be sent then and may have been sent since: they are held."
            )
            lines.append("    → conductor messages list --direction outbound, then conductor messages retry ID")
        }
        if report.unanswered > 0 {
            lines.append(
                "\(warning) \(report.unanswered) texts were not answered then: no responder will answer them now.")
        }
        if report.unread > 0 {
            lines.append(
                "\(warning) \(report.unread) texts are unread as they were then: a program of yours that answers unread "
                    + "rows would answer them, perhaps again.")
        }
        if report.consentKept > 0 {
            lines.append("\(mark(true)) \(report.consentKept) newer words of people (STOP, START) are kept.")
        }
        if let note = report.manifest.storageNote { lines.append("\(warning) without the texts of storage: \(note)") }
        if !isRehearsal { lines.append("  Start the gateway again: sudo systemctl start conductor") }
        return lines
    }

    func repair(_ reports: [RepairReport], isRehearsal: Bool) -> [String] {
        reports.flatMap { report -> [String] in
            guard let damage = report.damage else { return ["\(mark(true)) \(report.name) is whole"] }
            if isRehearsal { return ["\(mark(false)) \(report.name) is damaged: \(damage)"] }
            var lines = ["\(mark(report.incomplete.isEmpty)) \(report.name) was damaged: \(damage)"]
            lines.append("    saved: \(counts(report.saved))")
            if !report.incomplete.isEmpty {
                lines.append("    not all could be read of: \(report.incomplete.joined(separator: ", "))")
            }
            if let kept = report.kept { lines.append("    the damaged file is \(kept)") }
            if report.held > 0 {
                lines.append("    \(report.held) texts are held: conductor messages retry ID sends one of them")
            }
            return lines
        }
    }

    private func counts(_ rows: [String: Int64]) -> String {
        let shown = rows.filter { $0.value > 0 && !$0.key.hasSuffix("migrations") }.sorted { $0.key < $1.key }
        return shown.isEmpty
            ? "no rows" : shown.map { "\(HumanTime.count($0.value)) \($0.key)" }.joined(separator: ", ")
    }

    private func size(_ bytes: Int64) -> String {
        bytes < 1 << 20 ? "\(HumanTime.count(max(bytes >> 10, 1))) kB" : "\(HumanTime.count(bytes >> 20)) MB"
    }

    private var warning: String { terminal.style("!", .yellow) }

    private func mark(_ isGood: Bool) -> String {
        isGood ? terminal.style("✓", .green) : terminal.style("✗", .red)
    }
}
