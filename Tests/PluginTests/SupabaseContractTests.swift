import PluginKit
import PluginTestKit
import SupabaseStandin
import Testing

@testable import SupabaseStorage

@Suite("Supabase storage keeps the contract", .enabled(if: Standin.isPossible), .timeLimit(.minutes(15)))
struct SupabaseContractTests {
    /// Rules that ask for what the old columns have no place for; what holds instead is below.
    static let needColumns: Set<String> = [
        "a late part amends the text it belongs to", "every field comes back",
        "a foreign row is claimed once, begun once and settled", "consent is recorded once",
        "B10: consent is given back in the order in which it came, page by page", "health says where and how many",
        "a person's rows are erased, in every form of the number, and nobody else's",
        "an outcome changes what it speaks of, and nothing else",
        "a text of unknown fate stays its gateway's, and holds up its number for a while",
        "a put that comes late takes nothing back, unless it tells of a newer attempt",
        "a put that comes late begins no attempt again that has an outcome",
    ]

    @Test("by the functions of the migration", arguments: StorageContract.rules)
    func functions(_ rule: ContractRule<any StorageRig>) async throws {
        let rig = try await SupabaseRig(.migrated)
        try await rule.check(rig)
        await rig.storage.stop()
    }

    @Test(
        "on old tables as they are, as far as their columns go",
        arguments: StorageContract.rules.filter { !needColumns.contains($0.name) })
    func oldTables(_ rule: ContractRule<any StorageRig>) async throws {
        let rig = try await SupabaseRig(.oldTables)
        try await rule.check(rig)
        await rig.storage.stop()
    }

    @Test("no rule is left out that is not there")
    func exceptions() {
        #expect(Self.needColumns.isSubset(of: StorageContract.rules.map(\.name)))
    }

    // MARK: What holds on old tables instead

    @Test("on old tables a late part amends its text, and the old columns come back")
    func oldFields() async throws {
        let rig = try await SupabaseRig(.oldTables)
        var text = Message.inbound("u1", "[…] \u{1F600} \u{20ac}5")
        (text.modemTimestamp, text.modemIndex) = (Timestamp(milliseconds: 1_700_000_000_123), 7)
        try await rig.storage.put([text], context: .init())
        text.content = "Caf\u{e9} \u{1F600} \u{20ac}5"
        for _ in 0..<2 { try await rig.storage.put([text], context: .init()) }
        var rows = try await rig.storage.all()
        #expect(rows.count == 1)
        (rows[0].storageID, rows[0].messageHash) = (nil, nil)
        #expect(rows == [text])
        #expect(try await rig.storage.messages(.init(uid: "u1"), context: .init()).count == 1)
        await rig.storage.stop()
    }

