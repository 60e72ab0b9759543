import Foundation
import Glibc
import PluginKit
import Testing

@testable import SupabaseStorage

@Suite("Supabase: settings and secrets")
struct SupabaseSettingsTests {
    private static func problem(_ json: String) -> String {
        do {
            _ = try SupabaseMessages(host: PluginKit.Host(), settings: Settings(json: json))
            return ""
        } catch {
            return (error as? PluginError)?.message ?? "\(error)"
        }
    }

    private static let url = #""url": "https://abc.supabase.co""#

    @Test(
        "a key in the drop-in is refused in words, and not repeated",
        arguments: ["key", "apikey", "service_key", "anon_key", "supabase_key", "gateway_token"])
    func inlineKey(_ name: String) {
        let problem = Self.problem(#"{\#(Self.url), "\#(name)": "sb_secret_abcdef"}"#)
        #expect(problem.hasPrefix("settings.\(name): a key does not belong into a drop-in"), "\(problem)")
        #expect(!problem.contains("abcdef"))
    }

    @Test(
        "a key in the place of a file's name is refused, too",
        arguments: ["key_file", "key_env", "gateway_token_file", "anon_key_file"])
    func keyAsFile(_ name: String) {
        let key = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJyb2xlIjoic2VydmljZV9yb2xlIn0.abcdef"
        let more = name.hasSuffix("token_file") || name.hasPrefix("anon") ? #", "key_file": "k""# : ""
        let problem = Self.problem(#"{\#(Self.url), "\#(name)": "\#(key)"\#(more)}"#)
        #expect(problem.hasPrefix("settings.\(name): a key does not belong"), "\(problem)")
        #expect(!problem.contains("abcdef"))
    }

    @Test("a key that is known by nothing but its being random is refused there, too")
    func randomKeyAsFile() {
        let problem = Self.problem(#"{\#(Self.url), "key_file": "c0ffee00c0ffee00c0ffee00c0ffee00"}"#)
        #expect(problem.hasPrefix("settings.key_file: a key does not belong") && !problem.contains("c0ffee"))
    }

    @Test(
        "what is wrong is named",
        arguments: [
            (#"{"key_file": "k"}"#, "\"url\" is missing"), (#"{"url": "https://a.b"}"#, "settings.key_file"),
            (#"{"url": "https://a.b", "key_file": "k", "key_env": "K"}"#, "settings.key_env"),
            (#"{"url": "http://a.b", "key_file": "k"}"#, "everybody on the way"),
            (#"{"url": "a.supabase.co", "key_file": "k"}"#, "neither https"),
            (#"{"url": "https://u:p@a.b", "key_file": "k"}"#, "a user"),
            (#"{"url": "https:///x", "key_file": "k"}"#, "no host"),
            (#"{"url": "https://a.b", "key_file": "k", "idle_poll_ms": 1}"#, "within 200 and 600000"),
            (#"{"url": "https://a.b", "key_file": "k", "batch": 5000}"#, "within 1 and 1000"),
            (
                #"{"url": "https://a.b", "key_file": "k", "quota": "much"}"#,
                "settings.quota: must be an amount of bytes"
            ),
            (#"{"url": "https://a.b", "key_file": "k", "keyfile": "k"}"#, "did you mean"),
        ])
    func wrong(json: String, words: String) {
        let problem = Self.problem(json)
        #expect(problem.contains(words), "\(problem)")
    }

    @Test(
        "the url may be copied with more of it",
        arguments: ["https://a.co", "https://a.co/", "https://a.co/rest/v1", "https://a.co/rest/v1/"])
    func urls(_ url: String) throws {
        let settings = try Settings(json: #"{"url": "\#(url)", "key_file": "k"}"#).decode(SupabaseSettings.self)
        #expect(settings.url == "https://a.co")
        #expect(settings.idleRequestsPerMinute == 40)
    }

    @Test("a key file that cannot be used is named, and nothing of it is repeated")
    func keyFile() async throws {
        let folder = Folder()
        let path = folder.file("key")
        let host = PluginKit.Host(baseFolder: folder.path)
        func problem() async throws -> String {
            let plugin = try SupabaseMessages(
                host: host, settings: Settings(json: #"{\#(Self.url), "key_file": "key"}"#))
            let error = await #expect(throws: PluginError.self) { try await plugin.start() }
            return error?.message ?? ""
        }
        #expect(try await problem() == "settings.key_file: \(path) cannot be read (No such file or directory)")
        mkdir(path, 0o700)
        #expect(try await problem() == "settings.key_file: \(path) is a folder: name the file in it")
        rmdir(path)
        for (content, words) in [
            ("\n", "is empty"), ("my sb_secret_abc", "more than a key"), ("sb_publishable_a", "alone"),
        ] {
            try Data(content.utf8).write(to: URL(fileURLWithPath: path))
            let message = try await problem()
            #expect(message.contains(words) && !message.contains("sb_secret_abc"), "\(message)")
        }
    }

    @Test("a key that others may read is told")
    func openKeyFile() throws {
        let folder = Folder()
        let lines = SupabaseRig.Lines()
        let path = folder.file("key")
        try Data("\u{FEFF}sb_secret_abc\r\n".utf8).write(to: URL(fileURLWithPath: path))
        for (mode, isTold) in [(0o600, false), (0o644, true)] {
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
            let host = PluginKit.Host(baseFolder: folder.path, log: { lines.add("\($0): \($1)") })
            #expect(try SecretPlace.file("key").read(host: host) == "sb_secret_abc")
            #expect(lines.text.contains("chmod 600 \(path)") == isTold)
        }
        #expect(!lines.text.contains("sb_secret_abc"))
    }
}
