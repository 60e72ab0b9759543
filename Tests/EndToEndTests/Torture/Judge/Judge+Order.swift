extension Judge {
    /// The texts to one recipient left one after the other, in the order in which they were taken (B11); one that is
    /// unknown holds the others back only for a while.
    mutating func order() {
        var first: [String: Double] = [:]
        var last: [String: Double] = [:]
        for event in evidence.wire where event.kind == .submitted {
            if first[event.tpdu] == nil { first[event.tpdu] = event.at }
            last[event.tpdu] = event.at
        }
        // A row of the table and an answer that is born meanwhile have no order between them.
        let answers = Set(evidence.rows.filter { $0.answers != nil }.compactMap(\.uid))
        for journal in evidence.journals {
            let parts = Dictionary(grouping: journal.parts, by: \.uid)
            // Of two that are alike in every octet nobody can say which left first.
            let alike = Dictionary(grouping: journal.parts, by: \.tpdu).filter { $0.value.count > 1 }
            let lines = Dictionary(grouping: journal.outgoing) { text in
                Line(phone: text.phone, text: answers.contains(text.uid) ? "answer" : "row")
            }
            for texts in lines.values where texts.count > 1 {
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
        // One that may have left holds back the later ones until its deadline only; then another gateway may send them
        // before it is sent again.
        let unknown = evidence.journals.flatMap(\.parts).filter(\.wasUnknown).map(\.uid)
        let uncertain = Set(unknown).union(evidence.resent.keys.map(\.uid))
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
