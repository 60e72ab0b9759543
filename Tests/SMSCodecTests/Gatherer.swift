import SMSCodec

/// A machine, the parts given to it, and what came out: for tests that care about texts, not about events.
struct Gatherer {
    typealias Machine = Reassembler<Int>

    var machine: Machine
    var now: Int64 = 0
    /// The parts offered, by id.
    private(set) var offered: [Int: ReceivedPart<Int>] = [:]
    /// The texts delivered, by their first part, as they stand now.
    private(set) var texts: [Int: GatheredText<Int>] = [:]
    /// Known duplicates, each with the text that it repeats.
    private(set) var duplicates: [Int: Int] = [:]
    /// The texts that a journal would have: those that wait and those that were delivered.
    private var known: [Int: GatheredText<Int>] = [:]
    var written: [GatheredText<Int>] { Array(known.values) }
    /// What came out last.
    private(set) var events: [ReassemblyEvent<Int>] = []

    init(_ limits: ReassemblyLimits = ReassemblyLimits()) {
        machine = Machine(limits: limits)
    }

    /// Part `sequence` of a text, as it comes from the air.
    static func message(
        _ content: String, _ sequence: UInt8, of total: UInt8, reference: UInt16 = 7, isWide: Bool = false,
        sent: Int64? = 0
    ) -> Deliver {
        let place: [UInt8] =
            isWide
            ? [8, 4, UInt8(reference >> 8), UInt8(reference & 0xFF), total, sequence]
            : [0, 3, UInt8(reference & 0xFF), total, sequence]
        let plain = UserData(text: content)
        return Deliver(
            sender: Address(number: "+15550100"),
            time: sent.map { ServiceCentreTime(unixSeconds: 1_700_000_000 + $0, offsetMinutes: 0) },
            userData: UserData(header: place, encoding: plain.encoding, content: plain.content))
    }

    /// Offers a part; what became of it in one word, for tables.
    @discardableResult
    mutating func offer(_ message: Deliver, from sender: String = "+15550100", sim: String = "sim") -> String {
        let part = ReceivedPart(id: offered.count, message: message, sender: sender, sim: sim)
        offered[part.id] = part
        events = machine.offer(part, now: now)
        note()
        return events.first.map(Self.words) ?? "nothing"
    }

    @discardableResult
    mutating func expire(after milliseconds: Int64 = 600_000) -> [String] {
        now += milliseconds
        events = machine.expire(now: now)
        note()
        return events.map(Self.words)
    }

    static func words(_ event: ReassemblyEvent<Int>) -> String {
        switch event {
        case .waiting: "waiting"
        case .complete(let text): (text.copyOf != nil ? "copy " : "complete ") + text.content
        case .incomplete(let text): "incomplete " + text.content
        case .amended(let text): "amended " + text.content
        case .duplicate(let ids, let first): "duplicate \(ids) of \(first)"
        }
    }

    private mutating func note() {
        for event in events {
            switch event {
            case .waiting(let text): known[text.first] = text
            case .complete(let text), .incomplete(let text), .amended(let text):
                texts[text.first] = text
                known[text.first] = text
            case .duplicate(let ids, let first):
                for id in ids { duplicates[id] = first }
                if let opened = ids.first { known[opened] = nil }
            }
        }
    }

    /// Nil when each part offered is in exactly one delivered text, or a known duplicate of one that is there; else
    /// what is wrong. To be asked when nothing waits.
    var loss: String? {
        var homes: [Int: Int] = [:]
        for text in texts.values {
            for part in text.parts {
                if homes.updateValue(text.first, forKey: part.id) != nil { return "part \(part.id) is in two texts" }
                if offered[part.id] != part { return "part \(part.id) was changed" }
            }
        }
        for id in offered.keys.sorted() {
            switch (homes[id], duplicates[id]) {
            case (nil, nil): return "part \(id) is lost"
            case (nil, let first?):
                let original = texts[first]?.parts.first { $0.sequence == offered[id]?.sequence }
                if original?.userData != offered[id]?.userData { return "part \(id) repeats nothing that is there" }
            case (_?, nil): break
            case (_?, _?): return "part \(id) is in a text and a duplicate"
            }
        }
        return nil
    }
}
