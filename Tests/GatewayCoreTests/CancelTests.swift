import ModemKit
import PluginKit
import Synchronization
import Testing

@testable import GatewayCore

@Suite(.timeLimit(.minutes(2))) struct CancelTests {
    private let shop: Workshop

    init() throws {
        shop = try Workshop()
    }

    private func cancel(_ uid: String) async throws -> OutgoingText.Cancellation {
        let now = shop.clock.now
        let cancellation = try await shop.journal.writer.write { try OutgoingText.cancel(uid, now: now, $0) }
        if case .cancelled(let text) = cancellation { await shop.outbound.cancelled(text) }
        return cancellation
    }

    private func sentence(_ cancellation: OutgoingText.Cancellation) -> String? {
        switch cancellation {
        case .impossible(let sentence), .settled(let sentence): sentence
        case .cancelled, .wasCancelled, .notHere: nil
        }
    }

    @Test("a text is cancelled or sent, and never both, whoever is first", arguments: 0..<5)
    func race(round: Int) async throws {
        let count = 120
        var texts: [OutgoingText] = []
        for number in 0..<count {
            texts.append(try await shop.send("text \(number)", to: "+1619555\(1_000 + number % 40)"))
        }
        try await shop.startSending()
        // One runs from the front, the other from the back: they meet.
        let uids = texts.map(\.uid)
        let cancelled = try await withThrowingTaskGroup(of: [String].self) { group in
            for lane in 0..<3 {
                group.addTask {
                    var done: [String] = []
                    for index in stride(from: count - 1 - lane, through: 0, by: -3) {
                        let cancellation = try await cancel(uids[index])
                        if case .cancelled = cancellation { done.append(uids[index]) }
                    }
                    return done
                }
            }
            return try await group.reduce(into: Set<String>()) { $0.formUnion($1) }
        }
        #expect(
            try await shop.eventually {
                try shop.count("SELECT count(*) FROM outbound WHERE state IN ('waiting', 'sending')") == 0
            })
        let sent = shop.radio.texts
        #expect(Set(sent).count == sent.count, "nothing is sent twice")
        for (number, text) in texts.enumerated() {
            #expect(cancelled.contains(text.uid) != sent.contains("text \(number)"))
            #expect(try shop.state(of: text.uid) == (cancelled.contains(text.uid) ? "failed" : "accepted"))
        }
        #expect(!cancelled.isEmpty)
        await shop.close()
    }

    @Test("what was cancelled does not hold back its recipient, wherever it stood")
    func queue() async throws {
        let now = shop.clock.now
        let tomorrow = Timestamp(milliseconds: now.milliseconds + 86_400_000)
        let scheduled = try await shop.journal.writer.write { database in
            try OutgoingText.insert(
                .init(
                    uid: UID.make(at: now), origin: "test", purpose: .conversation, phone: "+16195550123",
                    content: "tomorrow", notBefore: tomorrow), now: now, database)
        }
        await shop.outbound.add([scheduled])
        let middle = try await shop.send("middle", to: "+16195550123")
        _ = try await shop.send("last", to: "+16195550123")
        _ = try await cancel(middle.uid)
        _ = try await cancel(scheduled.uid)
        try await shop.startSending()
        #expect(try await shop.eventually { shop.radio.texts == ["last"] })
        shop.clock.move(milliseconds: 90_000_000)
        let next = try await shop.send("next", to: "+16195550123")
        #expect(try await shop.eventually { try shop.state(of: next.uid) == "accepted" })
        #expect(shop.radio.texts == ["last", "next"])
        #expect(
            try shop.count(
                "SELECT count(*) FROM outbound WHERE state = 'failed' AND error_code = 'cancelled' AND note IS NOT NULL"
            ) == 2)
        await shop.close()
    }

    @Test("a text that was cancelled before its time keeps that when it is sent again")
    func planned() async throws {
        let now = shop.clock.now
        let due = Timestamp(milliseconds: now.milliseconds + 86_400_000)
        let planned = try await shop.journal.writer.write { database in
            let text = try OutgoingText.insert(
                .init(
                    uid: UID.make(at: now), origin: "api", purpose: .conversation, phone: "+16195550123",
                    content: "tomorrow", notBefore: due), now: now, database)
            _ = try OutgoingText.cancel(text.uid, now: now, database)
            return try OutgoingText.requeue(text.uid, from: [.failed], now: now, database)
        }
        #expect(planned?.notBefore == due)
    }

    @Test("what waits for another attempt can be cancelled; the next text of its recipient goes")
    func retrying() async throws {
        shop.radio.answer(.refused(code: .cms(42)))
        try await shop.startSending()
        let text = try await shop.send("first", to: "+16195550123")
        #expect(
            try await shop.eventually {
                try shop.count("SELECT count(*) FROM part WHERE state = 'refused'") == 1
                    && shop.state(of: text.uid) == "waiting"
            })
        let next = try await shop.send("second", to: "+16195550123")
        guard case .cancelled = try await cancel(text.uid) else {
            Issue.record("not cancelled")
            return
        }
        #expect(try await shop.eventually { try shop.state(of: next.uid) == "accepted" })
        #expect(shop.radio.texts == ["first", "second"], "the first was refused by the network")
        guard case .wasCancelled = try await cancel(text.uid) else {
            Issue.record("repeating it changes nothing")
            return
        }
        await shop.close()
    }

    @Test("what has left, may have left, or has failed cannot be cancelled, and each is told why")
    func refusals() async throws {
        shop.radio.answer(
            .accepted(reference: 1), .unknown(reason: "no final result"), .refused(code: .cms(28)),
            .accepted(reference: 2), .refused(code: .cms(42)))
        try await shop.startSending()
        let long = String(repeating: "abcdefgh ", count: 30)
        var seen: [String?] = []
        for (number, state) in [(1, "accepted"), (2, "unknown"), (3, "failed"), (4, "waiting")] {
            let text = try await shop.send(number == 4 ? long : "text", to: "+1619555010\(number)")
            let parts = number == 4 ? 2 : 1
            #expect(
                try await shop.eventually {
                    try shop.state(of: text.uid) == state
                        && shop.count("SELECT count(*) FROM part WHERE state <> 'intent' AND uid = '\(text.uid)'")
                            == parts
                })
            seen.append(sentence(try await cancel(text.uid)))
            #expect(try shop.state(of: text.uid) == state)
        }
        #expect(seen.compactMap { $0 }.count == 4)
        #expect(Set(seen).count == 4)
        guard case .notHere = try await cancel("nobody") else {
            Issue.record("a text that is not here")
            return
        }
        await shop.close()
    }
}
