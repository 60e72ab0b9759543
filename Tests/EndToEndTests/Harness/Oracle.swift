import Foundation
import SMSCodec
import Testing

/// Compares what the network gave and got with what the table says. One rule of the house, one check.
struct Oracle {
    /// A part as the network saw it leave.
    struct Wired: Hashable {
        var to: String
        var text: String
    }

    /// A text as the network gave it to a modem: its octets decide whether two are the same.
    struct Given {
        var from: String
        var body: String
        var copies: Int
        /// Different TPDUs among the copies: those that are answered.
        var distinct: Int
    }

    let ledger: Ledger
    let rows: [Table.Row]
    /// How many texts went each way, and what became of them.
    private(set) var summary = ""
    private(set) var unknown = 0

    init(_ world: World, database: String? = nil) throws {
        try world.ledger.refresh()
        ledger = world.ledger
        rows = try Table(path: database ?? world.database).rows()
    }

    /// What the network gave, text by text.
    private var given: [Given] {
        var texts: [Int: [Ledger.Event]] = [:]
        for event in ledger.arrived where event.from != nil { texts[event.id ?? 0, default: []].append(event) }
        var groups: [Wired: (copies: Int, tpdus: Set<String>)] = [:]
        for parts in texts.values {
            let first = parts[0]
            // The ledger has the whole body beside every part.
            let key = Wired(to: first.from ?? "", text: first.text ?? "")
            groups[key, default: (0, [])].copies += 1
            groups[key]?.tpdus.insert(parts.map { $0.tpdu ?? "" }.sorted().joined(separator: "|"))
        }
        return groups.map { Given(from: $0.to, body: $0.text, copies: $1.copies, distinct: $1.tpdus.count) }
    }

    /// A1, A3: every text the network gave is in the table exactly once.
    func expectStoredOnce() {
        var stored: [Wired: Int] = [:]
        for row in rows where row.isInbound { stored[Wired(to: row.phone, text: row.content), default: 0] += 1 }
        let given = given
        for text in given {
            let count = stored.removeValue(forKey: Wired(to: text.from, text: text.body)) ?? 0
            #expect(
                count == text.copies,
                "\(text.body.prefix(40)) came \(text.copies) times and is stored \(count) times"
            )
        }
        #expect(stored.isEmpty, "stored, and never came: \(stored.keys.map { $0.text.prefix(40) })")
        let duplicates = rows.filter { $0.isInbound && $0.possibleDuplicate }.count
        let copies = given.reduce(0) { $0 + $1.copies - $1.distinct }
        #expect(duplicates == copies, "\(copies) were byte-identical copies and \(duplicates) are marked so")
        #expect(!rows.contains { $0.isInbound && $0.incomplete }, "a text is incomplete though all its parts came")
    }

    /// A3: every text is answered once; byte-identical copies together once.
    func expectAnsweredOnce(reply: (String) -> String = { "re: \($0)" }) {
        var answers: [Wired: Int] = [:]
        for row in rows where row.answers != nil { answers[Wired(to: row.phone, text: row.content), default: 0] += 1 }
        for text in given {
            let count = answers.removeValue(forKey: Wired(to: text.from, text: reply(text.body))) ?? 0
            #expect(count == text.distinct, "\(text.body.prefix(40)): \(count) answers, not \(text.distinct)")
        }
        #expect(answers.isEmpty, "answers to nothing: \(answers.keys.map { $0.text.prefix(40) })")
        let answered = rows.compactMap(\.answers)
        #expect(Set(answered).count == answered.count, "a text has two answers")
    }

    /// B1: every text of ours is on the wire once, or says that this is unknown; nothing is there twice.
    mutating func expectSentOnce(unknownAtMost most: Int) throws {
        var wired: [Wired: Int] = [:]
        for event in ledger.submitted { wired[Wired(to: event.to ?? "", text: event.text ?? ""), default: 0] += 1 }
        var wanted: [Wired: (all: Int, unknown: Int)] = [:]
        let outbound = rows.filter { !$0.isInbound }
        for row in outbound {
            #expect(
                row.status == "sent" && ["delivered", "accepted", "unknown"].contains(row.delivery),
                "row \(row.id) ended as \(row.status)/\(row.delivery ?? "none")")
            for part in try Segmentation.split(row.content, reference: 0).parts {
                let key = Wired(to: row.phone, text: part.text)
                wanted[key, default: (0, 0)].all += 1
                if row.delivery == "unknown" { wanted[key, default: (0, 0)].unknown += 1 }
            }
        }
        for (part, count) in wanted {
            let sent = wired.removeValue(forKey: part) ?? 0
            #expect(sent <= count.all, "\(part.text.prefix(40)) is on the wire \(sent) times, not \(count.all)")
            #expect(sent >= count.all - count.unknown, "\(part.text.prefix(40)) is on the wire \(sent) times: lost")
        }
        #expect(wired.isEmpty, "on the wire, and nobody's: \(wired.keys.map { $0.text.prefix(40) })")
        let unreported = outbound.filter { $0.delivery == "accepted" }.count
        let dropped = ledger.counts["dropped"] ?? 0
        #expect(unreported <= dropped, "\(unreported) texts have no report, and the modems dropped \(dropped)")
        unknown = outbound.filter { $0.delivery == "unknown" }.count
        #expect(unknown <= most, "\(unknown) texts are unknown: at most one for each modem and cut")
        summary =
            "\(rows.count - outbound.count) texts in, \(outbound.count) out in \(ledger.submitted.count) parts, "
            + "\(unknown) unknown, \(unreported) without a report"
    }

    /// B11: the texts to one number left in the order in which they were queued.
    func expectOrder(of phones: Set<String>) throws {
        var place: [Wired: Int] = [:]
        for (index, event) in ledger.submitted.enumerated() {
            let key = Wired(to: event.to ?? "", text: event.text ?? "")
            if place[key] == nil { place[key] = index }
        }
        var last: [String: (place: Int, id: Int64)] = [:]
        for row in rows where !row.isInbound && phones.contains(row.phone) {
            guard let first = try Segmentation.split(row.content, reference: 0).parts.first,
                let at = place[Wired(to: row.phone, text: first.text)]
            else { continue }
            if let before = last[row.phone] {
                #expect(before.place < at, "row \(row.id) left before row \(before.id) of the same number")
            }
            last[row.phone] = (at, row.id)
        }
        #expect(!last.isEmpty, "no number has texts whose order could be seen")
    }
}
