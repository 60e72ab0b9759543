import Foundation
import PluginKit
import PluginTestKit
import SupabaseStandin
import Synchronization

@testable import SupabaseStorage

/// Supabase storage in this process, over a project of its own.
struct SupabaseRig: StorageRig {
    let folder = Folder()
    let clock: TestClock
    let changes = Counter()
    let lines = Lines()
    let standin: Standin
    let contents: Standin.Contents
    let storage: SupabaseMessages

    /// What was logged.
    final class Lines: Sendable {
        private let all = Mutex<[String]>([])
        var text: String { all.withLock { $0.joined(separator: "\n") } }
        func add(_ line: String) { all.withLock { $0.append(line) } }
    }

    /// - Parameters:
    ///   - key: nil is the service key.
    ///   - settings: more of them, as JSON members.
    ///   - settle: see `OldTable`.
    init(
        _ contents: Standin.Contents, key: String? = nil, token: String? = nil, settings: String = "",
        settle: Int64 = 500
    ) async throws {
        let standin = try Standin.shared()
        try standin.reset(to: contents)
        self.standin = standin
        self.contents = contents
        clock = TestClock { milliseconds in
            guard contents != .oldTables else { return }
            _ = try? standin.psql(
                "update private.test_clock set ahead = ahead + interval '\(milliseconds) milliseconds'")
        }
        storage = try Self.make(
            standin, folder, clock, changes, lines, key: key, token: token, settings: settings, settle: settle)
        try await storage.start()
    }

    static func make(
        _ standin: Standin, _ folder: Folder, _ clock: TestClock, _ changes: Counter, _ lines: Lines,
        url: String? = nil, key: String? = nil, token: String? = nil, settings: String = "", settle: Int64 = 500
    ) throws -> SupabaseMessages {
        try write(key ?? standin.serviceKey, folder.file("key"))
        var members = #""url": "\#(url ?? standin.url)", "key_file": "key""#
        if let token {
            try write(token, folder.file("token"))
            members += #", "gateway_token_file": "token""#
        }
        if !settings.isEmpty { members += ", " + settings }
        var services = ServiceFunctions()
        let values = Values()
        services.value = { key in values.all.withLock { $0[key] } }
        services.setValue = { entry in values.all.withLock { $0[entry.key] = entry.value } }
        let host = PluginKit.Host(
            baseFolder: folder.path, log: { lines.add("\($0): \($1)") },
            now: { [weak clock] in clock?.now ?? HostFunctions.timeOfDay }, storageChanged: { changes.add() },
            services: services)
        return try SupabaseMessages(
            host: host, settings: Settings(json: "{\(members)}"), settleMilliseconds: settle)
    }

    private final class Values: Sendable { let all = Mutex<[String: [UInt8]]>([:]) }

    private static func write(_ secret: String, _ path: String) throws {
        try Data((secret + "\n").utf8).write(to: URL(fileURLWithPath: path))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
    }

    func insertForeign(phone: String?, content: String?) throws {
        func literal(_ text: String?) -> String { text.map { "'\($0)'" } ?? "null" }
        try standin.psql(
            """
            insert into public.messages (phone_number, content, status, direction)
            values (\(literal(phone)), \(literal(content)), 'queued', 'outbound')
            """)
    }

    func runForeign(_ sql: String) throws -> Bool {
        try standin.psql(sql)
        return true
    }

    func name(sim: String, in content: String) throws -> Bool {
        guard contents != .oldTables else { return false }
        try standin.psql("update public.messages set sim = '\(sim)' where content = '\(content)'")
        return true
    }
}
