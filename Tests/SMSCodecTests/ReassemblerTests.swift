import SMSCodec
import Testing

struct ReassemblerTests {
    typealias Place = (content: String, sequence: UInt8, total: UInt8)

    private func part(_ content: String, _ sequence: UInt8, of total: UInt8 = 2, sent: Int64? = 0) -> Deliver {
        Gatherer.message(content, sequence, of: total, sent: sent)
    }

    @Test(
        "A8: parts come in any order",
        arguments: [
            [("a", 1, 2), ("b", 2, 2)], [("b", 2, 2), ("a", 1, 2)], [("c", 3, 3), ("a", 1, 3), ("b", 2, 3)],
            [("b", 2, 4), ("d", 4, 4), ("a", 1, 4), ("c", 3, 4)],
        ] as [[(String, UInt8, UInt8)]])
    func order(parts: [(String, UInt8, UInt8)]) {
        var gatherer = Gatherer()
        for (content, sequence, total) in parts.dropLast() {
            #expect(gatherer.offer(part(content, sequence, of: total)) == "waiting")
        }
        let last = parts[parts.count - 1]
        let whole = parts.sorted { $0.1 < $1.1 }.map(\.0).joined()
        #expect(gatherer.offer(part(last.0, last.1, of: last.2)) == "complete \(whole)")
        #expect(gatherer.loss == nil)
        #expect(gatherer.machine.nextDeadline == nil)
    }

    @Test(
        "a part without a place in a longer text stands alone",
        arguments: [(0, 3), (4, 3), (1, 1), (1, 0), (0, 0), (255, 254)] as [(UInt8, UInt8)])
    func alone(sequence: UInt8, total: UInt8) {
        var gatherer = Gatherer()
        #expect(gatherer.offer(part("x", sequence, of: total)) == "complete x")
        #expect(gatherer.offer(part("x", sequence, of: total)) == "complete x", "A3: twice is two texts")
        #expect(gatherer.texts.count == 2)
        #expect(gatherer.machine.waitingCount + gatherer.machine.rememberedCount == 0)
    }

    @Test("A8: sender, SIM, reference, its width and the total each keep texts apart")
    func keys() {
        var gatherer = Gatherer()
        #expect(gatherer.offer(part("a", 1)) == "waiting")
        let second = part("b", 2)
        #expect(gatherer.offer(second, from: "+15550101") == "waiting")
        #expect(gatherer.offer(second, sim: "other") == "waiting")
        #expect(gatherer.offer(Gatherer.message("b", 2, of: 2, reference: 8)) == "waiting")
        #expect(gatherer.offer(Gatherer.message("b", 2, of: 2, isWide: true)) == "waiting")
        #expect(gatherer.offer(part("b", 2, of: 3)) == "waiting", "a changed total")
        #expect(gatherer.offer(second) == "complete ab")
        #expect(gatherer.expire().count == 5)
        #expect(gatherer.loss == nil)
    }

    @Test("A8: two texts with one reference: another first part opens a text, the older one gets what it lacks")
    func oneReference() {
        var gatherer = Gatherer()
        #expect(gatherer.offer(part("a", 1)) == "waiting")
        #expect(gatherer.offer(part("c", 1)) == "waiting")
        #expect(gatherer.offer(part("b", 2)) == "complete ab")
        #expect(gatherer.offer(part("d", 2)) == "complete cd")
        #expect(gatherer.loss == nil)
    }

