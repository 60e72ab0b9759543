import SMSCodec
import Testing

struct ReassemblerPropertyTests {
    /// A random text cut into 2 to 6 parts.
    private func parts(
        of text: Int, reference: UInt16, total: UInt8? = nil, sent: Int64, _ random: inout SeededRandom
    ) -> [Deliver] {
        let total = total ?? UInt8.random(in: 2...6, using: &random)
        return (1...total).map { sequence in
            Gatherer.message(
                "<\(text).\(sequence)>", sequence, of: total, reference: reference, sent: sent + Int64(sequence))
        }
    }

    private func whole(_ text: Int, _ total: Int) -> String {
        (1...total).map { "<\(text).\($0)>" }.joined()
    }

    @Test(
        "A8: any order of the parts of k texts, some of them delivered again, gives just the k texts",
        arguments: 0..<30 as Range<UInt64>)
    func anyOrder(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for _ in 0..<20 {
            var gatherer = Gatherer()
            var air: [Deliver] = []
            var expected: [String] = []
            for text in 0..<Int.random(in: 1...12, using: &random) {
                let parts = parts(of: text, reference: UInt16(text), sent: Int64(text), &random)
                expected.append(whole(text, parts.count))
                air += parts
                // At least one part of each comes once: else a whole text came again (A3).
                let once = Int.random(in: parts.indices, using: &random)
                for (index, part) in parts.enumerated() where index != once {
                    air += Array(repeating: part, count: Int.random(in: 0...2, using: &random))
                }
            }
            air.shuffle(using: &random)
            for message in air { gatherer.offer(message) }
            gatherer.expire()
            #expect(gatherer.texts.values.map(\.content).sorted() == expected.sorted())
            #expect(gatherer.duplicates.count == air.count - gatherer.texts.values.map(\.total).reduce(0, +))
            #expect(gatherer.loss == nil)
        }
    }

    @Test("A3: as many texts come whole as every part of one came", arguments: 0..<10 as Range<UInt64>)
    func copies(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for _ in 0..<20 {
            var gatherer = Gatherer()
            let parts = parts(of: 1, reference: 1, sent: 0, &random)
            let counts = parts.map { _ in Int.random(in: 1...4, using: &random) }
            var air = zip(parts, counts).flatMap { Array(repeating: $0, count: $1) }
            air.shuffle(using: &random)
            for message in air { gatherer.offer(message) }
            gatherer.expire()
            #expect(gatherer.texts.count == counts.min())
            #expect(gatherer.texts.values.filter { $0.copyOf != nil }.count == gatherer.texts.count - 1)
            #expect(gatherer.texts.values.allSatisfy { $0.content == whole(1, parts.count) })
            #expect(gatherer.loss == nil)
        }
    }

    @Test(
        "A8: texts of one reference, interleaved, come whole when each one's parts come in order",
        arguments: 0..<20 as Range<UInt64>)
    func interleaved(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for _ in 0..<20 {
            var gatherer = Gatherer()
            let count = Int.random(in: 2...5, using: &random)
            let total = UInt8.random(in: 2...5, using: &random)
            var left = (0..<count).map { parts(of: $0, reference: 9, total: total, sent: 0, &random)[...] }
            // A network that keeps the order: no text overtakes an older one in any place.
            while left.contains(where: { !$0.isEmpty }) {
                let movable = left.indices.filter { index in
                    !left[index].isEmpty && (index == 0 || left[index].count > left[index - 1].count)
                }
                guard let next = movable.randomElement(using: &random) else { break }
                gatherer.offer(left[next].removeFirst())
            }
            #expect(gatherer.texts.values.map(\.content).sorted() == (0..<count).map { whole($0, Int(total)) }.sorted())
            #expect(gatherer.loss == nil)
        }
    }

    @Test(
        "nothing is ever lost, and nothing grows: any parts in any order at any time",
        arguments: 0..<30 as Range<UInt64>)
    func anything(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let limits = ReassemblyLimits(
            waitingPerSender: .random(in: 1...6, using: &random), waiting: .random(in: 1...12, using: &random),
            remembered: .random(in: 0...20, using: &random))
        var gatherer = Gatherer(limits)
        for _ in 0..<1_500 {
            let message = Gatherer.message(
                ["a", "b", "где"].randomElement(using: &random) ?? "a", .random(in: 0...4, using: &random),
                of: .random(in: 0...4, using: &random), reference: .random(in: 0...2, using: &random),
                isWide: .random(using: &random),
                sent: [nil, 0, 5, 9_000].randomElement(using: &random) ?? nil)
            gatherer.offer(
                message, from: ["+1", "+2", "+3"].randomElement(using: &random) ?? "+1",
                sim: ["x", "y"].randomElement(using: &random) ?? "x")
            #expect(gatherer.machine.waitingCount <= limits.waiting)
            #expect(gatherer.machine.rememberedCount <= limits.remembered)
            if Int.random(in: 0..<20, using: &random) == 0 {
                gatherer.expire(after: .random(in: -1_000...5_000_000, using: &random))
            }
        }
        gatherer.expire(after: 100_000_000)
        #expect(gatherer.machine.waitingCount == 0)
        #expect(gatherer.machine.nextDeadline == nil)
        #expect(gatherer.loss == nil)
    }

    @Test(
        "a machine made anew of what is written down goes on as the old one would", arguments: 0..<20 as Range<UInt64>)
    func restored(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var kept = Gatherer()
        var again = Gatherer()
        for _ in 0..<150 {
            let message = Gatherer.message(
                ["a", "b"].randomElement(using: &random) ?? "a", .random(in: 1...3, using: &random), of: 3,
                reference: .random(in: 0...1, using: &random), sent: .random(in: 0...1, using: &random) * 9_000)
            kept.offer(message)
            // As the journal does: nothing but ids, parts and what was delivered is carried over.
            var machine = Reassembler<Int>()
            for text in kept.written.shuffled(using: &random) {
                let parts = text.parts.compactMap { kept.offered[$0.id] }
                machine.restore(
                    try #require(
                        GatheredText(
                            parts: parts, isDelivered: text.state != .waiting, openedAt: text.openedAt,
                            deadline: text.deadline, copyOf: text.copyOf)))
            }
            again = kept
            again.machine = machine
            let next = Gatherer.message("c", .random(in: 1...3, using: &random), of: 3, reference: 0)
            var other = kept
            #expect(again.offer(next) == other.offer(next))
            let wait = Int64.random(in: 0...700_000, using: &random)
            #expect(again.expire(after: wait) == other.expire(after: wait))
            if Int.random(in: 0..<10, using: &random) == 0 { kept.expire(after: wait) }
        }
    }
}
