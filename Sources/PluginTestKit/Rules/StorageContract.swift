public import PluginKit

/// A storage to be examined, fresh and started. Whoever runs a rule stops it afterwards.
public protocol StorageRig: Sendable {
    /// The plugin's type.
    associatedtype Store: Storage
    /// Empty, started, and told the time by `clock`.
    var storage: Store { get }
    /// What the storage's `host.now` shows.
    var clock: TestClock { get }
    /// Whether the storage goes by `clock` for what day it is; one behind a host has the machine's.
    var obeysClock: Bool { get }
    /// Inserts a row as a foreign program does: number, text, status and direction only.
    func insertForeign(phone: String?, content: String?) throws
    /// Runs statements as a foreign program does, in words of SQL that SQLite and PostgreSQL both know; false where the rig
    /// has no such program, and what needs one is passed over.
    func runForeign(_ sql: String) throws -> Bool
    /// Writes a SIM into the rows with this text, as a foreign program does; false where rows have no place for it.
    func name(sim: String, in content: String) throws -> Bool
}

/// What every storage keeps, whatever it is made of.
public enum StorageContract {
    /// Each is run on a fresh storage.
    public static let rules: [ContractRule<any StorageRig>] =
        inboundRules + outboundRules + onceRules + otherRules + erasureRules + customerRules + recordRules + searchRules
        + importRules + listRules + changeRules + fleetRules + simRules

    private static let inboundRules: [ContractRule<any StorageRig>] = [
        .init("A3: two identical texts of one second are two texts") { rig in
            try await rig.storage.put([.inbound("u1", "Yes"), .inbound("u2", "Yes")], context: .init())
            try expect(try await rig.storage.all().count == 2, "two texts were put, and these are not two rows")
        },
        .init("putting again changes nothing, and a text that was read stays read") { rig in
            try await rig.storage.put([.inbound("u1", "hello")], context: .init())
            let id = try need(try await rig.storage.all().first?.storageID, "a row without an address")
            let change = MessageChange(storageID: id, kind: .markRead)
            try expect(try await rig.storage.change(change, context: .init()), "an unread text cannot be marked read")
            try await rig.storage.put([.inbound("u1", "hello")], context: .init())
            let rows = try await rig.storage.all()
            try expect(rows.map(\.storageID) == [id], "putting again made another row")
            try expect(rows.map(\.status) == [.read], "putting again made a read text unread")
        },
        .init("a late part amends the text it belongs to") { rig in
            var text = Message.inbound("u1", "[…] world")
            text.incomplete = true
            try await rig.storage.put([text], context: .init())
            (text.content, text.incomplete, text.parts) = ("hello world", false, 2)
            try await rig.storage.put([text], context: .init())
            let rows = try await rig.storage.all()
            try expect(rows.map(\.content) == ["hello world"], "the late part is not in the text")
            try expect(rows[0].parts == 2 && !rows[0].incomplete, "the text still counts as incomplete")
        },
        .init("a put is all or nothing") { rig in
            do {
                try await rig.storage.put([.inbound("u1", "a"), .inbound(nil, "b")], context: .init())
            } catch is PluginError {
                return try expect(try await rig.storage.all().isEmpty, "half of a refused put was kept")
            }
            throw ContractFailure("a text without a uid was taken")
        },
        .init("every field comes back") { rig in
            var text = Message.inbound("u1", "Caf\u{e9} \u{1F600} \u{20ac}5")
            text.modemTimestamp = Timestamp(milliseconds: 1_700_000_000_123)
            (text.modemUTCOffset, text.modemIndex, text.sim, text.parts) = (-480, 7, "8901", 3)
            (text.possibleDuplicate, text.answers, text.origin, text.messageHash) = (true, "u0", "policy", "h")
            text.asksToStop = true
            try await rig.storage.put([text], context: .init())
            var back = try need(try await rig.storage.all().first, "the text is gone")
            back.storageID = nil
            try expect(back == text, "it came back as \(back), and was \(text)")
        },
    ]

