import ModemKit
import PluginKit
import Testing

@testable import GatewayCore

@Suite(.timeLimit(.minutes(2))) struct OrderTests {
    /// SplitMix64, so that a seed repeats a run.
    private struct Dice: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
    }

    private func text(_ seq: Int64, _ phone: String) -> OutgoingText {
        OutgoingText(
            seq: seq, uid: "u\(seq)", storageID: nil, origin: "test", purpose: .conversation, phone: phone, content: "",
            simWanted: seq % 7 == 0 ? "sim" : nil, createdAt: Timestamp(milliseconds: 0), notBefore: nil,
            state: .waiting, attempts: 0, answers: nil, askAt: nil, tables: nil)
    }

    @Test(
        "B11: whatever becomes of texts (sent, refused, unknown, sent again, cancelled), those of one number go in order",
        arguments: 1...40 as ClosedRange<UInt64>)
    func queue(seed: UInt64) throws {
        var dice = Dice(state: seed)
        var queue = OutboundQueue()
        var clock: Int64 = 1
        var held: [OutgoingText] = []
        var unknown: [OutgoingText] = []
        var waiting: [String: OutgoingText] = [:]
        var last: [String: Int64] = [:]
        /// Unknown ones that may stand behind others of their number, as after a start.
        var behind: [String: OutgoingText] = [:]
        var born: Int64 = 0
        for _ in 0..<2_000 {
            try #require(queue.isOffering == (queue.waiting > 0), "a text that may go is never passed over")
            clock += Int64.random(in: 0...20, using: &dice)
            let now = Timestamp(milliseconds: clock)
            switch Int.random(in: 0..<11, using: &dice) {
            case 0, 1, 2:
                born += 1
                let text = text(born, "+1619555010\(Int.random(in: 0..<5, using: &dice))")
                queue.add(text, now: now)
                queue.add(text, now: now)
                waiting[text.uid] = text
            case 3, 4:
                guard let text = queue.next(for: [.any, .sim("sim")], now: now, mayReplace: { _, _ in false }) else {
                    continue
                }
                let wasWaiting = waiting.removeValue(forKey: text.uid) != nil
                try #require(wasWaiting, "neither one on a lane, nor a cancelled one")
                try #require(text.seq >= last[text.phone] ?? 0)
                let isAlone = !(held + unknown).contains { $0.phone == text.phone }
                try #require(isAlone, "one at a time")
                let isFirst = !behind.values.contains { $0.phone == text.phone && $0.seq < text.seq }
                try #require(isFirst, "none goes before an unknown one that is older")
                last[text.phone] = text.seq
                held.append(text)
            case 5 where !held.isEmpty:
                queue.settle(held.removeFirst(), now: now)
            case 6 where !held.isEmpty:
                var text = held.removeFirst()
                text.notBefore = Timestamp(milliseconds: clock + Int64.random(in: 0...50, using: &dice))
                queue.retry(text, now: now, isWait: true)
                waiting[text.uid] = text
            case 7 where !held.isEmpty:
                var text = held.removeFirst()
                text.state = .unknown
                text.askAt = Timestamp(milliseconds: clock + 30)
                queue.settleHeld(text)
                unknown.append(text)
            case 8 where behind.count < 3:
                born += 1
                var text = text(born, "+1619555010\(Int.random(in: 0..<5, using: &dice))")
                text.state = .unknown
                text.askAt = Timestamp(milliseconds: clock + Int64.random(in: 0...400, using: &dice))
                queue.addHeld(text)
                behind[text.uid] = text
            case 9 where !behind.isEmpty:
                let uid = try #require(behind.keys.sorted().randomElement(using: &dice))
                let removed = behind.removeValue(forKey: uid)
                var text = try #require(removed)
                text.state = .waiting
                text.askAt = nil
                if queue.isHeld(text) {
                    queue.retry(text, now: now)
                } else {
                    let stands = queue.revive(text)
                    try #require(stands)
                }
                waiting[uid] = text
            default:
                if var text = queue.unknown(before: now).first {
                    unknown.removeAll { $0.uid == text.uid }
                    behind[text.uid] = nil
                    text.state = .waiting
                    if Bool.random(using: &dice) {
                        queue.retry(text, now: now)
                        waiting[text.uid] = text
                    } else {
                        queue.settle(text, now: now)
                    }
                } else if let text = waiting.values.sorted(by: { $0.seq < $1.seq }).randomElement(using: &dice) {
                    queue.withdraw(text, now: now)
                    waiting[text.uid] = nil
                }
            }
        }
        let known = waiting.count + held.count + unknown.count + behind.count
        #expect(queue.count == known, "nothing is forgotten, nothing stays")
        // What is left goes, all of it.
        for text in behind.values { queue.withdraw(text, now: Timestamp(milliseconds: clock)) }
        for text in held + unknown { queue.settle(text, now: Timestamp(milliseconds: clock)) }
        clock += 1_000
        while let text = queue.next(
            for: [.any, .sim("sim")], now: Timestamp(milliseconds: clock), mayReplace: { _, _ in false })
        {
            waiting[text.uid] = nil
            queue.settle(text, now: Timestamp(milliseconds: clock))
        }
        #expect(waiting.isEmpty && queue.count == 0)
    }

    @Test("one that is cancelled on its lane, before its PDU, does not come back from it, and the next one goes")
    func withdrawnOnItsLane() {
        let now = Timestamp(milliseconds: 1)
        var queue = OutboundQueue()
        let (first, second) = (text(1, "+16195550101"), text(2, "+16195550101"))
        queue.add(first, now: now)
        queue.add(second, now: now)
        var taken = queue.next(for: [.any, .sim("sim")], now: now, mayReplace: { _, _ in false })
        queue.withdraw(first, now: now)
        let early = queue.next(for: [.any, .sim("sim")], now: now, mayReplace: { _, _ in false })
        #expect(early == nil)
        taken?.notBefore = Timestamp(milliseconds: 9_000_000)
        if let taken { queue.retry(taken, now: now, isWait: true) }
        let next = queue.next(for: [.any, .sim("sim")], now: now, mayReplace: { _, _ in false })
        #expect(next?.uid == second.uid)
        #expect(queue.count == 1)
    }

    @Test("one that any SIM may send, for want of room on those it asks for, goes nowhere when it is cancelled")
    func withdrawnAfterAnotherWish() throws {
        let now = Timestamp(milliseconds: 1)
        var queue = OutboundQueue(preferences: ["+1"])
        queue.add(text(1, "+16195550101"), now: now)
        let head = queue.next(for: [.any, .numbers("+1")], now: now, mayReplace: { _, _ in false })
        var taken = try #require(head)
        taken.takesAnySIM = true
        queue.putBack(taken, now: now)
        queue.withdraw(taken, now: now)
        let next = queue.next(for: [.any, .numbers("+1")], now: now, mayReplace: { _, _ in false })
        #expect(next == nil && queue.count == 0 && queue.waiting == 0)
    }

    @Test("an unknown text that stands behind another one goes when a person sends it again, after that one")
    func behindAnother() async throws {
        let shop = try Workshop()
        shop.radio.answer(.unknown(reason: "cut off"))
        try await shop.startSending()
        let planned = try await shop.journal.writer.write { [now = shop.clock.now] database in
            try OutgoingText.insert(
                .init(
                    uid: UID.make(at: now), origin: "api", purpose: .conversation, phone: "+16195550123",
                    content: "planned", notBefore: Timestamp(milliseconds: now.milliseconds + 1)), now: now, database)
        }
        let lost = try await shop.send("lost", to: "+16195550123")
        #expect(try await shop.eventually { try shop.state(of: lost.uid) == "unknown" })
        await shop.close()

        let next = try Workshop(folder: shop.folder)
        next.clock.move(milliseconds: 10)
        next.radio.answer(.refused(code: .cms(42)))
        try await next.startSending()
        #expect(
            try await next.eventually {
                try next.count("SELECT count(*) FROM outbound WHERE state = 'waiting' AND attempts = 1") == 1
            })
        let again = try await next.journal.writer.write { database in
            try OutgoingText.requeue(lost.uid, from: [.unknown], now: shop.clock.now, database)
        }
        await next.outbound.again(try #require(again))
        #expect(try next.state(of: planned.uid) == "waiting")
        #expect(
            try await next.eventually {
                next.clock.move(milliseconds: 1_000)
                return try next.state(of: lost.uid) == "accepted"
            })
        #expect(next.radio.texts == ["planned", "planned", "lost"])
        #expect(shop.radio.texts == ["lost"])
        await next.close()
    }

    @Test("B11: a text that goes again goes before the later ones of its number, and after a restart, too")
    func restart() async throws {
        let shop = try Workshop()
        shop.radio.answer(.refused(code: .cms(42)))
        try await shop.startSending()
        let first = try await shop.send("first", to: "+16195550123")
        try await shop.send("second", to: "+16195550123")
        #expect(
            try await shop.eventually {
                try shop.count("SELECT count(*) FROM part WHERE state = 'refused'") == 1
                    && shop.state(of: first.uid) == "waiting"
            })
        await shop.close()
        let next = try Workshop(folder: shop.folder)
        try await next.startSending()
        let third = try await next.send("third", to: "+16195550123")
        #expect(
            try await next.eventually {
                next.clock.move(milliseconds: 1_000)
                return try next.state(of: third.uid) == "accepted"
            })
        #expect(next.radio.texts == ["first", "second", "third"])
        await next.close()
    }
}
