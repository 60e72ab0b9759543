import PluginKit
import Testing

/// What every storage keeps, whatever it is made of. A suite for an implementation runs each of them on a fresh storage.
struct StorageContract: Sendable, CustomTestStringConvertible {
    /// What a rule needs of an implementation's rig.
    protocol Rig: Sendable {
        associatedtype Store: Storage
        var storage: Store { get }
        var clock: TestClock { get }
        /// Inserts a row as a foreign program does: number, text, status and direction only.
        func insertForeign(phone: String?, content: String?) throws
    }

    let name: String
    let check: @Sendable (any Rig) async throws -> Void
    var testDescription: String { name }

    static let all: [StorageContract] = [
        .init(name: "A3: two identical texts of one second are two texts") { rig in
            try await rig.storage.put([.inbound("u1", "Yes"), .inbound("u2", "Yes")], context: .init())
            #expect(try await rig.storage.all().count == 2)
        },
        .init(name: "putting again changes nothing, and a text that was read stays read") { rig in
            try await rig.storage.put([.inbound("u1", "hello")], context: .init())
            let id = try #require(try await rig.storage.all().first?.storageID)
            #expect(try await rig.storage.change(.init(storageID: id, kind: .markRead), context: .init()))
            try await rig.storage.put([.inbound("u1", "hello")], context: .init())
            let rows = try await rig.storage.all()
            #expect(rows.map(\.status) == [.read] && rows.map(\.storageID) == [id])
        },
        .init(name: "a late part amends the text it belongs to") { rig in
            var text = Message.inbound("u1", "[…] world")
            text.incomplete = true
            try await rig.storage.put([text], context: .init())
            (text.content, text.incomplete, text.parts) = ("hello world", false, 2)
            try await rig.storage.put([text], context: .init())
            let rows = try await rig.storage.all()
            #expect(rows.map(\.content) == ["hello world"] && rows[0].parts == 2 && !rows[0].incomplete)
        },
        .init(name: "a put is all or nothing") { rig in
            await #expect(throws: PluginError.self) {
                try await rig.storage.put([.inbound("u1", "a"), .inbound(nil, "b")], context: .init())
            }
            let rows = try await rig.storage.all()
            #expect(rows.isEmpty)
        },
        .init(name: "every field comes back") { rig in
            var text = Message.inbound("u1", "Caf\u{e9} \u{1F600} \u{20ac}5")
            text.modemTimestamp = Timestamp(milliseconds: 1_700_000_000_123)
            (text.modemUTCOffset, text.modemIndex, text.sim, text.parts) = (-480, 7, "8901", 3)
            (text.possibleDuplicate, text.answers, text.origin, text.messageHash) = (true, "u0", "policy", "h")
            try await rig.storage.put([text], context: .init())
            var back = try #require(try await rig.storage.all().first)
            back.storageID = nil
            #expect(back == text)
        },
        .init(name: "texts born in a journal are never claimed, whatever their state") { rig in
            var text = Message.inbound("u1", "reply")
            (text.direction, text.status) = (.outbound, .queued)
            try await rig.storage.put([text], context: .init())
            #expect(try await rig.claim(by: "a").isEmpty)
        },
        .init(name: "a foreign row is claimed once, begun once and settled") { rig in
            try rig.insertForeign(phone: "(619) 555-0123", content: "hi")
            let row = try #require(try await rig.claim(by: "a").first)
            #expect(row.phone == "+16195550123" && row.content == "hi" && row.uid == nil)
            #expect(try await rig.claim(by: "b").isEmpty)
            let start = ExchangeRequest.Start(storageID: row.storageID!, uid: "x1")
            for _ in 0..<2 {
                // B1: a lost answer is asked for again, and counts one attempt.
                #expect(try await rig.exchange("a", starting: [start]).started == [true])
            }
            let owned = try await rig.storage.owned(by: "a", context: .init())
            #expect(owned.map(\.uid) == ["x1"] && owned[0].retryCount == 1 && owned[0].deliveryStatus == .sending)
            let done = ExchangeRequest.Outcome(uid: "x1", status: .sent, deliveryStatus: .accepted, parts: 1)
            for _ in 0..<2 { _ = try await rig.exchange("a", finished: [done]) }
            let delivered = ExchangeRequest.Outcome(uid: "x1", status: .sent, deliveryStatus: .delivered)
            _ = try await rig.exchange("a", finished: [delivered])
            _ = try await rig.exchange("a", finished: [done])
            let after = try await rig.storage.all()
            #expect(after.map(\.status) == [.sent] && after[0].deliveryStatus == .delivered && after[0].parts == 1)
            #expect(try await rig.storage.owned(by: "a", context: .init()).isEmpty)
        },
        .init(name: "a claim that ended cannot begin, and the row can be claimed by another") { rig in
            try rig.insertForeign(phone: "+16195550123", content: "hi")
            let row = try #require(try await rig.claim(by: "a").first)
            rig.clock.advance(10_001)
            #expect(
                try await rig.exchange("a", starting: [.init(storageID: row.storageID!, uid: "x")]).started == [false])
            #expect(try await rig.claim(by: "b").count == 1)
            #expect(
                try await rig.exchange("a", starting: [.init(storageID: row.storageID!, uid: "x")]).started == [false])
        },
        .init(name: "B1: a row that is being sent is never claimed again, however long it takes") { rig in
            try rig.insertForeign(phone: "+16195550123", content: "hi")
            let row = try #require(try await rig.claim(by: "a").first)
            _ = try await rig.exchange("a", starting: [.init(storageID: row.storageID!, uid: "x")])
            rig.clock.advance(86_400_000)
            #expect(try await rig.claim(by: "b").isEmpty)
            #expect(try await rig.claim(by: "a").isEmpty)
        },
        .init(name: "B11: one row a number, oldest first, and none beside one that is being sent") { rig in
            for (phone, text) in [("+16195550101", "1"), ("6195550101", "2"), ("+16195550102", "3")] {
                try rig.insertForeign(phone: phone, content: text)
            }
            let first = try await rig.claim(by: "a")
            #expect(first.map(\.content) == ["1", "3"])
            #expect(try await rig.claim(by: "a").isEmpty)
            _ = try await rig.exchange("a", starting: [.init(storageID: first[0].storageID!, uid: "x1")])
            #expect(try await rig.claim(by: "b").isEmpty)
            let due = Timestamp(milliseconds: rig.clock.now.milliseconds + 60_000)
            let again = ExchangeRequest.Outcome(uid: "x1", status: .queued, errorCode: "cms-38", notBefore: due)
            let reply = try await rig.exchange("a", finished: [again], want: 8)
            #expect(reply.claimed.isEmpty, "the later text waits for the attempt of the earlier one")
            #expect(reply.nextDueMilliseconds > 0 && reply.nextDueMilliseconds <= 60_000)
            rig.clock.advance(60_001)
            #expect(try await rig.claim(by: "b").contains { $0.content == "1" && $0.retryCount == 1 })
        },
        .init(name: "B4: a refused row is visible, its number is free, and one step puts it back") { rig in
            try rig.insertForeign(phone: nil, content: "hi")
            try rig.insertForeign(phone: "+16195550101", content: nil)
            let rows = try await rig.claim(by: "a")
            #expect(rows.map(\.phone) == ["", "+16195550101"] && rows.map(\.content) == ["hi", ""])
            let refusals = rows.map {
                ExchangeRequest.Outcome(
                    uid: nil, storageID: $0.storageID, status: .failed, deliveryStatus: .refused,
                    errorCode: "invalid-number", errorMessage: "there is no number")
            }
            _ = try await rig.exchange("a", finished: refusals)
            let failed = try await rig.storage.messages(.init(status: .failed), context: .init())
            #expect(failed.count == 2 && failed.allSatisfy { $0.errorCode == "invalid-number" && $0.retryCount == 0 })
            let change = MessageChange(storageID: failed[0].storageID!, kind: .requeue)
            #expect(try await rig.storage.change(change, context: .init()))
            #expect(try await rig.claim(by: "b").map(\.storageID) == [failed[0].storageID])
        },
        .init(name: "decision 7: what waits since before anybody looked is held; what came meanwhile is not") { rig in
            try rig.insertForeign(phone: "+16195550101", content: "old")
            rig.clock.advance(2 * 3_600_000)
            #expect(try await rig.claim(by: "a", maxAge: 3_600_000).isEmpty)
            let held = try await rig.storage.messages(.init(deliveryStatus: .held), context: .init())
            #expect(held.map(\.content) == ["old"] && held[0].status == .queued)
            #expect(
                try await rig.storage.change(.init(storageID: held[0].storageID!, kind: .requeue), context: .init()))
            #expect(try await rig.claim(by: "a", maxAge: 3_600_000).map(\.content) == ["old"])
        },
        .init(name: "lists are paged by a cursor, both ways") { rig in
            try await rig.storage.put((0..<7).map { .inbound("u\($0)", "\($0)") }, context: .init())
            for oldestFirst in [true, false] {
                var seen: [String] = []
                var query = MessageQuery(oldestFirst: oldestFirst, limit: 3)
                while case let page = try await rig.storage.messages(query, context: .init()), !page.isEmpty {
                    seen += page.map(\.content)
                    query.cursor = page.last?.storageID
                }
                let expected = (0..<7).map(String.init)
                #expect(seen == (oldestFirst ? expected : expected.reversed()))
            }
        },
        .init(name: "consent is recorded once") { rig in
            let event = ConsentEvent(
                uid: "c1", phone: "+16195550101", action: .out, at: rig.clock.now, source: "sms", messageUID: "u1")
            for _ in 0..<2 { try await rig.storage.recordConsent([event], context: .init()) }
        },
        .init(name: "health says where and how many") { rig in
            try await rig.storage.put([.inbound("u1", "x")], context: .init())
            let health = try await rig.storage.health(context: .init())
            #expect(health.rows == 1 && health.bytes > 0 && !health.location.isEmpty)
        },
    ]
}

extension StorageContract.Rig {
    func exchange(
        _ gateway: String, finished: [ExchangeRequest.Outcome] = [], starting: [ExchangeRequest.Start] = [],
        want: Int32 = 0, maxAge: Int64 = 0
    ) async throws -> ExchangeReply {
        try await storage.exchange(
            ExchangeRequest(
                gateway: gateway, finished: finished, starting: starting, want: want, leaseMilliseconds: 10_000,
                maxAgeMilliseconds: maxAge), context: .init())
    }

    func claim(by gateway: String, want: Int32 = 8, maxAge: Int64 = 0) async throws -> [Message] {
        try await exchange(gateway, want: want, maxAge: maxAge).claimed
    }
}

extension Storage {
    func all() async throws -> [Message] {
        try await messages(.init(oldestFirst: true, limit: 1000), context: .init())
    }
}

extension Message {
    static func inbound(_ uid: String?, _ content: String, phone: String = "+16195550123") -> Message {
        Message(
            uid: uid, direction: .inbound, phone: phone, content: content, status: .unread,
            timestamp: Timestamp(milliseconds: 1_790_000_000_000))
    }
}