    @Test("A8: a reference that came round again: parts go with those that were sent within the hour")
    func rollover() {
        var gatherer = Gatherer()
        gatherer.offer(part("a", 1, sent: 0))
        gatherer.offer(part("c", 1, sent: 7_200))
        #expect(gatherer.offer(part("d", 2, sent: 7_205)) == "complete cd")
        #expect(gatherer.offer(part("b", 2, sent: 4)) == "complete ab")
        gatherer.offer(part("e", 1, sent: 20_000))
        gatherer.expire()
        gatherer.offer(part("g", 1, sent: 90_000))
        #expect(
            gatherer.offer(part("h", 2, sent: 90_003)) == "complete gh", "a text that waits comes before a late one")
        #expect(gatherer.offer(part("f", 2, sent: 20_003)) == "amended ef")
        #expect(gatherer.loss == nil)
    }

    @Test("A8: service centres whose clocks differ do not part a text")
    func clocks() {
        var gatherer = Gatherer()
        gatherer.offer(part("a", 1, sent: 0))
        #expect(gatherer.offer(part("b", 2, sent: 25_200)) == "complete ab")
        gatherer.offer(part("c", 1, sent: nil))
        #expect(gatherer.offer(part("d", 2, sent: 90_000)) == "complete cd")
    }

    @Test("the network delivers a part again: one text, and the other part is a known duplicate")
    func repeated() {
        var gatherer = Gatherer()
        #expect(gatherer.offer(part("a", 1)) == "waiting")
        #expect(gatherer.offer(part("a", 1)) == "waiting")
        #expect(gatherer.offer(part("b", 2)) == "complete ab")
        #expect(gatherer.offer(part("a", 1)) == "waiting")
        #expect(gatherer.expire() == ["duplicate [1] of 0", "duplicate [3] of 0"])
        #expect(gatherer.texts.count == 1)
        #expect(gatherer.loss == nil)
    }

    @Test("A3: the network delivers a whole text again: a text of its own, marked")
    func copy() {
        var gatherer = Gatherer()
        let (first, second) = (part("a", 1), part("b", 2))
        gatherer.offer(first)
        gatherer.offer(second)
        #expect(gatherer.offer(second) == "waiting")
        #expect(gatherer.offer(first) == "copy ab")
        gatherer.offer(first)
        #expect(gatherer.offer(part("c", 2, sent: 3)) == "waiting", "what is repeated goes with repetitions only")
        #expect(gatherer.expire() == ["duplicate [4] of 0", "incomplete […]c"])
        #expect(gatherer.loss == nil)
    }

    @Test("A3: a text that the sender sends again is a text; what is left of another attempt is a duplicate")
    func resent() {
        var gatherer = Gatherer()
        for sent in [0, 60] as [Int64] {
            gatherer.offer(part("a", 1, sent: sent))
            #expect(gatherer.offer(part("b", 2, sent: sent)) == "complete ab")
        }
        gatherer.offer(part("a", 1, sent: 120))
        #expect(gatherer.offer(part("c", 2, sent: 120)) == "complete ac", "another text that begins alike")
        gatherer.offer(part("b", 2, sent: 180))
        #expect(gatherer.expire() == ["duplicate [6] of 0"])
        #expect(gatherer.loss == nil)
    }

    @Test("A8: a text that waited long enough is delivered incomplete; late parts amend it, up to a bound")
    func late() {
        var gatherer = Gatherer()
        gatherer.offer(part("a", 1, of: 4))
        gatherer.offer(part("c", 3, of: 4))
        #expect(gatherer.machine.nextDeadline == 600_000)
        #expect(gatherer.expire(after: 599_999) == [])
        #expect(gatherer.expire(after: 1) == ["incomplete a[…]c[…]"])
        #expect(gatherer.expire(after: 1) == [])
        #expect(gatherer.offer(part("d", 4, of: 4)) == "amended a[…]cd")
        gatherer.now = 86_399_999
        #expect(gatherer.offer(part("b", 2, of: 4)) == "amended abcd")
        #expect(gatherer.texts.keys.sorted() == [0])

        gatherer.offer(part("x", 1))
        gatherer.expire()
        gatherer.now += 86_400_000 - 600_000
        #expect(gatherer.offer(part("y", 2)) == "waiting", "too late: it opens a text")
        #expect(gatherer.expire() == ["incomplete […]y"])
        #expect(gatherer.loss == nil)
    }

    @Test("what is too old to be amended is forgotten")
    func forgets() {
        var gatherer = Gatherer()
        gatherer.offer(part("a", 1))
        gatherer.offer(part("b", 2))
        gatherer.offer(part("c", 1))
        gatherer.expire()
        #expect(gatherer.machine.rememberedCount == 2)
        gatherer.expire(after: 86_400_000)
        #expect(gatherer.machine.rememberedCount == 0)
    }

    @Test("a flood of parts of one sender delivers its oldest texts, and no other sender's")
    func flood() {
        var gatherer = Gatherer(ReassemblyLimits(waitingPerSender: 4, waiting: 10, remembered: 6))
        gatherer.offer(part("mine", 1), from: "+15550199")
        for reference in 0..<200 as Range<UInt16> {
            #expect(gatherer.offer(Gatherer.message("x\(reference)", 1, of: 2, reference: reference)) == "waiting")
            #expect(gatherer.machine.waitingCount <= 5)
            #expect(gatherer.machine.rememberedCount <= 6)
            if reference >= 4 { #expect(gatherer.events.last.map(Gatherer.words) == "incomplete x\(reference - 4)[…]") }
        }
        #expect(gatherer.offer(part(" too", 2), from: "+15550199") == "complete mine too")
        gatherer.expire()
        #expect(gatherer.loss == nil)
    }

    @Test("a flood from many senders delivers the oldest texts of all")
    func manySenders() {
        var gatherer = Gatherer(ReassemblyLimits(waitingPerSender: 4, waiting: 10, remembered: 6))
        for sender in 0..<100 {
            gatherer.offer(part("x", 1), from: "+1555\(sender)")
            #expect(gatherer.machine.waitingCount <= 10)
            #expect(gatherer.machine.rememberedCount <= 6)
        }
        #expect(gatherer.texts.keys.sorted() == Array(0..<90))
        gatherer.expire()
        #expect(gatherer.loss == nil)
    }

    @Test(
        "a key is read again as it was written",
        arguments: ["+15550100", "Bank of 1 / 2", "", " ", "a n7/3", "Ñandú", "w"])
    func keyText(sender: String) throws {
        for isWide in [false, true] {
            let place = Concatenation(reference: isWide ? 65_535 : 255, isWide: isWide, total: 255, sequence: 9)
            let key = try #require(ConcatenationKey(place, sender: sender, sim: "8901"))
            #expect(ConcatenationKey(key.description) == key)
        }
    }

    @Test(
        "what is no key is not read as one",
        arguments: [
            "", "a", "a b", "a b c", "a b n7", "a b n256/2", "a b w65536/2", "a b n7/1", "a b n7/256", "a b x7/2",
        ])
    func noKey(text: String) {
        #expect(ConcatenationKey(text) == nil)
    }
}
