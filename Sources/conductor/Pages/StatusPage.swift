import GatewayCore
import ModemKit
import PluginKit

/// `conductor status`: everything at one glance.
struct StatusPage: Sendable {
    let status: GatewayStatus
    let now: Timestamp
    let terminal: Terminal

    func lines() -> [String] {
        head() + modems() + storage() + texts() + limits() + plugins() + alarms()
    }

    private func head() -> [String] {
        let up = HumanTime.duration(max(0, (now.milliseconds - status.startedAt.milliseconds) / 1000))
        return [
            terminal.style("Conductor \(status.version)", .bold)
                + " · \(status.gateway) · up \(up) · process \(status.processID) · \(status.stateFolder)"
        ] + (status.observes == true ? [terminal.style("OBSERVES ONLY: nothing is sent or answered", .red)] : [])
    }

    private func section(_ title: String) -> [String] {
        ["", terminal.style(title, .bold)]
    }

    private func modems() -> [String] {
        guard !status.modems.isEmpty else {
            return section("Modems")
                + ["  none found: plug one in; `conductor doctor` tells when one is there and cannot be used"]
        }
        return section("Modems") + ModemList(modems: status.modems, terminal: terminal).lines(indent: "  ")
    }

    private func storage() -> [String] {
        let storage = status.storage
        var parts = [storage.plugin ?? "none"]
        if let dropIn = storage.dropIn { parts.append(dropIn) }
        if let location = storage.location { parts.append(location) }
        if let rows = storage.rows { parts.append("\(HumanTime.count(rows)) texts") }
        if storage.lag == 0, storage.reachable {
            parts.append("up to date")
        } else if storage.lag > 0 {
            parts.append(terminal.style("\(HumanTime.count(Int64(storage.lag))) waiting to be stored", .yellow))
        }
        var lines =
            section("Storage") + ["  \(dot(storage.reachable ? .green : .red)) \(parts.joined(separator: " · "))"]
        if let problem = storage.problem { lines.append("    \(terminal.style(problem, .red))") }
        if let switching = storage.switching { lines.append("    \(switching.sentence)") }
        for other in storage.elsewhere ?? [] {
            let what = "\(other.outcomes) outcomes wait for \(other.location) until it serves again"
            lines.append("    \(terminal.style(what, .yellow))")
        }
        return lines
    }

    private func texts() -> [String] {
        func amounts(_ names: [String], in counts: [String: Int], bad: Set<String> = []) -> String {
            names.map { name in
                let count = counts[name] ?? 0
                let text = "\(name) \(HumanTime.count(Int64(count)))"
                return count > 0 && bad.contains(name) ? terminal.style(text, .red) : text
            }
            .joined(separator: " · ")
        }
        let counts = status.counts
        return section("Texts since the start") + [
            "  in     \(amounts(["received", "answered"], in: counts))",
            "  out    \(amounts(["accepted", "delivered", "failed", "unknown"], in: counts, bad: ["failed", "unknown"]))",
            "  queue  \(amounts(["waiting", "sending", "retrying", "planned", "unknown"], in: status.queue, bad: ["unknown"]))",
        ]
    }

    /// Only SIMs that have sent, or may not.
    private func limits() -> [String] {
        var lines = (status.limits ?? []).filter { $0.day > 0 || $0.paused != nil }.map { use in
            func of(_ count: Int, _ most: Int?, _ what: String) -> String {
                let text =
                    HumanTime.count(Int64(count)) + (most.map { " of \(HumanTime.count(Int64($0)))" } ?? "")
                    + " \(what)"
                return most.map { count >= $0 } == true ? terminal.style(text, .yellow) : text
            }
            let counts = [
                of(use.minute, use.perMinute, "this minute"), of(use.day, use.perDay, "parts today"),
                of(use.recipients, use.recipientsPerDay, "numbers today"),
            ].joined(separator: " · ")
            return "  \(dot(use.paused == nil ? .green : .red)) SIM \(use.sim)  \(counts)"
                + (use.paused.map { terminal.style("  paused: \($0)", .red) } ?? "")
        }
        if let budget = status.budget {
            let text = "\(HumanTime.count(Int64(budget.spent))) of \(HumanTime.count(Int64(budget.perDay))) parts today"
            lines.append("  budget  " + (budget.spent >= budget.perDay ? terminal.style(text, .red) : text))
        }
        return lines.isEmpty ? [] : section("Limits") + lines
    }

    private func plugins() -> [String] {
        guard !status.plugins.isEmpty else { return section("Plugins") + ["  none: plugins.d has no drop-in"] }
        return section("Plugins") + PluginList(plugins: status.plugins, terminal: terminal).lines(indent: "  ")
    }

    private func alarms() -> [String] {
        guard !status.alarms.isEmpty else { return section("Alarms") + ["  \(dot(.green)) none"] }
        return section("Alarms")
            + status.alarms.map { alarm in
                "  \(dot(.red)) \(alarm.message) "
                    + terminal.style("(\(alarm.kind), \(HumanTime.relative(alarm.since, now: now)))", .dim)
            }
    }

    private func dot(_ style: Terminal.Style) -> String {
        terminal.style(style == .red ? "✗" : "●", style)
    }
}