    private static let outboundRules: [ContractRule<any StorageRig>] = [
        .init("texts born in a journal are never claimed, whatever their state") { rig in
            var text = Message.inbound("u1", "reply")
            (text.direction, text.status) = (.outbound, .queued)
            try await rig.storage.put([text], context: .init())
            try expect(try await rig.claim(by: "a").isEmpty, "a text that a gateway put was claimed")
        },
        .init("a foreign row is claimed once, begun once and settled") { rig in
            try rig.insertForeign(phone: "(619) 555-0123", content: "hi")
            let row = try need(try await rig.claim(by: "a").first, "a queued row was not claimed")
            try expect(row.phone == "+16195550123", "the number came as \(row.phone), not in its normal form")
            try expect(row.content == "hi" && row.uid == nil, "the claimed row is not the one that was inserted")
            try expect(try await rig.claim(by: "b").isEmpty, "a claimed row was claimed by another gateway")
            let start = ExchangeRequest.Start(storageID: try need(row.storageID, "no address"), uid: "x1")
            for _ in 0..<2 {
                // B1: a lost answer is asked for again, and counts one attempt.
                let reply = try await rig.exchange("a", starting: [start])
                try expect(reply.started == [true], "a claimed row could not be begun, or not a second time")
            }
            let owned = try await rig.storage.owned(by: "a", context: .init())
            try expect(owned.map(\.uid) == ["x1"], "the row that is being sent is not owned")
            try expect(owned[0].retryCount == 1, "one attempt counts as \(owned[0].retryCount)")
            try expect(owned[0].deliveryStatus == .sending, "the row is not `sending`")
            let done = ExchangeRequest.Outcome(uid: "x1", status: .sent, deliveryStatus: .accepted, parts: 1)
            for _ in 0..<2 { _ = try await rig.exchange("a", finished: [done]) }
            let delivered = ExchangeRequest.Outcome(uid: "x1", status: .sent, deliveryStatus: .delivered)
            _ = try await rig.exchange("a", finished: [delivered])
            _ = try await rig.exchange("a", finished: [done])
            let after = try await rig.storage.all()
            try expect(after.map(\.status) == [.sent] && after[0].parts == 1, "the outcome is not in the row")
            try expect(after[0].deliveryStatus == .delivered, "a repeated outcome took a delivery back")
            let left = try await rig.storage.owned(by: "a", context: .init())
            try expect(left.isEmpty, "a settled row is still owned")
        },
        .init("a claim that ended cannot begin, and the row can be claimed by another") { rig in
            try rig.insertForeign(phone: "+16195550123", content: "hi")
            let id = try need(try await rig.claim(by: "a").first?.storageID, "a queued row was not claimed")
            rig.clock.advance(10_001)
            let late = try await rig.exchange("a", starting: [.init(storageID: id, uid: "x")])
            try expect(late.started == [false], "a row was begun after its lease")
            try expect(try await rig.claim(by: "b").count == 1, "a row whose lease is over was not claimed")
            let taken = try await rig.exchange("a", starting: [.init(storageID: id, uid: "x")])
            try expect(taken.started == [false], "a row that another gateway claimed was begun")
        },
        .init("B1: a row that is being sent is never claimed again, however long it takes") { rig in
            try rig.insertForeign(phone: "+16195550123", content: "hi")
            let id = try need(try await rig.claim(by: "a").first?.storageID, "a queued row was not claimed")
            _ = try await rig.exchange("a", starting: [.init(storageID: id, uid: "x")])
            rig.clock.advance(86_400_000)
            for gateway in ["b", "a"] {
                try expect(try await rig.claim(by: gateway).isEmpty, "a row that is being sent was claimed")
            }
        },
        .init("B11: one row a number, oldest first, and none beside one that is being sent") { rig in
            for (phone, text) in [("+16195550101", "1"), ("6195550101", "2"), ("+16195550102", "3")] {
                try rig.insertForeign(phone: phone, content: text)
            }
            let first = try await rig.claim(by: "a")
            try expect(first.map(\.content) == ["1", "3"], "claimed were \(first.map(\.content)), not 1 and 3")
            try expect(try await rig.claim(by: "a").isEmpty, "a second row of a claimed number was claimed")
            let id = try need(first[0].storageID, "no address")
            _ = try await rig.exchange("a", starting: [.init(storageID: id, uid: "x1")])
            try expect(try await rig.claim(by: "b").isEmpty, "a row was claimed beside one that is being sent")
            let due = Timestamp(milliseconds: rig.clock.now.milliseconds + 60_000)
            let again = ExchangeRequest.Outcome(uid: "x1", status: .queued, errorCode: "cms-38", notBefore: due)
            let reply = try await rig.exchange("a", finished: [again], want: 8)
            try expect(reply.claimed.isEmpty, "the later text did not wait for the attempt of the earlier one")
            try expect(
                reply.nextDueMilliseconds > 0 && reply.nextDueMilliseconds <= 60_000,
                "the next row is due in \(reply.nextDueMilliseconds) ms, not within a minute")
            rig.clock.advance(60_001)
            let later = try await rig.claim(by: "b")
            try expect(
                later.contains { $0.content == "1" && $0.retryCount == 1 }, "a row that came due was not claimed")
        },
        .init("B11: a text that a journal sends later holds up no row of its number until then") { rig in
            var text = Message.inbound("u1", "in an hour")
            (text.direction, text.status, text.deliveryStatus) = (.outbound, .queued, .sending)
            text.notBefore = Timestamp(milliseconds: rig.clock.now.milliseconds + 3_600_000)
            try await rig.storage.put([text], context: .init())
            try rig.insertForeign(phone: text.phone, content: "now")
            let now = try await rig.claim(by: "a")
            try expect(now.map(\.content) == ["now"], "claimed were \(now.map(\.content)), not the one that is due")
            let done = ExchangeRequest.Outcome(
                uid: nil, storageID: now.first?.storageID, status: .failed, errorCode: "invalid-number")
            _ = try await rig.exchange("a", finished: [done])
            rig.clock.advance(3_600_001)
            try rig.insertForeign(phone: text.phone, content: "after it")
            try expect(try await rig.claim(by: "a").isEmpty, "a row was claimed beside a text that is being sent")
        },
        .init("B4: a refused row is visible, its number is free, and one step puts it back") { rig in
            try rig.insertForeign(phone: nil, content: "hi")
            try rig.insertForeign(phone: "+16195550101", content: nil)
            let rows = try await rig.claim(by: "a")
            try expect(
                rows.map(\.phone) == ["", "+16195550101"] && rows.map(\.content) == ["hi", ""],
                "rows without a number or a text were not claimed as such")
            let refusals = rows.map {
                ExchangeRequest.Outcome(
                    uid: nil, storageID: $0.storageID, status: .failed, deliveryStatus: .refused,
                    errorCode: "invalid-number", errorMessage: "there is no number")
            }
            _ = try await rig.exchange("a", finished: refusals)
            let failed = try await rig.storage.messages(.init(status: .failed), context: .init())
            try expect(failed.count == 2, "\(failed.count) of 2 refused rows are listed")
            try expect(
                failed.allSatisfy { $0.errorCode == "invalid-number" && $0.retryCount == 0 },
                "a refused row lacks its reason, or counts an attempt")
            let change = MessageChange(storageID: try need(failed[0].storageID, "no address"), kind: .requeue)
            try expect(try await rig.storage.change(change, context: .init()), "a failed row cannot be put back")
            let again = try await rig.claim(by: "b")
            try expect(again.map(\.storageID) == [failed[0].storageID], "the row that was put back was not claimed")
        },
        .init("a row is cancelled or begun, never both, whoever is first") { rig in
            for number in 1...2 { try rig.insertForeign(phone: "+1619555010\(number)", content: "\(number)") }
            let claimed = try await rig.claim(by: "a")
            try expect(claimed.count == 2, "\(claimed.count) of 2 rows were claimed")
            let ids = claimed.compactMap(\.storageID)
            for _ in 1...2 {
                try expect(
                    try await rig.storage.change(MessageChange(storageID: ids[0], kind: .cancel), context: .init()),
                    "a queued row cannot be cancelled, or not twice")
            }
            let begun = try await rig.exchange("a", starting: ids.map { .init(storageID: $0, uid: "u\($0)") })
            try expect(begun.started == [false, true], "a cancelled row was begun, or the other one was not")
            try expect(
                try await !rig.storage.change(MessageChange(storageID: ids[1], kind: .cancel), context: .init()),
                "a row that is being sent was cancelled")
            let failed = try await rig.storage.messages(.init(status: .failed), context: .init())
            try expect(
                failed.map(\.storageID) == [ids[0]] && failed[0].errorCode == "cancelled"
                    && failed[0].deliveryStatus == .refused, "the cancelled row does not say so")
        },
        .init("a row that nobody waits for is removed, once or again, and no other") { rig in
            var read = Message.inbound("u1", "read")
            read.status = .read
            var failed = Message.inbound("u2", "failed")
            (failed.direction, failed.status) = (.outbound, .failed)
            (failed.deliveryStatus, failed.errorCode) = (.refused, "cms-38")
            try await rig.storage.put([read, failed, .inbound("u3", "unread")], context: .init())
            for number in 1...2 { try rig.insertForeign(phone: "+1619555010\(number)", content: "\(number)") }
            let claimed = try need(
                try await rig.claim(by: "a").first { $0.content == "1" }?.storageID, "nothing was claimed")
            _ = try await rig.exchange("a", starting: [.init(storageID: claimed, uid: "u4")])
            let rows = try await rig.storage.all()
            var changed: Set<String> = []
            for row in rows + rows {
                let change = MessageChange(storageID: try need(row.storageID, "no address"), kind: .remove)
                if try await rig.storage.change(change, context: .init()) { changed.insert(row.content) }
            }
            try expect(changed == ["read", "failed"], "removed were \(changed.sorted())")
            let left = try await rig.storage.all().map(\.content).sorted()
            try expect(left == ["1", "2", "unread"], "left were \(left)")
        },
        .init("decision 7: a text that was held elsewhere is held here, until its journal sends it") { rig in
            var text = Message.inbound("u1", "waited")
            (text.direction, text.status, text.deliveryStatus) = (.outbound, .failed, .held)
            (text.errorCode, text.errorMessage, text.origin) = ("imported", "it waited elsewhere", "import")
            for _ in 1...2 { try await rig.storage.put([text], context: .init()) }
            try expect(try await rig.claim(by: "a").isEmpty, "a text that is held was claimed")
            let held = try await rig.storage.messages(.init(status: .failed), context: .init())
            try expect(
                held.map(\.uid) == ["u1"] && held[0].deliveryStatus == .held && held[0].errorCode == "imported",
                "listed as failed were \(held)")
            text.timestamp = rig.clock.now
            (text.status, text.deliveryStatus, text.lastRetryAt) = (.sent, .accepted, rig.clock.now)
            (text.errorCode, text.errorMessage) = (nil, nil)
            try await rig.storage.put([text], context: .init())
            let row = try need(try await rig.storage.all().first, "the text is gone")
            try expect(row.status == .sent && row.deliveryStatus == .accepted, "it is \(row)")
        },
        .init("decision 7: what waits since before anybody looked is held; what came meanwhile is not") { rig in
            try rig.insertForeign(phone: "+16195550101", content: "old")
            rig.clock.advance(2 * 3_600_000)
            try expect(try await rig.claim(by: "a", maxAge: 3_600_000).isEmpty, "a row of long ago was claimed")
            let held = try await rig.storage.messages(.init(deliveryStatus: .held), context: .init())
            try expect(held.map(\.content) == ["old"] && held[0].status == .queued, "the old row is not `held`")
            let change = MessageChange(storageID: try need(held[0].storageID, "no address"), kind: .requeue)
            try expect(try await rig.storage.change(change, context: .init()), "a held row cannot be put back")
            let again = try await rig.claim(by: "a", maxAge: 3_600_000)
            try expect(again.map(\.content) == ["old"], "the row that was put back was not claimed")
        },
    ]

