internal import FoundationEssentials
public import PluginKit
internal import SQLiteStorage

/// The SQLite storage with the faults of a database far away: down, slow, answering with errors, doing what it is asked
/// and losing the answer, and doing it long after the asker has given up.
///
/// The file `storage-fault` in the state folder says what is wrong now; none is there when all is well.
final class FaultyMessages: Storage {
    static let info = PluginInfo(id: "faulty-sqlite", name: "SQLite storage with faults", version: "0.1.0")
    static let execution = Execution.inline

    private let sound: SQLiteMessages
    private let control: String

    init(host: Host, settings: Settings) throws {
        sound = try SQLiteMessages(host: host, settings: settings)
        control = host.resolve(path: "storage-fault")
    }

    func start() async throws { try await sound.start() }
    func stop() async { await sound.stop() }

    /// What is wrong now: `down`, `error`, `slow MS`, `lost`, `late MS`, `stale MS`.
    private func serve<Value: Sendable>(_ work: @escaping @Sendable () async throws -> Value) async throws -> Value {
        let words = ((try? String(contentsOfFile: control, encoding: .utf8)) ?? "").split(separator: " ")
        let pause = Duration.milliseconds(words.count > 1 ? Int(words[1]) ?? 0 : 0)
        switch words.first {
        case "down":
            throw PluginError(.unavailable, "the database is down")
        case "error":
            throw PluginError(.internal, "the database answers with an error")
        case "slow":
            try await Task.sleep(for: pause)
            return try await work()
        case "lost":
            _ = try await work()
            throw PluginError(.unavailable, "the connection broke before the answer came")
        case "late":
            // Done at once, told too late. Nobody's cancelling reaches a database that has the request already.
            return try await Task.detached {
                let value = try await work()
                try await Task.sleep(for: pause)
                return value
            }.value
        case "stale":
            // On its way for long, and done when the asker has asked again and gone on.
            return try await Task.detached {
                try await Task.sleep(for: pause)
                return try await work()
            }.value
        default:
            return try await work()
        }
    }

    func put(_ messages: [Message], context: CallContext) async throws {
        try await serve { [sound] in try await sound.put(messages, context: context) }
    }

    func exchange(_ request: ExchangeRequest, context: CallContext) async throws -> ExchangeReply {
        try await serve { [sound] in try await sound.exchange(request, context: context) }
    }

    func owned(by gateway: String, context: CallContext) async throws -> [Message] {
        try await serve { [sound] in try await sound.owned(by: gateway, context: context) }
    }

    func messages(_ query: MessageQuery, context: CallContext) async throws -> [Message] {
        try await serve { [sound] in try await sound.messages(query, context: context) }
    }

    func change(_ change: MessageChange, context: CallContext) async throws -> Bool {
        try await serve { [sound] in try await sound.change(change, context: context) }
    }

    func recordConsent(_ events: [ConsentEvent], context: CallContext) async throws {
        try await serve { [sound] in try await sound.recordConsent(events, context: context) }
    }

    func consent(_ query: ConsentQuery, context: CallContext) async throws -> ConsentPage {
        try await serve { [sound] in try await sound.consent(query, context: context) }
    }

    func health(context: CallContext) async throws -> StorageHealth {
        try await serve { [sound] in try await sound.health(context: context) }
    }
}

/// The one symbol this library exports.
@c @implementation public func conductor_plugin_entry() -> UnsafePointer<conductor_plugin>? {
    exportPlugin(FaultyMessages.self)
}
