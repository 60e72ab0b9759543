import Foundation
import PluginKit
import PluginTestKit
import SupabaseStandin
import Testing

@testable import SupabaseStorage

/// As Supabase itself is reached: HTTP/2 over TLS.
@Suite("Supabase over HTTP/2", .enabled(if: HTTP2Front.isPossible), .serialized, .timeLimit(.minutes(5)))
struct SupabaseHTTP2Tests {
    /// One for all of these tests; it ends with this process.
    private static let front = Result { try HTTP2Front(Standin.shared()) }

    private struct Rig {
        let standin: Standin
        let front: HTTP2Front
        let folder = Folder()
        let lines = SupabaseRig.Lines()

        init() throws {
            standin = try Standin.shared()
            try standin.reset(to: .migrated)
            front = try SupabaseHTTP2Tests.front.get()
            try front.reset()
        }

        /// Looks for new rows only when it is asked to, so that the figures are the tests' own.
        func plugin(_ url: String, authority: String? = nil, settings: String = "") async throws -> SupabaseMessages {
            let quiet = #""idle_poll_ms": 600000, "busy_poll_ms": 600000, "longest_pause_ms": 1000"#
            let storage = try SupabaseRig.make(
                standin, folder, TestClock(), Counter(), lines, url: url,
                settings: #""ca_file": "\#(authority ?? front.authority)", \#(quiet)\#(settings)"#)
            try await storage.start()
            return storage
        }

        /// A put that is tried again for as long as it is said to be worth it.
        func put(_ texts: [Message], _ storage: SupabaseMessages) async throws {
            for _ in 0..<100 {
                do {
                    return try await storage.put(texts, context: .init())
                } catch let error as PluginError where error.code == .unavailable {
                    try await Task.sleep(for: .milliseconds(error.retryAfterMilliseconds ?? 20))
                }
            }
            Issue.record("a hundred puts failed")
        }

        func count() throws -> String { try standin.psql("select count(*), count(distinct uid) from public.messages") }
    }

    private static func texts(_ count: Int, _ name: String, size: Int = 10) -> [Message] {
        (0..<count).map { .inbound("\(name)-\($0)", String(repeating: "t", count: size)) }
    }

    @Test("one connection bears all requests at once where HTTP/2 is offered")
    func multiplexing() async throws {
        let rig = try Rig()
        let storage = try await rig.plugin(rig.front.good)
        _ = try await storage.health(context: .init())
        let before = try rig.front.figures()
        try rig.front.harm("slow", path: "conductor_put", next: 12)
        try await withThrowingTaskGroup { group in
            for number in 0..<12 {
                group.addTask { try await storage.put(Self.texts(5, "u\(number)"), context: .init()) }
            }
            try await group.waitForAll()
        }
        let figures = try rig.front.figures()
        // And whatever else the plugin asks by itself meanwhile.
        #expect(figures.plain == 0 && figures.h2 >= before.h2 + 12)
        #expect(figures.connections == before.connections && before.connections == 1)
        #expect(figures.together > 1)
        #expect(try rig.count() == "60|60")
        await storage.stop()
    }

    @Test("many that begin at once wait for the one connection that they can share")
    func manyAtOnce() async throws {
        let rig = try Rig()
        let storage = try await rig.plugin(rig.front.good)
        try await withThrowingTaskGroup { group in
            for number in 0..<12 {
                group.addTask { try await storage.put(Self.texts(1, "u\(number)"), context: .init()) }
            }
            try await group.waitForAll()
        }
        #expect(try rig.front.figures().connections == 1)
        await storage.stop()
    }

    @Test("where it is not offered, HTTP/1.1 does as well")
    func fallback() async throws {
        let rig = try Rig()
        let storage = try await rig.plugin(rig.front.plain)
        try await withThrowingTaskGroup { group in
            for number in 0..<4 {
                group.addTask { try await storage.put(Self.texts(5, "u\(number)"), context: .init()) }
            }
            try await group.waitForAll()
        }
        #expect(try await storage.health(context: .init()).rows == 20)
        let figures = try rig.front.figures()
        #expect(figures.h2 == 0 && figures.plain >= 5)
        await storage.stop()
    }

