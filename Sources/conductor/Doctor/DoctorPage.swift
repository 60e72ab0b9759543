/// What the doctor found, for people: what is wrong and what might be; with `all`, also what is well.
struct DoctorPage: Sendable {
    let terminal: Terminal
    let all: Bool

    func lines(_ findings: [Finding], checks: Int) -> [String] {
        var lines: [String] = []
        for group in DoctorCheck.Group.allCases {
            let shown = findings.filter { $0.group == group.rawValue && (all || $0.verdict != .fine) }
            if shown.isEmpty { continue }
            if !lines.isEmpty { lines.append("") }
            lines.append(terminal.style(group.rawValue, .bold))
            lines += shown.flatMap(self.lines)
        }
        if !lines.isEmpty { lines.append("") }
        let wrong = findings.filter { $0.verdict == .wrong }.count
        let hints = findings.filter { $0.verdict == .hint }.count
        lines.append("\(mark(wrong > 0 ? .wrong : hints > 0 ? .hint : .fine)) \(summary(checks, wrong, hints))")
        return lines
    }

    private func summary(_ checks: Int, _ wrong: Int, _ hints: Int) -> String {
        let looked = "\(checks) checks"
        if wrong == 0, hints == 0 { return "\(looked): all is well\(all ? "" : " (--all shows them)")" }
        let parts = [
            wrong > 0 ? "\(wrong) wrong" : nil, hints > 0 ? "\(hints) to look at" : nil,
        ].compactMap { $0 }
        return "\(looked): \(parts.joined(separator: ", "))"
    }

    private func lines(_ finding: Finding) -> [String] {
        let first = "  \(mark(finding.verdict)) \(DisplayWidth.oneLine(finding.what))"
        guard finding.verdict != .fine, let cure = finding.cure else { return [first] }
        return [first, "    \(terminal.style("→", .dim)) \(cure)"]
    }

    private func mark(_ verdict: Finding.Verdict) -> String {
        switch verdict {
        case .fine: terminal.style("✓", .green)
        case .hint: terminal.style("!", .yellow)
        case .wrong: terminal.style("✗", .red)
        }
    }
}
