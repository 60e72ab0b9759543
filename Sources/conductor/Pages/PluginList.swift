import GatewayCore

/// Drop-ins and their plugins as a table: in `status` and `plugins list`.
struct PluginList: Sendable {
    let plugins: [PluginReport]
    let terminal: Terminal

    func lines(indent: String = "", hasTitles: Bool = false) -> [String] {
        func title(_ text: String) -> String { hasTitles ? text : "" }
        var table = Table([
            .init(title: ""), .init(title: title("DROP-IN")), .init(title: title("PLUGIN")),
            .init(title: title("STATE")), .init(title: title("DOES")),
            .init(title: title("WHERE")), .init(title: title("CALLS"), alignment: .right),
            .init(title: title("P99"), alignment: .right), .init(title: title("MEMORY"), alignment: .right),
            .init(title: title("TROUBLE"), isFlexible: true),
        ])
        for plugin in plugins {
            table.add([
                mark(plugin), plugin.dropIn,
                [plugin.plugin, plugin.version ?? ""].filter { !$0.isEmpty }
                    .joined(separator: " "),
                plugin.state, plugin.capabilities.joined(separator: ", "),
                hasTitles ? plugin.isolation ?? "" : "",
                hasTitles ? HumanTime.count(Int64(plugin.calls)) : calls(plugin),
                hasTitles ? plugin.p99Microseconds.map(time) ?? "" : "",
                hasTitles ? plugin.memoryBytes.map { "\(HumanTime.count($0 / 1024)) KiB" } ?? "" : "", trouble(plugin),
            ])
        }
        let lines = table.lines(width: terminal.width, indent: indent) { terminal.style($0, .dim) }
        let problems = plugins.compactMap { plugin in
            plugin.problem.map { indent + problem(of: plugin, $0) }
        }
        // The same sentence for each of them says it once.
        let warnings = Dictionary(
            grouping: plugins.flatMap { plugin in
                (plugin.warnings ?? []).map { (plugin.dropIn, $0) }
            }
        ) { $0.1 }
        .map { (names: $0.value.map(\.0), words: $0.key) }
        .sorted { ($0.names[0], $0.words) < ($1.names[0], $1.words) }
        .map { "\(indent)\(terminal.style("! \($0.names.joined(separator: ", ")): \($0.words)", .yellow))" }
        let errors = plugins.compactMap { plugin in
            // A problem says how it ended.
            guard hasTitles, plugin.state == "running", let error = plugin.lastError else { return nil as String? }
            return "\(indent)  \(plugin.dropIn): last error: \(error)"
        }
        return lines + problems + warnings + errors
    }

    private func mark(_ plugin: PluginReport) -> String {
        switch plugin.state {
        case "running": terminal.style("●", .green)
        case "disabled", "unnamed": terminal.style("○", .dim)
        case "restarting": terminal.style("↻", .yellow)
        case "quarantined": terminal.style("⊘", .red)
        default: terminal.style("✗", .red)
        }
    }

    private func problem(of plugin: PluginReport, _ sentence: String) -> String {
        switch plugin.state {
        case "restarting": return terminal.style("↻ \(plugin.dropIn): \(sentence)", .yellow)
        case "unnamed": return "○ \(plugin.dropIn): \(sentence)"
        case "quarantined":
            let name = plugin.dropIn.lastIndex(of: ".").map { plugin.dropIn[..<$0] } ?? plugin.dropIn[...]
            let command = "conductor plugins reload \(name)"
            let cure = sentence.contains(command) ? "" : "; mend it, then run `\(command)`"
            return terminal.style("⊘ \(plugin.dropIn): \(sentence)\(cure)", .red)
        default: return terminal.style("✗ \(plugin.dropIn): \(sentence)", .red)
        }
    }

    private func time(_ microseconds: Int64) -> String {
        microseconds < 10_000 ? "\(microseconds) µs" : "\(microseconds / 1_000) ms"
    }

    private func calls(_ plugin: PluginReport) -> String {
        plugin.state == "running" ? "\(HumanTime.count(Int64(plugin.calls))) calls" : ""
    }

    private func trouble(_ plugin: PluginReport) -> String {
        [
            (plugin.failures, "failed"), (plugin.deadlines, "too late"), (plugin.strayCompletions, "stray answers"),
            (plugin.restarts ?? 0, "restarts"),
        ]
        .filter { $0.0 > 0 }
        .map { terminal.style("\($0.0) \($0.1)", .yellow) }
        .joined(separator: ", ")
    }
}