    @Test(
        "a certificate that is not right gets no key, and what is wrong with it is said",
        arguments: ["stranger", "elsewhere", "expired"])
    func certificates(_ fault: String) async throws {
        let rig = try Rig()
        let (url, authority, words) =
            switch fault {
            case "stranger": (rig.front.good, rig.front.stranger, "nobody that this machine trusts")
            case "elsewhere": (rig.front.elsewhere, rig.front.authority, "it is for another host")
            default: (rig.front.expired, rig.front.authority, "it has expired")
            }
        let storage = try await rig.plugin(url, authority: authority)
        let error = await #expect(throws: PluginError.self) {
            try await storage.put(Self.texts(1, "u"), context: .init())
        }
        #expect(error?.code == .unavailable && error?.message.contains(words) == true, "\(error?.message ?? "")")
        let figures = try rig.front.figures()
        #expect(figures.h2 == 0 && figures.plain == 0)
        #expect(try rig.count() == "0|0")
        await storage.stop()
    }

    @Test("requests that are ended on their way are lost by nobody, and done twice by nobody")
    func ended() async throws {
        let rig = try Rig()
        let storage = try await rig.plugin(rig.front.good)
        try await rig.put(Self.texts(1, "first"), storage)
        var count = 1
        for kind in [
            "refuse", "reset_before", "reset_early", "reset_after", "cut", "goaway_before", "goaway_early",
            "goaway_after",
            "goaway_with", "close_after",
        ] {
            try rig.front.harm(kind, path: "conductor_put")
            // Each more than a window of HTTP/2, so that it is ended in the middle.
            try await withThrowingTaskGroup { group in
                for name in ["a", "b"] {
                    group.addTask { try await rig.put(Self.texts(24, "\(kind)-\(name)", size: 3_000), storage) }
                }
                try await group.waitForAll()
            }
            count += 48
            #expect(try rig.count() == "\(count)|\(count)", "\(kind)")
        }
        let figures = try rig.front.figures()
        #expect(figures.plain == 0 && figures.h2 >= 28)
        await storage.stop()
    }

    @Test(
        "what may not be asked twice is not, and what may have been done is not said to be undone",
        arguments: ["reset_after", "goaway_after", "goaway_before", "refuse", "close_after"])
    func changes(_ kind: String) async throws {
        let rig = try Rig()
        let storage = try await rig.plugin(rig.front.good)
        try rig.standin.psql(
            "insert into public.messages (phone_number, content, status, direction) "
                + "values ('+16195550101', 'hi', 'queued', 'outbound')")
        let id = try #require(try await storage.messages(MessageQuery(), context: .init()).first?.storageID)
        try rig.front.harm(kind, path: "conductor_change")
        let change = MessageChange(storageID: id, kind: .cancel)
        let said = try? await storage.change(change, context: .init())
        #expect(said != false)
        let status = try rig.standin.psql("select status from public.messages")
        #expect(said == true ? status == "failed" : ["failed", "queued"].contains(status), "\(status)")
        await storage.stop()
    }

    @Test("a connection that answers nothing any more is not used again")
    func frozen() async throws {
        let rig = try Rig()
        let storage = try await rig.plugin(rig.front.good, settings: #", "timeout_ms": 2100"#)
        try await rig.put(Self.texts(1, "first"), storage)
        try rig.front.harm("freeze", path: "conductor_put")
        let start = ContinuousClock.now
        try await rig.put(Self.texts(1, "second"), storage)
        try await rig.put(Self.texts(1, "third"), storage)
        #expect(ContinuousClock.now - start < .seconds(6))
        #expect(try rig.count() == "3|3")
        #expect(try rig.front.figures().connections == 2)
        await storage.stop()
    }
}