    private static let otherRules: [ContractRule<any StorageRig>] = [
        .init("lists are paged by a cursor, both ways") { rig in
            try await rig.storage.put((0..<7).map { .inbound("u\($0)", "\($0)") }, context: .init())
            for oldestFirst in [true, false] {
                var seen: [String] = []
                var query = MessageQuery(oldestFirst: oldestFirst, limit: 3)
                while case let page = try await rig.storage.messages(query, context: .init()), !page.isEmpty {
                    seen += page.map(\.content)
                    query.cursor = page.last?.storageID
                    try expect(seen.count <= 7, "the pages do not end")
                }
                let expected = (0..<7).map(String.init)
                try expect(
                    seen == (oldestFirst ? expected : expected.reversed()),
                    "\(oldestFirst ? "oldest" : "newest") first, the pages held \(seen)")
            }
        },
        .init("consent is recorded once") { rig in
            let event = ConsentEvent(
                uid: "c1", phone: "+16195550101", action: .out, at: rig.clock.now, source: "sms", messageUID: "u1")
            for _ in 0..<2 { try await rig.storage.recordConsent([event], context: .init()) }
            guard let page = try await rig.consent() else { return }
            try expect(page.events == [event], "one event was recorded twice, and it gives \(page.events.count) back")
            let rest = try await rig.consent(after: page.next)
            try expect(rest == ConsentPage(events: [], next: page.next), "behind the last event there is something")
        },
        .init("B10: consent is given back in the order in which it came, page by page") { rig in
            let events = (1...5).map { number in
                ConsentEvent(
                    uid: "c\(number)", phone: "+1619555010\(number)", action: number == 3 ? .in : .out,
                    at: Timestamp(milliseconds: rig.clock.now.milliseconds - Int64(number)), source: "import")
            }
            try await rig.storage.recordConsent(events, context: .init())
            var seen: [ConsentEvent] = []
            var after: Int64 = 0
            while let page = try await rig.consent(after: after, limit: 2), !page.events.isEmpty {
                seen += page.events
                after = page.next
                try expect(seen.count <= 5, "the pages do not end")
            }
            try expect(after == 0 || seen == events, "other events, or in another order")
        },
        .init("health says where and how many") { rig in
            try await rig.storage.put([.inbound("u1", "x")], context: .init())
            let health = try await rig.storage.health(context: .init())
            try expect(health.rows == 1, "one text, and \(health.rows) rows")
            try expect(health.bytes > 0 && !health.location.isEmpty, "it does not say where it is, or how large")
        },
    ]
}

