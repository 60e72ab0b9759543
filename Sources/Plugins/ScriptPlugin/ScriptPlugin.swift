public import PluginKit

/// A program in any language as a plugin: plugin `exec`, capabilities responder and notifier, over lines on its standard
/// input and output (plugins.d/README.md).
public final class ScriptPlugin: Responder, Notifier {
    /// Who this plugin is.
    public static let info = PluginInfo(id: "exec", name: "A program of yours", version: "0.1.0")
    /// Never blocks: the program is spoken to by a thread of its own.
    public static let execution = Execution.inline

    private let runner: ScriptRunner

    /// Reads the settings; starts nothing.
    public convenience init(host: Host, settings: Settings) throws {
        self.init(host: host, settings: try ScriptSettings(settings, host: host))
    }

    init(host: Host, settings: ScriptSettings, limits: ScriptLimits = ScriptLimits()) {
        runner = ScriptRunner(settings: settings, limits: limits, host: host)
    }

    deinit { runner.abandon() }

    /// How many calls wait for an answer.
    var waiting: Int { runner.waiting }

    /// Starts the program and waits for its answer to `hello`.
    ///
    /// - Throws: `.unavailable` in words when it cannot be started, or ends at once.
    public func start() async throws {
        try await runner.start()
    }

    /// Closes the program's input; one that does not end then is ended, with all it has started.
    public func stop() async {
        await runner.stop()
    }

    /// See `Responder`.
    public func respond(to text: InboundText, context: CallContext) async throws -> Decision {
        guard runner.serves.responder else { return .decline(reason: "the program answers no texts") }
        return try await runner.ask(.respond(text, deadlineNanoseconds: context.deadlineNanoseconds)).decision()
    }

    /// See `Notifier`.
    public func notify(_ event: Event, context: CallContext) async throws {
        guard runner.serves.notifier else { return }
        try await runner.ask(.notify(event)).success()
    }
}
