extension Judge {
    /// How long after a modem's word a killed gateway may not have it on the disk yet: the read, the commit before, and
    /// its own. Milliseconds; the machine is busy.
    static let grace = 1_500.0
    /// How long a modem goes on with what a dead gateway gave it. Milliseconds.
    static let afterlife = 150.0

    /// The number of unknowns is the number of sends whose final result was truly cut off or withheld (B2).
    ///
    /// A part is cut off where the modem took it and did not say what became of it, or withheld that; where the gateway
    /// went away between intent and PDU; and where the gateway or the port went away so shortly after the modem's word
    /// that it was not on the disk.
    mutating func uncertainty() {
        var withheld: Set<String> = []
        var accepted: [String: (at: Double, modem: Int)] = [:]
        var submitted: Set<String> = []
        for event in evidence.wire {
            switch event.kind {
            case .submitted:
                submitted.insert(event.tpdu)
                withheld.insert(event.tpdu)
            case .told("none"), .told("cms 332"): withheld.insert(event.tpdu)
            case .told("ok"):
                withheld.remove(event.tpdu)
                accepted[event.tpdu] = (event.at, event.modem)
            case .told: withheld.remove(event.tpdu)
            }
        }
        let parts = evidence.journals.flatMap(\.parts)
        let known = Dictionary(grouping: parts, by: \.tpdu)
        for tpdu in withheld where known[tpdu]?.contains(where: \.wasUnknown) != true {
            let state = known[tpdu]?.first.map { "\($0.state) in the journal" } ?? "not in the journal"
            judgement.misjudged.append("a result was cut off, and the part is \(state)")
        }
        var before: [Int: Int] = [:]
        var byKill: [Int: Int] = [:]
        for part in parts where part.wasUnknown {
            judgement.unknown += 1
            if part.wasCutByKill { byKill[part.modem, default: 0] += 1 }
            if withheld.contains(part.tpdu) || known[part.tpdu].map({ $0.count > 1 }) == true {
                // Of two parts that are alike in every octet nobody can say which it was.
                judgement.cutOff += 1
            } else if let told = accepted[part.tpdu] {
                if let cut = cut(of: told.at, told.modem) {
                    if cut <= told.at { judgement.cutOff += 1 } else { judgement.cutAfter += 1 }
                    judgement.longestToDisk = max(judgement.longestToDisk, cut - told.at)
                } else {
                    judgement.misjudged.append("part \(part.number) of \(part.uid) is unknown, and the modem said ok")
                }
            } else {
                judgement.cutBefore += 1
                before[part.modem, default: 0] += 1
            }
        }
        for (modem, count) in before {
            let cuts = evidence.cuts.filter { $0.modem == modem }.count
            if count > cuts {
                judgement.misjudged.append("modem \(modem) was cut \(cuts) times, and \(count) parts never came to it")
            }
        }
        // At most one part of a modem is unknown after a crash (decision 4).
        for (modem, count) in byKill {
            let kills = evidence.cuts.filter { $0.modem == modem && $0.kind == .kill }.count
            if count > kills {
                judgement.misjudged.append("\(count) parts of modem \(modem) were cut off by \(kills) kills")
            }
        }
    }

    /// When the gateway, or the port, went away that may not have got a modem's word, or not written it down yet.
    private func cut(of told: Double, _ modem: Int) -> Double? {
        let mine = evidence.cuts.filter { $0.modem == modem && $0.at >= told - Self.afterlife }.map(\.at).sorted()
        return mine.first { cut in
            if cut <= told + Self.grace { return true }
            // What was told while the journal was away is durable only when it is back.
            return evidence.journalDown.contains { $0.contains(told) && cut <= $0.upperBound + Self.grace }
        }
    }

    /// The texts to one recipient left one after the other, in the order in which they were taken (B11); one that is
    /// unknown holds the others back only for a while.
    mutating func order() {
        var first: [String: Double] = [:]
        var last: [String: Double] = [:]
        for event in evidence.wire where event.kind == .submitted {
            if first[event.tpdu] == nil { first[event.tpdu] = event.at }
            last[event.tpdu] = event.at
        }
        for journal in evidence.journals {
            let parts = Dictionary(grouping: journal.parts, by: \.uid)
            // Of two that are alike in every octet nobody can say which left first.
            let alike = Dictionary(grouping: journal.parts, by: \.tpdu).filter { $0.value.count > 1 }
            for texts in Dictionary(grouping: journal.outgoing, by: \.phone).values where texts.count > 1 {
                var end = -Double.infinity
                for text in texts.sorted(by: { $0.seq < $1.seq }) {
                    let mine = parts[text.uid] ?? []
                    guard !mine.contains(where: { $0.wasUnknown || alike[$0.tpdu] != nil }) else { continue }
                    let begins = mine.compactMap { first[$0.tpdu] }
                    guard let begin = begins.min() else { continue }
                    if begin < end {
                        judgement.disordered.append("\(text.uid) left before an earlier text of its number had left")
                    }
                    end = max(end, mine.compactMap { last[$0.tpdu] }.max() ?? begin)
                }
            }
        }
        orderOfRows()
    }

    /// Rows of one number leave in the order of the table, whichever gateway sends them.
    private mutating func orderOfRows() {
        var place: [Line: Double] = [:]
        for event in evidence.wire where event.kind == .submitted {
            let line = Line(phone: event.to, text: event.text)
            if place[line] == nil { place[line] = event.at }
        }
        let uncertain = Set(evidence.journals.flatMap(\.parts).filter(\.wasUnknown).map(\.uid))
        var end: [String: (at: Double, id: Int64)] = [:]
        for row in evidence.rows.sorted(by: { $0.id < $1.id }) where !row.isInbound && row.answers == nil {
            guard let uid = row.uid, !uncertain.contains(uid), let part = row.parts.first,
                let at = place[Line(phone: row.phone, text: part)]
            else { continue }
            if let before = end[row.phone], at < before.at {
                judgement.disordered.append("row \(row.id) left before row \(before.id) of the same number")
            }
            end[row.phone] = (at, row.id)
        }
    }
}
