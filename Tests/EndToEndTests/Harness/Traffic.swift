import Foundation
import SMSCodec

/// Texts of every sort, both ways, always more of them.
struct Traffic {
    let world: World
    var dice: Dice
    /// Numbers that get several texts, in order.
    let ordered: Set<String>
    private var table: Table?
    private var number = 0
    /// Rows queued: the last part of each, as the network will see it.
    private var waiting: Set<Oracle.Wired> = []
    private var seen = 0
    /// Dozens of texts that are added at once: more of them where a busy machine looks seldom at a fast gateway.
    private var dozens = 1
    private static let mostDozens = 8
    private var grownAt = 0.0
    /// Since when no look has found enough.
    private var thinSince: Double?

    /// In flight each way, at least.
    static let least = 24

    init(_ world: World, seed: UInt64) {
        self.world = world
        dice = Dice(seed: seed)
        ordered = Set((0..<6).map { "+1619557000\($0)" })
    }

    /// A radio that takes its time, so that there is something to cut.
    func settle(modems: Int) throws {
        for modem in 0..<modems {
            try world.tell("latency modem\(modem) 500us jitter 1ms")
            try world.tell("radio modem\(modem) 10ms jitter 20ms")
            try world.tell("reports modem\(modem) delay 150ms")
        }
    }

    /// The table is there.
    mutating func open() throws {
        table = try Table(path: world.database)
    }

    /// Texts on their way to us, and of ours, that the other side does not have yet.
    mutating func inFlight() throws -> (inward: Int, outward: Int, least: Int) {
        try world.ledger.refresh()
        for event in world.ledger.submitted[seen...] {
            waiting.remove(Oracle.Wired(to: event.to ?? "", text: event.text ?? ""))
        }
        seen = world.ledger.submitted.count
        let inward = world.ledger.unfinished.count
        return (inward, waiting.count, min(inward, waiting.count))
    }

    /// Adds traffic where there is not enough in flight; true when there was enough each way, or when looks are so far
    /// apart that for two seconds all that was added had gone before the next one.
    @discardableResult
    mutating func fill() throws -> Bool {
        let state = try inFlight()
        guard state.least < Self.least else {
            thinSince = nil
            return true
        }
        let now = now()
        let since = thinSince ?? now
        thinSince = since
        if now - max(since, grownAt) >= 100, dozens < Self.mostDozens {
            dozens *= 2
            grownAt = now
        }
        for _ in 0..<dozens where state.inward < Self.least { try receive() }
        for _ in 0..<dozens where state.outward < Self.least { try send() }
        return now - since >= 2_000
    }

    /// A dozen texts to us.
    private mutating func receive() throws {
        for _ in 0..<7 {
            number += 1
            try world.text(number % 2, from: "+1619556\(String(format: "%04d", number % 500))", "question \(number)")
        }
        number += 1
        try world.text(number % 2, from: "+16195580001", "yes \(number)", count: 4)
        number += 1
        try world.text(number % 2, from: "+1619559\(String(format: "%04d", number % 100))", long("story", number))
    }

    /// A dozen texts of ours, as another program queues them.
    private mutating func send() throws {
        var texts: [(phone: String, content: String)] = []
        for _ in 0..<8 {
            number += 1
            texts.append(("+1619555\(String(format: "%04d", 1_000 + number % 9_000))", "news \(number)"))
        }
        for phone in ordered.shuffled(using: &dice).prefix(3) {
            number += 1
            texts.append((phone, "step \(number)"))
        }
        number += 1
        texts.append(("+1619554\(String(format: "%04d", number % 9_000))", long("offer", number)))
        try table?.queue(texts)
        for text in texts {
            guard let last = try Segmentation.split(text.content, reference: 0).parts.last else { continue }
            waiting.insert(Oracle.Wired(to: text.phone, text: last.text))
        }
    }

    /// Two or three parts, each of which says whose it is.
    private func long(_ word: String, _ number: Int) -> String {
        Array(repeating: "\(word) \(number)", count: number % 2 == 0 ? 16 : 32).joined(separator: "; ")
    }

    /// Waits until everything has come to its end: nothing left in the modems, nothing open in the table.
    ///
    /// A modem that was just plugged in drops the reports that come before it is set up: texts of which that may be so
    /// end as `accepted`.
    func drain(within seconds: Double) async throws {
        try await eventually("the modems are empty", within: seconds) {
            try world.ledger.refresh()
            return world.ledger.unfinished.isEmpty
        }
        guard let table else { throw Failure("the table was never opened") }
        let texts = Set(world.ledger.arrived.compactMap { $0.from == nil ? nil : $0.id }).count
        try await eventually("every text is stored", within: 60, every: 50) {
            try table.count("direction = 'inbound'") >= texts
        }
        let open = """
            direction = 'outbound' AND (status = 'queued' OR ifnull(delivery_status, '') NOT IN ('delivered', 'unknown'))
            """
        do {
            try await eventually("every text of ours has left", within: seconds, every: 50) {
                try table.count(open) <= world.ledger.count("dropped")
                    && table.count("\(open) AND ifnull(delivery_status, '') <> 'accepted'") == 0
            }
        } catch {
            let rows = try table.rows(where: open).prefix(5).map { "\($0.id) \($0.status)/\($0.delivery ?? "none")" }
            throw Failure("\(error): \(try table.count(open)) rows are open, as \(rows)")
        }
        // A late copy would come now: reports are the last that the modems give.
        try await eventually("the modems are empty", within: seconds) {
            try world.ledger.refresh()
            return world.ledger.unfinished.isEmpty
        }
    }
}
