public import PluginKit
internal import Synchronization

/// Writes one line of JSON for each event to a file: plugin `log`, capability `conductor.notifier/1`.
public final class EventLog: Notifier {
    /// Who this plugin is.
    public static let info = PluginInfo(id: "log", name: "Event log", version: "0.1.0")
    /// Never blocks: the file is written on a queue of its own.
    public static let execution = Execution.inline

    private let file: EventFile
    private let mask: Bool
    private let host: Host
    private let keepDays: Int64
    /// When old lines were last dropped.
    private let trimmedAt = Mutex<Int64>(.min)

    /// `settings:` of the plugin `log`.
    private struct Keys: Decodable {
        /// A relative path is meant from the gateway's state folder; `-` is standard error.
        var path: String?
        /// Hide numbers and texts of people.
        var mask: Bool?
        /// Lines older than so many days are dropped; 0 keeps them.
        var keepDays: Int64?

        private enum CodingKeys: String, CodingKey {
            case path, mask
            case keepDays = "keep_days"
        }
    }

    /// Reads the settings; touches nothing.
    public init(host: Host, settings: Settings) throws {
        let keys = try settings.decode(Keys.self)
        let path = keys.path ?? "events.jsonl"
        guard !path.isEmpty else { throw PluginError(.invalid, "settings.path: must name a file, or - for stderr") }
        file = EventFile(path: path == "-" ? nil : host.resolve(path: path))
        mask = keys.mask ?? true
        keepDays = keys.keepDays ?? 90
        guard (0...36_500).contains(keepDays) else {
            throw PluginError(.invalid, "settings.keep_days: must be within 0 and 36500")
        }
        self.host = host
    }

    /// Closes the file.
    public func stop() async {
        await file.close()
    }

    /// See `Notifier`.
    public func notify(_ event: Event, context: CallContext) async throws {
        if event.kind == "contact.erased", let person = ErasedPerson(event.json) {
            try await file.rewrite { !person.isNamed(in: $0) }
        }
        try await dropOldLines()
        // Not even an unmasked log keeps the number of a person who was erased.
        try await file.append(EventLine.of(event, mask: mask || event.kind == "contact.erased"))
    }

    /// Once a day.
    private func dropOldLines() async throws {
        let now = host.now.milliseconds
        let isDue = trimmedAt.withLock { last in
            guard keepDays > 0, last == .min || now - last >= 86_400_000 else { return false }
            last = now
            return true
        }
        guard isDue else { return }
        let oldest = Timestamp(milliseconds: now - keepDays * 86_400_000).description
        try await file.rewrite { line in
            guard let at = EventLine.time(of: line) else { return true }
            return at >= oldest
        }
    }
}