/// Shorter words for tests of storages.
extension StorageRig {
    /// One exchange with a lease of ten seconds.
    public func exchange(
        _ gateway: String, finished: [ExchangeRequest.Outcome] = [], starting: [ExchangeRequest.Start] = [],
        want: Int32 = 0, maxAge: Int64 = 0
    ) async throws -> ExchangeReply {
        try await storage.exchange(
            ExchangeRequest(
                gateway: gateway, finished: finished, starting: starting, want: want, leaseMilliseconds: 10_000,
                maxAgeMilliseconds: maxAge), context: .init())
    }

    /// A page of consent; nil where the storage only records.
    public func consent(after: Int64 = 0, limit: Int32 = 1_000) async throws -> ConsentPage? {
        do {
            return try await storage.consent(ConsentQuery(after: after, limit: limit), context: .init())
        } catch let error as PluginError where error.code == .unsupported {
            return nil
        }
    }

    /// What one exchange claims.
    public func claim(by gateway: String, want: Int32 = 8, maxAge: Int64 = 0) async throws -> [Message] {
        try await exchange(gateway, want: want, maxAge: maxAge).claimed
    }
}

extension Storage {
    /// The first 1000 texts, oldest first: for tests.
    public func all() async throws -> [Message] {
        try await messages(.init(oldestFirst: true, limit: 1000), context: .init())
    }
}

extension Message {
    /// An unread text, for tests.
    public static func inbound(_ uid: String?, _ content: String, phone: String = "+16195550123") -> Message {
        Message(
            uid: uid, direction: .inbound, phone: phone, content: content, status: .unread,
            timestamp: Timestamp(milliseconds: 1_790_000_000_000))
    }
}
