extension Judge {
    /// How long after a modem's word a killed gateway may not have it on the disk yet: the read, the commit before, and
    /// its own. Milliseconds; the machine is busy.
    static let grace = 500.0
    /// As `grace`, of a gateway that stood still all the while: its disk kept it waiting, or the machine.
    static let standstill = 2_000.0
    /// How long a word lies in a port that closes. Milliseconds.
    static let afterlife = 150.0
    /// How long a modem goes on with what a dead gateway gave it, and how late the simulator may be with what it was told
    /// to do. Milliseconds; the machine is busy.
    static let lateness = 400.0
    /// How long a gateway waits for a result (`CONDUCTOR_TEMPO=short`). Milliseconds.
    static let patience = 3_000.0

    /// The number of unknowns is the number of sends whose final result was truly cut off or withheld (B2).
    ///
    /// A part is cut off where the modem took it and did not say what became of it, or withheld that; where the gateway
    /// or the modem went away between intent and PDU; and where one of them went away so shortly after the modem's word
    /// that it was not heard, or not on the disk. Each must be what the journal says it was: a kill excuses nothing but
    /// what a start found open, and a yank nothing but what a living gateway gave up.
    mutating func uncertainty() {
        var told: [String: (at: Double, modem: Int, result: String)] = [:]
        var withheld: Set<String> = []
        for event in evidence.wire {
            switch event.kind {
            case .submitted: withheld.insert(event.tpdu)
            case .told(let result):
                if Self.isUncertain(result) { withheld.insert(event.tpdu) } else { withheld.remove(event.tpdu) }
                told[event.tpdu] = (event.at, event.modem, result)
            case .reported: break
            }
        }
        let all = evidence.journals.flatMap(\.parts)
        let known = Dictionary(grouping: all, by: \.tpdu)
        for tpdu in withheld where known[tpdu]?.contains(where: \.wasUnknown) != true {
            let state = known[tpdu]?.first.map { "\($0.state) in the journal" } ?? "not in the journal"
            judgement.misjudged.append("a result was cut off, and the part is \(state)")
        }
        var byKill: [Int: Int] = [:]
        var byModem: [Int: Int] = [:]
        for part in all where part.wasUnknown {
            judgement.unknown += 1
            let kind: Evidence.Cut.Kind = part.wasCutByKill ? .kill : .modem
            if part.wasCutByKill { byKill[part.modem, default: 0] += 1 }
            // Of two parts that are alike in every octet nobody can say which it was.
            if known[part.tpdu].map({ $0.count > 1 }) == true {
                judgement.cutOff += 1
                continue
            }
            let wasResent = evidence.resent[Evidence.PartName(uid: part.uid, number: part.number)] != nil
            let told = told[part.tpdu]
            if withheld.contains(part.tpdu) {
                judgement.cutOff += 1
                if !wasResent { explain(part, told) }
                continue
            }
            if kind == .modem { byModem[part.modem, default: 0] += 1 }
            guard let told else {
                judgement.cutBefore += 1
                continue
            }
            if let cut = cut(kind, of: told.modem, after: told.at) {
                if cut <= told.at { judgement.cutOff += 1 } else { judgement.cutAfter += 1 }
                if cut <= told.at + Self.grace, !evidence.journalDown.contains(where: { $0.contains(told.at) }) {
                    judgement.longestToDisk = max(judgement.longestToDisk, cut - told.at)
                }
            } else if told.result == "ok", !wasResent {
                judgement.misjudged.append(
                    "part \(part.number) of \(part.uid) is unknown (\(part.error ?? "")), and modem \(told.modem) said "
                        + "ok at \(Int(told.at)); cuts: \(near(told.at, told.modem))")
            } else {
                // Another attempt, which never came to the modem.
                judgement.cutBefore += 1
            }
        }
        // A modem has one part at a time (decision 4): each cut makes at most one unknown.
        count(byKill, .kill)
        count(byModem, .modem)
        texts()
    }

    private static func isUncertain(_ result: String) -> Bool { result == "none" || result == "cms 332" }

