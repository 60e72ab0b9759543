extension Judge {
    /// What the schedule deals out that no other attempt can help.
    private static let permanent: Set<String> = ["cms 28"]
    /// After so many refusals a text is failed (policy: max_attempts).
    private static let attempts = 8

    /// A text has failed: one of its own parts was refused for good at last, or they were refused too often together.
    /// What the modem said of other texts to the same number excuses nothing.
    func strangeFailure(of row: Evidence.Row) -> [String] {
        let own = Set((row.uid.flatMap { parts[$0] } ?? []).map(\.tpdu))
        guard !own.isEmpty else { return ["row \(row.id) failed, and no part of it was ever tried"] }
        var last: [String: String] = [:]
        var refusals = 0
        for event in events(of: own) {
            guard case .told(let result) = event.kind else { continue }
            last[event.tpdu] = result
            if !["ok", "none", "cms 332"].contains(result) { refusals += 1 }
        }
        if last.values.contains(where: Self.permanent.contains) || refusals >= Self.attempts { return [] }
        if last.count == own.count, last.values.allSatisfy({ $0 == "ok" }) {
            return ["row \(row.id) failed, and the modem said ok to all of it"]
        }
        return ["row \(row.id) failed, and nobody refused it for good: \(last.values.sorted()), \(refusals) refusals"]
    }

    /// What a text's delivery is said to be is what the network reported of its own parts (B5).
    func strangeReport(of row: Evidence.Row) -> [String] {
        guard ["delivered", "undelivered"].contains(row.delivery) else { return [] }
        let own = Set((row.uid.flatMap { parts[$0] } ?? []).map(\.tpdu))
        var reports: [Int] = []
        for event in events(of: own) {
            if case .reported(let status) = event.kind { reports.append(status) }
        }
        let failures = reports.count { $0 >= 64 }
        if row.delivery == "undelivered", failures == 0 {
            return ["row \(row.id) is undelivered, and the network did not say so"]
        }
        // One that was sent once more has reports of both; answers that are alike share theirs.
        if row.delivery == "delivered", failures > 0, reports.count <= own.count {
            return ["row \(row.id) is delivered, and the network said that it could not be"]
        }
        return []
    }

    /// A part leaves once more only if nobody could know what had become of it (policy: on_unknown).
    mutating func copies() {
        judgement.resent = evidence.resent.values.reduce(0, +)
        let known = Dictionary(grouping: parts.values.joined(), by: \.tpdu)
        var earlier: [String: (at: Double, modem: Int)] = [:]
        for event in evidence.wire where known[event.tpdu]?.count == 1 {
            switch event.kind {
            case .submitted:
                if let told = earlier.removeValue(forKey: event.tpdu),
                    cut(.kill, of: told.modem, after: told.at) == nil,
                    cut(.modem, of: told.modem, after: told.at) == nil
                {
                    judgement.doubled.append("a part left once more at \(Int(event.at)), and the modem had said ok")
                }
            case .told("ok"): earlier[event.tpdu] = (event.at, event.modem)
            default: break
            }
        }
    }
}
