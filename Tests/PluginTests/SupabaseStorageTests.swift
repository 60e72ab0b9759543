import Foundation
import PluginKit
import PluginTestKit
import SupabaseStandin
import Testing

@testable import SupabaseStorage

@Suite("Supabase storage", .enabled(if: Standin.isPossible), .timeLimit(.minutes(5)))
struct SupabaseStorageTests {
    // MARK: Keys

    @Test("every kind of key that may do it does", arguments: ["service", "secret", "token", "token and lock-down"])
    func keys(_ kind: String) async throws {
        let standin = try Standin.shared()
        let contents = kind.hasSuffix("lock-down") ? Standin.Contents.lockedDown : .migrated
        let token = try standin.mint(#"{"role": "gateway", "gateway_id": "a"}"#)
        let rig: SupabaseRig =
            switch kind {
            case "service": try await SupabaseRig(contents)
            case "secret": try await SupabaseRig(contents, key: standin.secretKey)
            default: try await SupabaseRig(contents, key: standin.publishableKey, token: token)
            }
        // Before anybody said which gateway it is: the token does.
        try await rig.storage.put([.inbound("u1", "hello")], context: .init())
        try rig.insertForeign(phone: "+16195550123", content: "hi")
        let row = try #require(try await rig.claim(by: "a/journal").first)
        let begun = try await rig.exchange("a/journal", starting: [.init(storageID: row.storageID ?? 0, uid: "u2")])
        #expect(begun.started == [true])
        #expect(try await rig.storage.all().map(\.uid) == ["u1", "u2"])
        if kind.hasPrefix("token") {
            let error = await #expect(throws: PluginError.self) { try await rig.claim(by: "b/journal") }
            #expect(error?.code == .invalid && error?.message.contains("42501") == true, "\(error?.message ?? "")")
        }
        let before = rig.changes.value
        try rig.insertForeign(phone: "+16195550124", content: "hi")
        #expect(await rig.changes.reaches(before + 1))
        await rig.storage.stop()
    }

    @Test("a key that may not is refused in words that say what to do")
    func refusedKeys() async throws {
        let standin = try Standin.shared()
        let expired = try standin.mint(#"{"role": "gateway", "gateway_id": "a"}"#, lifetime: -100)
        let stranger = try standin.mint(#"{"role": "nobody", "gateway_id": "a"}"#)
        for (key, token, words) in [
            (standin.anonKey, nil, "public one"), ("sb_secret_wrong", nil, "does not know the key"),
            (standin.publishableKey, expired, "expired"), (standin.publishableKey, stranger, "a role"),
            (standin.publishableKey, String(expired.dropLast(4)) + "AAAA", "not signed"),
        ] {
            let rig = try await SupabaseRig(.migrated, key: key, token: token)
            let error = await #expect(throws: PluginError.self) { try await rig.storage.health(context: .init()) }
            #expect(error?.code == .invalid && error?.message.contains(words) == true, "\(error?.message ?? "")")
            await rig.storage.stop()
        }
    }

    @Test("no key, no number and no text is in an error or the log, whatever the server says")
    func secrets() async throws {
        let standin = try Standin.shared()
        let token = try standin.mint(#"{"role": "gateway", "gateway_id": "a"}"#)
        let rig = try await SupabaseRig(
            .migrated, key: standin.publishableKey, token: token, settings: #""longest_pause_ms": 1000"#)
        let secret = "meet me at noon"
        let leak =
            #"{"code":"23502","details":"Failing row contains (+16195550123, \#(secret)).","#
            + #""hint":"\#(standin.publishableKey) \#(token)","message":"\#(secret)"}"#
        let page = "<html>\(secret) +16195550123 \(token)</html>"
        var seen = ""
        for status in [400, 401, 403, 404, 409, 500, 502, 503, 540, 200] {
            for body in [leak, page, String(leak.prefix(60))] {
                let fault = Leak(status: status, body: body)
                try rig.standin.control("POST", "faults", String(decoding: JSONEncoder().encode(fault), as: UTF8.self))
                do {
                    try await rig.storage.put([.inbound("u1", secret)], context: .init())
                } catch {
                    seen += "\(error) \(String(reflecting: error))\n"
                }
                try rig.standin.control("DELETE", "faults")
                try await rig.untilItWorks { try await rig.storage.health(context: .init()) }
            }
        }
        seen += rig.lines.text
        #expect(seen.contains("23502"))
        for word in [secret, "6195550123", standin.publishableKey, token, "eyJ"] {
            #expect(!seen.contains(word), "\(word) in: \(seen.prefix(2_000))")
        }
        await rig.storage.stop()
    }

    private struct Leak: Encodable {
        var status: Int
        var body: String
        var path = "rest/v1"
        var next = 2
    }

    @Test("a server whose certificate nobody vouches for gets no key; the one that ca_file vouches for does")
    func certificates() async throws {
        let standin = try Standin.overTLS()
        try standin.reset(to: .migrated)
        let (folder, clock, changes, lines) = (Folder(), TestClock(), Counter(), SupabaseRig.Lines())
        let distrusting = try SupabaseRig.make(standin, folder, clock, changes, lines)
        try await distrusting.start()
        let error = await #expect(throws: PluginError.self) { try await distrusting.health(context: .init()) }
        #expect(error?.code == .unavailable && error?.message.contains("ca_file") == true, "\(error?.message ?? "")")
        #expect(try standin.requests() == 0)
        await distrusting.stop()
        let authority = try #require(standin.certificate)
        let trusting = try SupabaseRig.make(
            standin, folder, clock, changes, lines, settings: #""ca_file": "\#(authority)""#)
        try await trusting.start()
        try await trusting.put([.inbound("u1", "hello")], context: .init())
        #expect(try await trusting.health(context: .init()).rows == 1)
        await trusting.stop()
    }

    // MARK: Looking

    @Test(
        "a foreign row is told within two seconds, and looking costs forty requests a minute",
        arguments: [Standin.Contents.migrated, .oldTables])
    func looking(_ contents: Standin.Contents) async throws {
        let rig = try await SupabaseRig(contents)
        _ = try await rig.storage.health(context: .init())
        var waits: [Duration] = []
        for number in 0..<6 {
            let before = rig.changes.value
            let start = ContinuousClock.now
            try rig.insertForeign(phone: "+1619555010\(number)", content: "hi")
            #expect(await rig.changes.reaches(before + 1))
            waits.append(ContinuousClock.now - start)
        }
        #expect(waits.sorted()[4] < .seconds(2), "\(waits)")
        await rig.storage.stop()
    }

    @Test("looking costs what the settings say")
    func idleRequests() async throws {
        let rig = try await SupabaseRig(.migrated, settings: #""idle_poll_ms": 200, "busy_poll_ms": 200"#)
        _ = try await rig.storage.health(context: .init())
        try rig.standin.control("DELETE", "counters")
        let end = ContinuousClock.now + .seconds(2)
        while ContinuousClock.now < end { await Task.yield() }
        // 300 a minute.
        #expect((1...11).contains(try rig.standin.requests()))
        #expect(rig.lines.text.contains("300 requests a minute"))
        await rig.storage.stop()
    }

    @Test("consent that another program appends is told")
    func consent() async throws {
        let rig = try await SupabaseRig(.migrated)
        _ = try await rig.storage.health(context: .init())
        // The first look is over.
        try rig.insertForeign(phone: "+16195550100", content: "hi")
        #expect(await rig.changes.reaches(1))
        try rig.standin.psql("insert into public.optouts (phone_number) values ('(619) 555-0101')")
        #expect(await rig.changes.reaches(2))
        let page = try #require(try await rig.consent())
        #expect(page.events.map(\.phone) == ["+16195550101"] && page.events.map(\.action) == [.out])
        await rig.storage.stop()
    }

    // MARK: Many rows

    @Test(
        "D4: lists go past the thousand rows at which the server cuts",
        arguments: [Standin.Contents.migrated, .oldTables])
    func manyRows(_ contents: Standin.Contents) async throws {
        let rig = try await SupabaseRig(contents)
        try rig.standin.psql(
            """
            insert into public.messages (phone_number, content, status, direction)
            select case when i % 2 = 0 then '(619) 555-0101' else '+16195550102' end, 'text ' || i, 'unread', 'inbound'
            from generate_series(1, 2501) i
            """)
        for (phone, count) in [(nil, 2_501), ("+16195550101", 1_250)] {
            var query = MessageQuery(phone: phone, limit: 1_000)
            var seen: [Int64] = []
            while case let page = try await rig.storage.messages(query, context: .init()), !page.isEmpty {
                seen += page.compactMap(\.storageID)
                query.cursor = seen.last
            }
            #expect(seen.count == count && seen == seen.sorted(by: >))
        }
        await rig.storage.stop()
    }

    // MARK: Before and after the migration

    @Test("the migration is found while the gateway runs, and what was being sent stays its gateway's")
    func migration() async throws {
        let rig = try await SupabaseRig(.oldTables)
        for number in 1...3 { try rig.insertForeign(phone: "+1619555010\(number)", content: "\(number)") }
        try await rig.storage.put([.inbound("in1", "hello")], context: .init())
        let rows = try await rig.claim(by: "a/j")
        _ = try await rig.exchange("a/j", starting: [.init(storageID: rows[0].storageID ?? 0, uid: "u1")])
        let refused = ExchangeRequest.Outcome(
            uid: nil, storageID: rows[1].storageID, status: .failed, deliveryStatus: .refused,
            errorCode: "invalid-number")
        _ = try await rig.exchange("a/j", finished: [refused])
        #expect(try await rig.storage.health(context: .init()).location.contains("old tables: this gateway only"))

        // Half of it is none: what is being sent would look free.
        for step in 1...7 { try rig.standin.apply(step) }
        try rig.standin.control("POST", "schema", #"{"reload": true}"#)
        #expect(try await rig.storage.health(context: .init()).location.contains("old tables"))
        #expect(try await rig.storage.owned(by: "a/j", context: .init()).map(\.uid) == ["u1"])
        let newcomer = try SupabaseRig.make(rig.standin, rig.folder, rig.clock, rig.changes, rig.lines)
        try await newcomer.start()
        let error = await #expect(throws: PluginError.self) { try await newcomer.all() }
        #expect(error?.message.contains("not finished") == true, "\(error?.message ?? "")")
        await newcomer.stop()

        for step in 8...99 { try rig.standin.apply(step) }
        // PostgREST hears of it a moment later.
        try await rig.untilItWorks {
            let location = try await rig.storage.health(context: .init()).location
            if location.contains("old tables") { throw PluginError(.unavailable, "", retryAfterMilliseconds: 50) }
        }
        #expect(try await rig.storage.owned(by: "a/j", context: .init()).map(\.uid) == ["u1"])
        #expect(try await rig.claim(by: "b/j").map(\.content) == ["3"])
        try await rig.storage.put([.inbound("in1", "hello, all of it")], context: .init())
        let all = try await rig.storage.all()
        #expect(all.map(\.content) == ["1", "2", "3", "hello, all of it"])
        #expect(all[1].errorCode == "invalid-number" && all[1].deliveryStatus == .refused)
        let done = ExchangeRequest.Outcome(uid: "u1", status: .sent, deliveryStatus: .accepted, parts: 1)
        _ = try await rig.exchange("a/j", finished: [done])
        #expect(try await rig.storage.owned(by: "a/j", context: .init()).isEmpty)
        #expect(try await rig.storage.all()[0].status == .sent)
        await rig.storage.stop()
    }

    @Test("what the tables take is told, and the share of a quota is known", arguments: [true, false])
    func sizes(isMigrated: Bool) async throws {
        let rig = try await SupabaseRig(isMigrated ? .migrated : .oldTables, settings: #""quota": "500MB""#)
        #expect(try await rig.storage.health(context: .init()).quotaBytes == 500_000_000)
        guard isMigrated else {
            let error = await #expect(throws: PluginError.self) { try await rig.storage.sizes(context: .init()) }
            #expect(error?.code == .unsupported && error?.message.contains("storage migrate") == true)
            return await rig.storage.stop()
        }
        try await rig.storage.put((0..<300).map { .inbound("u\($0)", "hello \($0)") }, context: .init())
        try rig.standin.psql("analyze public.messages")
        let tables = try await rig.storage.sizes(context: .init())
        let messages = try #require(tables.first { $0.name == "messages" })
        #expect(messages.rows == 300 && messages.bytes ?? 0 > 300 * 20)
        #expect(tables.contains { $0.name == "optouts" })
        await rig.storage.stop()
    }

    @Test("functions that are gone are no old table: rows that are being sent would look free")
    func functionsGone() async throws {
        let rig = try await SupabaseRig(.migrated)
        try rig.standin.psql("drop function public.conductor_health(jsonb), public.conductor_exchange(jsonb)")
        try rig.standin.control("POST", "schema", #"{"reload": true}"#)
        let error = await #expect(throws: PluginError.self) { try await rig.claim(by: "a/j") }
        #expect(error?.code == .unavailable && error?.message.contains("storage migrate") == true)
        await rig.storage.stop()
    }

    @Test("a project without the table is told as such")
    func noTable() async throws {
        let rig = try await SupabaseRig(.oldTables)
        try rig.standin.psql("drop table public.messages")
        try rig.standin.control("POST", "schema", #"{"reload": true}"#)
        let error = await #expect(throws: PluginError.self) { try await rig.storage.all() }
        #expect(error?.message.contains("storage migrate") == true, "\(error?.message ?? "")")
        await rig.storage.stop()
    }
}