    /// A result was withheld: does the journal give the reason for which it knows of none?
    private mutating func explain(_ part: Evidence.Part, _ told: (at: Double, modem: Int, result: String)?) {
        guard let told else { return }
        let isExplained =
            switch part.error {
            case Evidence.cutByKill:
                // Given up when the journal had no room for that, as at the end of a drain, it stays an intent.
                cut(.kill, of: told.modem, after: told.at, waiting: Self.patience) != nil
                    || evidence.journalDown.contains { $0.overlaps(told.at...told.at + Self.patience + Self.grace) }
            case Evidence.noAnswer: told.result == "cms 332"
            case Evidence.noResult where told.result == "none": true
            default: cut(.modem, of: told.modem, after: told.at, waiting: Self.patience) != nil
            }
        guard !isExplained else { return }
        judgement.misjudged.append(
            "part \(part.number) of \(part.uid) is unknown for '\(part.error ?? "")', and modem \(told.modem) told "
                + "\(told.result) at \(Int(told.at)); cuts: \(near(told.at, told.modem))")
    }

    private func near(_ told: Double, _ modem: Int) -> String {
        let cuts = evidence.cuts.filter { $0.modem == modem && abs($0.at - told) < 5_000 }
        return cuts.map { "\($0.kind) after \(Int($0.at - told)) ms" }.joined(separator: ", ")
    }

    private mutating func count(_ unknown: [Int: Int], _ kind: Evidence.Cut.Kind) {
        for (modem, count) in unknown {
            let cuts = evidence.cuts.count { $0.modem == modem && $0.kind == kind }
            guard count > cuts else { continue }
            let what = kind == .kill ? "kills" : "yanks and the like"
            judgement.misjudged.append("\(count) parts of modem \(modem) were cut off by \(cuts) \(what)")
        }
    }

    /// A text is unknown where one of its parts is, and nowhere else; its row says what its journal says.
    private mutating func texts() {
        var unknown: Set<String> = []
        for text in evidence.journals.flatMap(\.outgoing) {
            let hasUnknown = parts[text.uid]?.contains { $0.state == "unknown" } == true
            if text.state == "unknown" { unknown.insert(text.uid) }
            if text.state == "unknown", !hasUnknown {
                judgement.misjudged.append("the text \(text.uid) is unknown, and none of its parts is")
            }
            if hasUnknown, ["accepted", "delivered"].contains(text.state) {
                judgement.misjudged.append("the text \(text.uid) is \(text.state), and a part of it is unknown")
            }
        }
        for row in evidence.rows where row.delivery == "unknown" && !unknown.contains(row.uid ?? "") {
            judgement.misjudged.append("row \(row.id) is unknown, and its text is not")
        }
    }

    /// Whether the gateway that was killed at `end` did nothing with any of its modems since `start`.
    private func stoodStill(from start: Double, until end: Double) -> Bool {
        let modems = Set(evidence.cuts.filter { $0.kind == .kill && $0.at == end }.map(\.modem))
        return !evidence.deeds.contains { modems.contains($0.modem) && $0.at >= start && $0.at < end }
    }

    /// When the gateway, or the modem, went away that may not have got a modem's word, or not written it down yet.
    /// `waiting`: how long the gateway may have gone on without it.
    func cut(_ kind: Evidence.Cut.Kind, of modem: Int, after told: Double, waiting: Double = 0) -> Double? {
        // What a living gateway has heard it knows, on the disk or not: of a modem only what it had not heard counts.
        let latest = told + waiting + (kind == .kill ? Self.grace : Self.afterlife)
        let mine = evidence.cuts.filter {
            $0.modem == modem && $0.kind == kind && $0.at >= told - Self.lateness
        }.map(\.at).sorted()
        return mine.first { cut in
            if cut <= latest { return true }
            if kind == .kill, cut <= latest - Self.grace + Self.standstill,
                stoodStill(from: latest - Self.grace + 200, until: cut)
            {
                return true
            }
            // What was told while the journal was away is durable only when it is back.
            return kind == .kill
                && evidence.journalDown.contains { $0.contains(told) && cut <= $0.upperBound + Self.grace }
        }
    }
}
