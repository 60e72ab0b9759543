import ArgumentParser
import GatewayCore
import ModemKit
import PluginKit

extension ModemsCommand {
    struct Trace: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the AT traffic with a modem, numbers and texts masked.",
            discussion: """
                The gateway keeps the traffic of each modem's last bring-up and the newest behind it, 64 KiB in all, so \
                that what led to a fault is there after it. Telephone numbers, texts, PINs and all but the first and last \
                digits of IMSI and ICCID are masked before anything is kept; the IMEI stays. What is printed is a file \
                that can be handed on: `conductor simulate --replay FILE` answers as the modem did. A port's path in the \
                place of the IMEI shows what was said on a port that leads to no modem. With --follow it goes on, over a \
                restart of the gateway too.
                """)

        @Argument(help: "IMEI of the modem, or the path of a port; `-` when there is only one modem.")
        var modem: String

        @Flag(name: [.short, .long], help: "Go on with what comes, until Ctrl-C.")
        var follow = false

        @OptionGroup var output: JSONOption
        @OptionGroup var options: ClientOptions

        func run() async throws {
            let client = try options.client()
            let name = try client.namedOnceMet(modem)
            let terminal = Terminal.output
            let first = try client.trace(modem: name, after: 0)
            if output.json, !follow { return try terminal.json(first) }
            if !output.json { TraceText.head(of: first.trace).forEach { terminal.line($0) } }
            var shown = TraceProgress()
            try show(shown.news(in: first), terminal)
            var isAway = false
            while follow {
                try await Task.sleep(for: .milliseconds(300))
                do {
                    try show(shown.news(in: try client.trace(modem: name, after: shown.last)), terminal)
                    if isAway { Terminal.errors.line("the gateway is back") }
                    isAway = false
                } catch let failure as CommandFailure where failure.status == .notRunning || isAway {
                    // After its start it does not know the modem at first.
                    if !isAway { Terminal.errors.line("the gateway is away; waiting for it…") }
                    isAway = true
                }
            }
        }

        private func show(_ items: [TraceProgress.Item], _ terminal: Terminal) throws {
            for item in items {
                switch item {
                case .entry(let entry) where output.json: try terminal.json(entry)
                case .entry(let entry): terminal.line(TraceText.line(entry.entry, time: "\(entry.at)"))
                case .gap(let count, let at):
                    if !output.json { terminal.line(TraceText.gap(count, time: "\(at)")) }
                }
            }
        }
    }
}

extension GatewayClient {
    /// As `named`; `-` is also the one that was there, when no other was.
    fileprivate func namedOnceMet(_ modem: String) throws(CommandFailure) -> String {
        guard modem == "-" else { return modem }
        let all = try modems()
        guard all.count == 1, let only = all.first else { return try named(modem) }
        return only.id.rawValue
    }
}

extension TraceReport {
    fileprivate var trace: ModemTrace {
        ModemTrace(
            modem: imei.map { ModemID($0) }, port: port, run: run, newest: newest, entries: entries.map(\.entry))
    }
}

extension TraceReport.Entry {
    fileprivate var entry: TraceEntry {
        TraceEntry(number: number, at: at.milliseconds, kind: kind, port: port, data: data)
    }
}
