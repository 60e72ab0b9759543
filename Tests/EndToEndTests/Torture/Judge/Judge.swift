/// The oracle: compares what truly happened with what the gateway says, rule by rule. Pure.
struct Judge {
    let evidence: Evidence
    /// Parts by the uid of their text, over all journals.
    let parts: [String: [Evidence.Part]]
    /// What became of each part on the wire, by its TPDU, in the order in which it happened.
    private let events: [String: [Evidence.Wire]]
    var judgement = Judgement()

    /// A number and what is said to it.
    struct Line: Hashable {
        var phone: String
        var text: String
    }

    static func judge(_ evidence: Evidence) -> Judgement {
        var judge = Judge(evidence: evidence)
        judge.intake()
        judge.answers()
        judge.queue()
        judge.wire()
        judge.copies()
        judge.uncertainty()
        judge.order()
        judge.ends()
        return judge.judgement
    }

    private init(evidence: Evidence) {
        self.evidence = evidence
        parts = Dictionary(grouping: evidence.journals.flatMap(\.parts), by: \.uid)
        events = Dictionary(grouping: evidence.wire, by: \.tpdu)
    }

    /// What happened on the wire to these parts, part by part.
    func events(of tpdus: Set<String>) -> [Evidence.Wire] { tpdus.flatMap { events[$0] ?? [] } }

    /// Texts that came, by number and body: how often, and how many can be told apart.
    private var given: [Line: (copies: Int, distinct: Int)] {
        Dictionary(grouping: evidence.given) { Line(phone: $0.from, text: $0.body) }
            .mapValues { ($0.count, Set($0.map(\.octets)).count) }
    }

    /// What is missing and may still come: a finding, but not that of a loss.
    static let late = ", and may still come"

    private func late(_ line: Line) -> String { evidence.unsettled.contains(line.phone) ? Self.late : "" }

    /// How many copies of this text came, octet for octet the same, into the very place in a modem's memory from which the
    /// first had just been deleted by a gateway that was killed before it could write that down: what lies there is what
    /// its journal knows, and was to delete. Nobody can tell them apart.
    private func takenForAnother(_ line: Line) -> Int {
        let octets = Set(evidence.given.filter { $0.from == line.phone && $0.body == line.text }.map(\.octets))
        return evidence.replacements.count { one in
            octets.contains(one.octets)
                && evidence.cuts.contains { cut in
                    cut.kind == .kill && cut.modem == one.modem
                        && (one.at - Self.lateness...one.at + Self.grace).contains(cut.at)
                }
        }
    }

    /// Every text that the network delivered is in storage exactly once (A1, A3).
    private mutating func intake() {
        judgement.textsIn = evidence.given.count
        var stored: [Line: Int] = [:]
        for row in evidence.rows where row.isInbound {
            stored[Line(phone: row.phone, text: row.content), default: 0] += 1
            if row.isIncomplete { judgement.strange.append("row \(row.id) is incomplete, and all its parts came") }
        }
        for (line, count) in given {
            let rows = stored.removeValue(forKey: line) ?? 0
            let words = "'\(line.text.prefix(40))' came \(count.copies) times and is stored \(rows) times\(late(line))"
            let missing = count.copies - rows
            if missing > 0, rows >= count.distinct, missing <= takenForAnother(line) {
                judgement.alike += missing
            } else if missing > 0 {
                judgement.lost.append(words)
            }
            if rows > count.copies { judgement.doubled.append(words) }
        }
        for line in stored.keys { judgement.strange.append("'\(line.text.prefix(40))' is stored and never came") }
    }

    /// Every text is answered exactly once; byte-identical copies together once.
    private mutating func answers() {
        var answers: [Line: Int] = [:]
        for row in evidence.rows where row.answers != nil {
            answers[Line(phone: row.phone, text: row.content), default: 0] += 1
        }
        for (line, count) in given {
            let found = answers.removeValue(forKey: Line(phone: line.phone, text: evidence.answer(line.text))) ?? 0
            let words = "'\(line.text.prefix(40))' has \(found) answers, not \(count.distinct)\(late(line))"
            if found < count.distinct { judgement.unanswered.append(words) }
            if found > count.distinct { judgement.doubled.append(words) }
        }
        for line in answers.keys { judgement.strange.append("'\(line.text.prefix(40))' answers nothing") }
        var seen: Set<String> = []
        for uid in evidence.rows.compactMap(\.answers) where !seen.insert(uid).inserted {
            judgement.doubled.append("the text \(uid) has two answers")
        }
    }

