import ModemKit

/// Modems as a table: in `status` and `modems list`.
struct ModemList: Sendable {
    let modems: [ModemSnapshot]
    let terminal: Terminal

    func lines(indent: String = "", hasTitles: Bool = false) -> [String] {
        func title(_ text: String) -> String { hasTitles ? text : "" }
        var table = Table([
            .init(title: ""), .init(title: title("IMEI")), .init(title: title("MODEL")), .init(title: title("PORT")),
            .init(title: title("STATE")), .init(title: title("SIM")), .init(title: title("NUMBER")),
            .init(title: title("OPERATOR")), .init(title: title("SIGNAL")),
            .init(title: title("MEMORY"), isFlexible: true),
        ])
        for modem in modems {
            table.add([
                mark(modem), modem.id.rawValue, modem.model ?? "", modem.port, modem.state.rawValue,
                hasTitles ? modem.sim?.rawValue ?? "" : "", modem.number ?? "", network(modem),
                Signal(dBm: modem.signalDBm).text(terminal), memories(modem),
            ])
        }
        let lines = table.lines(width: terminal.width, indent: indent) { terminal.style($0, .dim) }
        let problems = modems.compactMap { modem in
            modem.problem.map { "\(indent)\(terminal.style("✗ \(modem.id.rawValue): \($0)", .red))" }
        }
        return lines + problems
    }

    private func mark(_ modem: ModemSnapshot) -> String {
        switch modem.state {
        case .ready: terminal.style("●", .green)
        case .starting, .recovering: terminal.style("◐", .yellow)
        case .blocked: terminal.style("✗", .red)
        case .gone: terminal.style("○", .dim)
        }
    }

    private func network(_ modem: ModemSnapshot) -> String {
        // At home, that it is registered needs no word.
        let more = [modem.network, modem.registration == "home" ? nil : modem.registration].compactMap { $0 }
        return (modem.operator ?? "") + (more.isEmpty ? "" : " (\(more.joined(separator: ", ")))")
    }

    private func memories(_ modem: ModemSnapshot) -> String {
        modem.memories.map { memory in
            let text = "\(memory.name) \(memory.used)/\(memory.total)"
            return memory.condition != .good ? terminal.style(text, .red) : text
        }
        .joined(separator: " ")
    }
}

/// Received power as four bars.
struct Signal: Sendable {
    let dBm: Int?

    /// 0...4; nil where unknown. Steps as phones use them for GSM.
    var bars: Int? {
        dBm.map { power in [-109, -93, -83, -73].filter { power >= $0 }.count }
    }

    func text(_ terminal: Terminal) -> String {
        guard let dBm, let bars else { return "" }
        let blocks = ["▂", "▄", "▆", "█"]
        let full = blocks.prefix(bars).joined()
        let rest = terminal.hasColours ? blocks.dropFirst(bars).joined() : String(repeating: "·", count: 4 - bars)
        let style: Terminal.Style = bars >= 3 ? .green : bars == 2 ? .yellow : .red
        let shown = full.isEmpty ? "" : terminal.style(full, style)
        return shown + (rest.isEmpty ? "" : terminal.style(rest, .dim)) + " \(dBm) dBm"
    }
}
