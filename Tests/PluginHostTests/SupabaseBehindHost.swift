import Foundation
import PluginKit
import PluginTestKit
import SupabaseStandin
import Testing

@testable import PluginHost

/// The Supabase storage as built, behind a host, over a project with the migration.
struct SupabaseBehindHost: StorageRig {
    let storage: Hosted
    let clock: TestClock
    private let standin: Standin

    init(_ isolation: String, _ adjust: (inout PluginHost.Configuration) -> Void) async throws {
        let standin = try Standin.shared()
        try standin.reset(to: .migrated)
        self.standin = standin
        let workshop = try Workshop()
        // A worker has a user of its own, who must read it.
        let folder = try workshop.open("secret")
        try standin.serviceKey.write(toFile: folder + "/key", atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: folder + "/key")
        try workshop.write(
            "20-supabase.yaml",
            """
            plugin: supabase
            isolation: \(isolation)
            grants: [log, clock, storage_events, kv, network, {files: {read: [\(folder)]}}]
            settings: {url: "\(standin.url)", key_file: \(folder)/key}

            """)
        storage = Hosted(workshop, adjust)
        clock = TestClock { milliseconds in
            do {
                try standin.psql(
                    "update private.test_clock set ahead = ahead + interval '\(milliseconds) milliseconds'")
            } catch {
                Issue.record(error)
            }
        }
        try await storage.start()
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
        try standin.psql("update public.messages set sim = '\(sim)' where content = '\(content)'")
        return true
    }
}
