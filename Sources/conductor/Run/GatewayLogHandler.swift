import ConsoleServer
import Logging
import PluginKit

/// Writes the log to standard error: a line for people, or one JSON object a line.
struct GatewayLogHandler: LogHandler {
    enum Format: String, Sendable {
        case text, json
    }

    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    let label: String
    let format: Format
    let terminal: Terminal

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var all = metadata
        all.merge(event.metadata ?? [:]) { _, new in new }
        let line = format == .json ? jsonLine(event, all) : textLine(event, all)
        terminal.write(SecretShapes.masked(line) + "\n")
    }

    private func textLine(_ event: LogEvent, _ metadata: Logger.Metadata) -> String {
        let style: Terminal.Style =
            switch event.level {
            case .trace, .debug: .dim
            case .info, .notice: .blue
            case .warning: .yellow
            case .error, .critical: .red
            }
        // Under systemd the journal has the time already.
        let hasTime = terminal.isTerminal || !isUnderSystemd
        let time = hasTime ? terminal.style(HumanTime.clock(HumanTime.now), .dim) + " " : ""
        let level = terminal.style(event.level.rawValue, style)
        let facts = metadata.sorted { $0.key < $1.key }
            .map { " " + terminal.style("\($0.key)=", .dim) + DisplayWidth.oneLine("\($0.value)") }
            .joined()
        return "\(time)\(level) \(label): \(DisplayWidth.oneLine("\(event.message)"))\(facts)"
    }

    private func jsonLine(_ event: LogEvent, _ metadata: Logger.Metadata) -> String {
        struct Line: Encodable {
            var at: Timestamp
            var level: String
            var label: String
            var message: String
            var metadata: [String: String]
        }
        let line = Line(
            at: HumanTime.now, level: event.level.rawValue, label: label, message: "\(event.message)",
            metadata: metadata.mapValues { "\($0)" })
        return (try? APICoding.encode(line)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }

    private var isUnderSystemd: Bool {
        Terminal.variable("JOURNAL_STREAM") != nil
    }
}
