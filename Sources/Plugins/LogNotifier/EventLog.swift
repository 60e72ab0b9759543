public import PluginKit

/// Writes one line of JSON for each event to a file: plugin `log`, capability `conductor.notifier/1`.
public final class EventLog: Notifier {
    /// Who this plugin is.
    public static let info = PluginInfo(id: "log", name: "Event log", version: "0.1.0")
    /// Never blocks: the file is written on a queue of its own.
    public static let execution = Execution.inline

    private let file: EventFile
    private let mask: Bool

    /// `settings:` of the plugin `log`.
    private struct Keys: Decodable {
        /// A relative path is meant from the gateway's state folder; `-` is standard error.
        var path: String?
        /// Hide numbers and texts of people.
        var mask: Bool?
    }

    /// Reads the settings; touches nothing.
    public init(host: Host, settings: Settings) throws {
        let keys = try settings.decode(Keys.self)
        let path = keys.path ?? "events.jsonl"
        guard !path.isEmpty else { throw PluginError(.invalid, "settings.path: must name a file, or - for stderr") }
        file = EventFile(path: path == "-" ? nil : host.resolve(path: path))
        mask = keys.mask ?? true
    }

    /// Closes the file.
    public func stop() async {
        await file.close()
    }

    /// See `Notifier`.
    public func notify(_ event: Event, context: CallContext) async throws {
        try await file.append(EventLine.of(event, mask: mask))
    }
}