    /// Every row that another program queued is there, once.
    private mutating func queue() {
        var rows: [Line: Int] = [:]
        for row in evidence.rows where !row.isInbound && row.answers == nil {
            rows[Line(phone: row.phone, text: row.content), default: 0] += 1
        }
        for text in evidence.queued {
            let line = Line(phone: text.phone, text: text.content)
            guard let count = rows[line], count > 0 else {
                judgement.lost.append("the row of '\(text.content.prefix(40))' is gone")
                continue
            }
            rows[line] = count - 1
        }
        for (line, count) in rows where count > 0 {
            judgement.strange.append("the row of '\(line.text.prefix(40))' was never queued")
        }
    }

    /// Every text of ours left exactly once, or is unknown, or was refused for good (B1, B2, B3).
    private mutating func wire() {
        var sent: [Line: Int] = [:]
        for event in evidence.wire where event.kind == .submitted {
            sent[Line(phone: event.to, text: event.text), default: 0] += 1
            judgement.partsOut += 1
        }
        var wanted: [Line: (most: Int, least: Int)] = [:]
        let outbound = evidence.rows.filter { !$0.isInbound }
        judgement.textsOut = outbound.count
        for row in outbound {
            // Of a text that did not leave whole, what the journal says has left must have left all the same.
            let isWhole = row.delivery != "unknown" && row.status != "failed"
            // Nothing leaves that was queued after STOP (B10).
            if evidence.refused.contains(row.content) { continue }
            let own = row.uid.flatMap { parts[$0] } ?? []
            for (place, part) in row.parts.enumerated() {
                let line = Line(phone: row.phone, text: part)
                let name = row.uid.map { Evidence.PartName(uid: $0, number: place + 1) }
                wanted[line, default: (0, 0)].most += 1 + (name.flatMap { evidence.resent[$0] } ?? 0)
                if isWhole || own.contains(where: { $0.number == place + 1 && $0.state == "accepted" }) {
                    wanted[line, default: (0, 0)].least += 1
                }
            }
        }
        for (line, count) in wanted {
            let times = sent.removeValue(forKey: line) ?? 0
            if times > count.most {
                judgement.doubled.append("'\(line.text.prefix(40))' left \(times) times, not \(count.most)")
            }
            if times < count.least {
                judgement.lost.append("'\(line.text.prefix(40))' left \(times) times, not \(count.least)")
            }
        }
        for line in sent.keys {
            let what = evidence.refused.contains(line.text) ? "its reader had said STOP" : "is nobody's"
            judgement.strange.append("'\(line.text.prefix(40))' left, and \(what)")
        }
    }

    /// What is not at its end, or at an end that nothing explains.
    private mutating func ends() {
        var unreported = 0
        for row in evidence.rows where !row.isInbound {
            judgement.strange += strangeReport(of: row)
            switch (row.status, row.delivery) {
            case ("failed", "opted_out") where evidence.refused.contains(row.content): judgement.optedOut += 1
            case _ where evidence.refused.contains(row.content):
                judgement.strange.append(
                    "row \(row.id) is \(row.status)/\(row.delivery ?? "none"), and its reader had said STOP")
            case ("sent", "delivered"): break
            case ("sent", "accepted"): unreported += 1
            case ("sent", "unknown"): judgement.unknownAtEnd += 1
            case ("failed", "undelivered"): judgement.undelivered += 1
            case ("failed", _):
                judgement.failed += 1
                judgement.strange += strangeFailure(of: row)
            default: judgement.stuck.append("row \(row.id) is \(row.status)/\(row.delivery ?? "none")")
            }
        }
        for journal in evidence.journals {
            for text in journal.outgoing where ["waiting", "sending"].contains(text.state) {
                judgement.stuck.append("the text \(text.uid) is \(text.state) in its journal")
            }
            for text in journal.outgoing where !text.isStored {
                judgement.stuck.append("the outcome of \(text.uid) never came to storage")
            }
            for part in journal.parts where part.state == "intent" {
                judgement.stuck.append("part \(part.number) of \(part.uid) is on its way for ever")
            }
        }
        if !evidence.isAtRest { judgement.stuck.append("something still moved when the time was over") }
        if evidence.unsettledInbound > 0 {
            judgement.stuck.append("\(evidence.unsettledInbound) texts wait in a journal for storage or for an answer")
        }
        if evidence.clocksWereTrue, unreported > evidence.droppedReports {
            judgement.stuck.append(
                "\(unreported) texts have no delivery report, and the modems dropped \(evidence.droppedReports)")
        }
    }
}