    @Test("on old tables a foreign row is claimed once, begun once and settled")
    func oldSending() async throws {
        let rig = try await SupabaseRig(.oldTables)
        try rig.insertForeign(phone: "(619) 555-0123", content: "hi")
        let row = try #require(try await rig.claim(by: "a/j").first)
        #expect(row.phone == "+16195550123" && row.uid == nil)
        #expect(try await rig.claim(by: "a/j").isEmpty)
        let start = ExchangeRequest.Start(storageID: try #require(row.storageID), uid: "x1")
        for _ in 0..<2 { #expect(try await rig.exchange("a/j", starting: [start]).started == [true]) }
        let owned = try await rig.storage.owned(by: "a/j", context: .init())
        #expect(owned.map(\.uid) == ["x1"] && owned[0].retryCount == 1 && owned[0].deliveryStatus == .sending)
        #expect(try await rig.storage.owned(by: "a/other", context: .init()).isEmpty)
        let done = ExchangeRequest.Outcome(uid: "x1", status: .sent, deliveryStatus: .accepted)
        let delivered = ExchangeRequest.Outcome(uid: "x1", status: .sent, deliveryStatus: .delivered)
        for outcome in [done, done, delivered, done] { _ = try await rig.exchange("a/j", finished: [outcome]) }
        let after = try await rig.storage.all()
        #expect(after.map(\.status) == [.sent] && after[0].deliveryStatus == .delivered)
        #expect(try await rig.storage.messages(.init(deliveryStatus: .delivered), context: .init()).count == 1)
        await rig.storage.stop()
    }

    @Test("on old tables two gateways that should not be there never begin one row both")
    func oldRace() async throws {
        let rig = try await SupabaseRig(.oldTables)
        let other = try SupabaseRig.make(rig.standin, rig.folder, rig.clock, rig.changes, rig.lines)
        try await other.start()
        for number in 0..<20 { try rig.insertForeign(phone: "+16195550\(100 + number)", content: "\(number)") }
        // Both see all of it: claims are in memory.
        let ours = try await rig.claim(by: "a/j", want: 20)
        let request = ExchangeRequest(gateway: "b/j", want: 20, leaseMilliseconds: 10_000, maxAgeMilliseconds: 0)
        let theirs = try await other.exchange(request, context: .init()).claimed
        #expect(ours.count == 20 && theirs.count == 20)
        async let first = rig.exchange(
            "a/j", starting: ours.map { .init(storageID: $0.storageID ?? 0, uid: "a\($0.content)") })
        async let second = other.exchange(
            ExchangeRequest(
                gateway: "b/j", starting: theirs.map { .init(storageID: $0.storageID ?? 0, uid: "b\($0.content)") },
                want: 0,
                leaseMilliseconds: 10_000, maxAgeMilliseconds: 0), context: .init())
        let (here, there) = try await (first.started, second.started)
        #expect(zip(here, there).allSatisfy { $0 != $1 }, "\(here) \(there)")
        #expect(try rig.standin.psql("select distinct retry_count from public.messages") == "1")
        await other.stop()
        await rig.storage.stop()
    }

    @Test("on old tables what is begun stays so for the next life of the gateway")
    func oldRestart() async throws {
        let rig = try await SupabaseRig(.oldTables)
        try rig.insertForeign(phone: "+16195550123", content: "1")
        try rig.insertForeign(phone: "+16195550123", content: "2")
        let id = try #require(try await rig.claim(by: "a/j").first?.storageID)
        _ = try await rig.exchange("a/j", starting: [.init(storageID: id, uid: "x1")])
        await rig.storage.stop()
        let next = try SupabaseRig.make(rig.standin, rig.folder, rig.clock, rig.changes, rig.lines)
        try await next.start()
        #expect(try await next.owned(by: "a/j", context: .init()).map(\.uid) == ["x1"])
        let request = ExchangeRequest(gateway: "a/j", want: 8, leaseMilliseconds: 10_000, maxAgeMilliseconds: 0)
        #expect(try await next.exchange(request, context: .init()).claimed.isEmpty)
        await next.stop()
    }

    @Test("on old tables a text that waits here is put when it has left, so that nobody else sends it")
    func oldWaiting() async throws {
        let rig = try await SupabaseRig(.oldTables)
        var text = Message.inbound("u1", "reply")
        (text.direction, text.status, text.deliveryStatus) = (.outbound, .queued, .sending)
        try await rig.storage.put([text], context: .init())
        #expect(try await rig.storage.all().isEmpty)
        (text.status, text.deliveryStatus) = (.sent, .accepted)
        for _ in 0..<2 { try await rig.storage.put([text], context: .init()) }
        text.deliveryStatus = .delivered
        try await rig.storage.put([text], context: .init())
        let rows = try await rig.storage.all()
        #expect(rows.map(\.status) == [.sent] && rows[0].deliveryStatus == .delivered && rows[0].uid == "u1")
        await rig.storage.stop()
    }

    @Test("on old tables there is no place for consent, and a person's texts are erased")
    func oldConsent() async throws {
        let rig = try await SupabaseRig(.oldTables)
        let event = ConsentEvent(uid: "c1", phone: "+16195550123", action: .out, at: rig.clock.now, source: "sms")
        let error = await #expect(throws: PluginError.self) {
            try await rig.storage.recordConsent([event], context: .init())
        }
        #expect(error?.code == .unsupported)
        #expect(try await rig.consent() == nil)
        try await rig.storage.put(
            [.inbound("u1", "mine"), .inbound("u2", "x", phone: "+16195550199")], context: .init())
        try rig.insertForeign(phone: "619.555.0123", content: "queued")
        #expect(try await rig.storage.contact("+16195550123", context: .init()).texts == 2)
        let request = ErasureRequest(phone: "+16195550123", before: Timestamp(milliseconds: 4_000_000_000_000))
        #expect(try await rig.storage.erase(request, context: .init()).texts == 2)
        #expect(try await rig.storage.all().map(\.content) == ["x"])
        #expect(try await rig.storage.health(context: .init()).rows == 1)
        await rig.storage.stop()
    }

    @Test("decision 7: connecting to old tables with old rows writes nothing")
    func firstContact() async throws {
        let rig = try await SupabaseRig(.oldTables)
        try rig.standin.psql(
            """
            insert into public.messages (phone_number, content, status, direction, "timestamp", created_at)
            select '+16195550100', 'old ' || i, case when i > 500 then 'unread' else 'queued' end,
                case when i > 500 then 'inbound' else 'outbound' end, now() - interval '3 days', now() - interval '3 days'
            from generate_series(1, 700) i
            """)
        func fingerprint() throws -> String {
            try rig.standin.psql("select md5(string_agg(m::text, '' order by id)), count(*) from public.messages m")
        }
        let before = try fingerprint()
        _ = try await rig.storage.health(context: .init())
        _ = try await rig.storage.owned(by: "a/j", context: .init())
        for _ in 0..<3 { #expect(try await rig.claim(by: "a/j", want: 64, maxAge: 3_600_000).isEmpty) }
        #expect(try fingerprint() == before)
        let held = try await rig.storage.messages(.init(deliveryStatus: .held, limit: 1_000), context: .init())
        #expect(held.count == 500 && held[0].errorCode == "too-old")
        try rig.insertForeign(phone: "+16195550100", content: "new")
        #expect(try await rig.claim(by: "a/j", maxAge: 3_600_000).map(\.content) == ["new"])
        await rig.storage.stop()
    }
}
