import Foundation
import PluginHost
import SupabaseStandin
import Testing

@testable import conductor

/// C1: what anybody may read is found with the public key, on a real PostgreSQL with real roles.
@Suite(.enabled(if: Standin.isPossible), .timeLimit(.minutes(5))) struct PublicReachTests {
    private static func reach(_ settings: String, files: [String: String]) async throws -> [PublicReach] {
        let folder = Scratch.folder()
        defer { Scratch.remove(folder) }
        for (name, text) in files { try text.write(toFile: "\(folder)/\(name)", atomically: false, encoding: .utf8) }
        try "plugin: supabase\nsettings: {\(settings)}\n".write(
            toFile: folder + "/20-supabase.yaml", atomically: false, encoding: .utf8)
        return await PublicReach.of(
            DropInSummary.all(in: folder, searchPath: BundledPlugins.folders), stateFolder: folder)
    }

    @Test("an open project is found, whatever kind of public key; after the lock-down it is not")
    func openAndLocked() async throws {
        let standin = try Standin.shared()
        let settings = "url: '\(standin.url)/', key_file: key, anon_key_file: anon"
        for contents in [Standin.Contents.migrated, .lockedDown] {
            try standin.reset(to: contents)
            try standin.psql(
                """
                insert into public.messages (phone_number, content, status, direction)
                    values ('+16195550123', 'hello', 'read', 'inbound');
                insert into public.customers (name) values ('Zoe');
                """)
            for anon in [standin.anonKey, standin.publishableKey] {
                let found = try await Self.reach(settings, files: ["key": standin.serviceKey, "anon": anon + "\n"])
                #expect(found.count == 1 && found[0].problem == nil, "\(found)")
                let open = contents == .migrated ? ["messages", "customers"] : []
                #expect(found.first?.open == open, "\(contents): \(found)")
            }
        }
    }

    @Test("without that key nothing is asked; a secret one, none, and a project that is away are told")
    func problems() async throws {
        let standin = try Standin.shared()
        let url = "url: '\(standin.url)'"
        #expect(try await Self.reach("\(url), key_file: key", files: [:]).isEmpty)
        for (settings, files, words) in [
            ("\(url), key_file: key, anon_key_file: anon", ["anon": standin.serviceKey], "may do everything"),
            ("\(url), key_file: key, anon_key_file: anon", ["anon": standin.secretKey], "may do everything"),
            ("\(url), key_file: key, anon_key_file: anon", [:], "cannot be read"),
            (
                "url: 'http://127.0.0.1:9', key_file: key, anon_key_file: anon", ["anon": standin.anonKey], "connect"
            ),
        ] {
            let found = try await Self.reach(settings, files: files)
            #expect(found.count == 1 && found[0].open.isEmpty)
            let problem = try #require(found[0].problem)
            #expect(problem.contains(words) && !problem.contains("eyJ") && !problem.contains("sb_"), "\(problem)")
        }
    }
}
