import GatewayCore
import PluginKit

/// `conductor status --fleet`: the gateways that work on the same storage.
struct FleetPage: Sendable {
    let report: FleetReport
    let now: Timestamp
    let terminal: Terminal

    func lines() -> [String] {
        var table = Table([
            .init(title: ""), .init(title: "GATEWAY"), .init(title: "VERSION"), .init(title: "SEEN"),
            .init(title: "CLAIMED", alignment: .right), .init(title: "SENDING", alignment: .right),
            .init(title: "SIMS", isFlexible: true),
        ])
        let ids = Dictionary(grouping: report.gateways, by: \.gateway)
        for member in report.gateways {
            // A state folder that was lost leaves a gateway of the same id behind.
            let isAlone = ids[member.gateway]?.count == 1
            table.add([
                member.silentSince == nil ? terminal.style("●", .green) : terminal.style("○", .red),
                (isAlone ? member.gateway : member.name) + (member.isThis ? " (this)" : ""), member.version,
                seen(member), HumanTime.count(Int64(member.claimed)), HumanTime.count(Int64(member.sending)),
                member.sims.isEmpty ? "none" : member.sims.joined(separator: " "),
            ])
        }
        let lines = table.lines(width: terminal.width) { terminal.style($0, .dim) }
        return lines + (report.problem.map { [terminal.style("✗ \($0)", .red)] } ?? [])
    }

    private func seen(_ member: FleetReport.Member) -> String {
        guard let since = member.silentSince else { return HumanTime.relative(member.seen, now: now) }
        return terminal.style("silent since \(HumanTime.local(since))", .red)
    }
}
