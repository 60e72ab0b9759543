import PluginKit
import PluginTestKit
import SupabaseStandin
import Testing

@testable import SupabaseStorage

/// With everything that may go wrong between here and the project, nothing is lost and nothing is there twice.
@Suite("Supabase with faults", .enabled(if: Standin.isPossible), .timeLimit(.minutes(10)))
struct SupabaseFaultTests {
    /// Some things that go wrong by turns, in three requests of ten.
    struct Faults: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let members: [String]

        init(_ name: String, _ members: [String]) {
            testDescription = name
            self.members = members
        }

        var json: String {
            let chance = 0.3 / Double(members.count)
            return "[{\"seed\": 7}, "
                + members.map { #"{"path": "rest/v1", "probability": \#(chance), \#($0)}"# }.joined(separator: ", ")
                + "]"
        }
    }

    static let faults: [Faults] = [
        .init(
            "errors",
            [401, 402, 404, 409, 429, 500, 502, 503, 504, 520, 522, 540, 544].map { #""status": \#($0)"# }),
        .init(
            "errors though the work is done",
            [502, 504, 520, 544].map { #""status": \#($0), "done": true"# } + [
                #""status": 502, "done": true, "html": true"#
            ]),
        .init(
            "answers that are none",
            [
                #""status": 200, "html": true"#, #""kind": "empty""#, #""kind": "empty", "done": true"#,
                #""kind": "cut""#,
            ]),
        .init("resets", [#""kind": "reset_before""#, #""kind": "reset_after""#]),
        .init("no answer", [#""kind": "hang""#]),
        .init(
            "answers that come too late",
            [#""kind": "late_answer", "seconds": 0.9"#, #""kind": "trickle", "seconds": 0.2"#]),
        .init(
            "work that is done too late", [#""kind": "late_work", "seconds": 0.9"#, #""kind": "slow", "seconds": 0.1"#]),
    ]

    private static let quick = #""timeout_ms": 600, "longest_pause_ms": 1000, "idle_poll_ms": 600000"#

    @Test("texts are stored once", arguments: faults, [Standin.Contents.migrated, .oldTables])
    func storing(_ faults: Faults, contents: Standin.Contents) async throws {
        let rig = try await SupabaseRig(contents, settings: Self.quick, settle: 1_500)
        try rig.standin.control("POST", "faults", faults.json)
        for batch in 0..<2 {
            let texts = (0..<5).map { Message.inbound("u\(batch)-\($0)", "text \($0)") }
            try await rig.untilItWorks { try await rig.storage.put(texts, context: rig.deadline) }
            var late = texts[0]
            late.content = "whole text"
            let amended = late
            try await rig.untilItWorks { try await rig.storage.put([amended], context: rig.deadline) }
        }
        try rig.standin.control("DELETE", "faults")
        let rows = try await rig.untilItWorks { try await rig.storage.all() }
        #expect(rows.count == 10 && Set(rows.compactMap(\.uid)).count == 10)
        #expect(rows.filter { $0.content == "whole text" }.count == 2)
        #expect(try rig.standin.psql("select count(*) from public.messages") == "10")
        await rig.storage.stop()
    }

    @Test("rows are sent once", arguments: faults, [Standin.Contents.migrated, .oldTables])
    func sending(_ faults: Faults, contents: Standin.Contents) async throws {
        let rig = try await SupabaseRig(contents, settings: Self.quick, settle: 1_500)
        for number in 0..<5 { try rig.insertForeign(phone: "+1619555010\(number)", content: "text \(number)") }
        try rig.insertForeign(phone: "+16195550100", content: "text 5")
        try rig.standin.control("POST", "faults", faults.json)
        var gateway = SendingGateway(rig: rig)
        try await gateway.send(6)
        try rig.standin.control("DELETE", "faults")
        try await gateway.settle()
        #expect(gateway.radio.count == 6 && Set(gateway.radio).count == 6, "on the wire: \(gateway.radio)")
        #expect(gateway.radio.firstIndex(of: "text 0") ?? 9 < gateway.radio.firstIndex(of: "text 5") ?? 0)
        let rows = try rig.standin.psql("select count(*), sum(retry_count) from public.messages where status = 'sent'")
        #expect(rows == "6|6")
        await rig.storage.stop()
    }

    @Test("a database that crashes and comes back loses nothing", arguments: [Standin.Contents.migrated, .oldTables])
    func crash(_ contents: Standin.Contents) async throws {
        let rig = try await SupabaseRig(contents, settings: Self.quick)
        let texts = (0..<5).map { Message.inbound("u\($0)", "text \($0)") }
        try await rig.storage.put(Array(texts.prefix(2)), context: rig.deadline)
        try rig.standin.control("POST", "database", #"{"action": "crash"}"#)
        let error = await #expect(throws: PluginError.self) {
            try await rig.storage.put(texts, context: rig.deadline)
        }
        #expect(error?.code == .unavailable && error?.retryAfterMilliseconds ?? 0 > 0, "\(error?.message ?? "")")
        try rig.standin.control("POST", "database", #"{"action": "start"}"#)
        try await rig.untilItWorks { try await rig.storage.put(texts, context: rig.deadline) }
        #expect(try rig.standin.psql("select count(*) from public.messages") == "5")
        await rig.storage.stop()
    }

    @Test(
        "a change whose answer is lost is not said to have done nothing",
        arguments: [MessageChange.Kind.requeue, .cancel])
    func lostAnswer(_ kind: MessageChange.Kind) async throws {
        let rig = try await SupabaseRig(.migrated, settings: Self.quick)
        try rig.insertForeign(phone: "+16195550101", content: "hi")
        let id = try #require(try await rig.storage.all().first?.storageID)
        if kind == .requeue { try rig.standin.psql("update public.messages set status = 'failed'") }
        try rig.standin.control("POST", "faults", #"{"kind": "reset_after", "path": "conductor_change"}"#)
        let change = MessageChange(storageID: id, kind: kind)
        let said = try? await rig.storage.change(change, context: rig.deadline)
        // Not known, or known to be done; never that it was not.
        #expect(said != false)
        let status = try rig.standin.psql("select status from public.messages")
        #expect(status == (kind == .requeue ? "queued" : "failed"))
        await rig.storage.stop()
    }

    @Test("while the project is away, it is hardly asked, and its return is told", arguments: ["status", "stopped"])
    func storm(_ how: String) async throws {
        let rig = try await SupabaseRig(
            .migrated, settings: #""idle_poll_ms": 200, "busy_poll_ms": 100, "longest_pause_ms": 60000"#)
        _ = try await rig.storage.health(context: .init())
        if how == "status" {
            try rig.standin.control("POST", "faults", #"{"status": 503, "probability": 1, "path": "rest/v1"}"#)
        } else {
            try rig.standin.control("POST", "database", #"{"action": "stop"}"#)
        }
        try rig.standin.control("DELETE", "counters")
        let changes = rig.changes.value
        // What a host that knows no mercy asks within two seconds.
        let end = ContinuousClock.now + .seconds(2)
        var refused = 0
        while ContinuousClock.now < end {
            _ = try? await rig.storage.put([.inbound("u1", "x")], context: .init())
            refused += 1
            await Task.yield()
        }
        #expect(refused > 100)
        #expect(try rig.standin.requests() <= 5)
        try rig.standin.control("DELETE", "faults")
        if how == "stopped" { try rig.standin.control("POST", "database", #"{"action": "start"}"#) }
        try await rig.untilItWorks { try await rig.storage.put([.inbound("u1", "x")], context: .init()) }
        #expect(await rig.changes.reaches(changes + 1))
        await rig.storage.stop()
    }

    @Test("how long to wait is the server's word")
    func retryAfter() async throws {
        let rig = try await SupabaseRig(.migrated, settings: Self.quick)
        _ = try await rig.storage.health(context: .init())
        try rig.standin.control("POST", "faults", #"{"status": 429, "retry_after": 120, "path": "rest/v1"}"#)
        for _ in 0..<2 {
            let error = await #expect(throws: PluginError.self) { try await rig.storage.health(context: .init()) }
            #expect(error?.code == .unavailable)
            #expect((110_000...130_000).contains(error?.retryAfterMilliseconds ?? 0))
        }
        await rig.storage.stop()
    }

    @Test("a name that nobody knows, and a port that nobody serves, are told as such")
    func nobodyThere() async throws {
        for (url, words) in [
            ("https://no-such-project.invalid", "name of the project's server is not known"),
            ("http://127.0.0.1:9", "cannot be reached"),
        ] {
            let folder = Folder()
            let lines = SupabaseRig.Lines()
            let storage = try SupabaseRig.make(
                Standin.shared(), folder, TestClock(), Counter(), lines, url: url)
            try await storage.start()
            let error = await #expect(throws: PluginError.self) { try await storage.health(context: .init()) }
            #expect(error?.code == .unavailable && error?.message.contains(words) == true, "\(error?.message ?? "")")
            await storage.stop()
        }
    }
}

/// What a host does with rows of the table, as far as it matters here: what is begun is sent, and what it does not know
/// whether it was begun, it asks.
struct SendingGateway {
    let rig: SupabaseRig
    let id = "shop/0190a000"
    /// Texts in the order in which they were on the wire.
    private(set) var radio: [String] = []
    private var journal: Set<String> = []
    private var starting: [(row: Message, uid: String)] = []
    private var finished: [ExchangeRequest.Outcome] = []
    private var minted = 0

    init(rig: SupabaseRig) { self.rig = rig }

    /// Until so many texts were on the wire.
    mutating func send(_ count: Int) async throws {
        let end = ContinuousClock.now + .seconds(60)
        while radio.count < count {
            if ContinuousClock.now > end { throw ContractFailure("only \(radio.count) of \(count) rows were sent") }
            try await exchange()
        }
    }

    /// Until all outcomes are in the table.
    mutating func settle() async throws {
        let end = ContinuousClock.now + .seconds(60)
        while !finished.isEmpty {
            if ContinuousClock.now > end { throw ContractFailure("\(finished.count) outcomes are not in the table") }
            try await exchange()
        }
    }

    private mutating func exchange() async throws {
        let request = ExchangeRequest(
            gateway: id, finished: finished,
            starting: starting.map { .init(storageID: $0.row.storageID ?? 0, uid: $0.uid) },
            want: 4, leaseMilliseconds: 30_000, maxAgeMilliseconds: 0)
        do {
            let reply = try await rig.storage.exchange(request, context: rig.deadline)
            finished = []
            for (start, isOurs) in zip(starting, reply.started) where isOurs { transmit(start.row, start.uid) }
            starting = reply.claimed.map { row in
                minted += 1
                return (row, row.uid ?? "m\(minted)")
            }
        } catch {
            // Whether the rows were begun is not known.
            await rig.pause(error)
            let (rig, id) = (rig, id)
            let owned = try await rig.untilItWorks { try await rig.storage.owned(by: id, context: rig.deadline) }
            for row in owned { transmit(row, row.uid ?? "") }
        }
    }

    private mutating func transmit(_ row: Message, _ uid: String) {
        guard journal.insert(uid).inserted else { return }
        radio.append(row.content)
        finished.append(
            .init(uid: uid, storageID: row.storageID, status: .sent, deliveryStatus: .accepted, parts: 1))
    }
}

extension SupabaseRig {
    /// As the host's.
    var deadline: CallContext {
        CallContext(deadlineNanoseconds: (Gate.now + 5_000) * 1_000_000)
    }

    /// Leaves the project in peace as long as the plugin says.
    func pause(_ error: any Error) async {
        let pause = (error as? PluginError)?.retryAfterMilliseconds ?? 50
        try? await Task.sleep(for: .milliseconds(min(pause, 2_000)))
    }

    /// Asks again, as the host does, until it works.
    @discardableResult
    func untilItWorks<Value>(_ work: () async throws -> Value) async throws -> Value {
        let end = ContinuousClock.now + .seconds(60)
        while true {
            do {
                return try await work()
            } catch {
                if ContinuousClock.now > end { throw error }
                await pause(error)
            }
        }
    }
}
