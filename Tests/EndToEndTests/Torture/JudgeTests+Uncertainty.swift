extension JudgeTests {
    private static func cut(_ at: Double, _ kind: Evidence.Cut.Kind, modem: Int = 0) -> Evidence.Cut {
        Evidence.Cut(at: at, modem: modem, kind: kind)
    }

    /// Part 1 of text 3, to which the modem said ok at 5 ms, is unknown for `reason`.
    private static func unknown(_ reason: String, _ cuts: Evidence.Cut...) -> @Sendable (inout Evidence) -> Void {
        { evidence in
            evidence.journals[0].parts[0].error = reason
            evidence.cuts = cuts
        }
    }

    /// The last part never came to the modem, and is unknown for `reason`.
    private static func never(_ reason: String, _ cuts: Evidence.Cut...) -> @Sendable (inout Evidence) -> Void {
        { evidence in
            evidence.wire.removeAll { $0.tpdu == "06" }
            evidence.rows[4].delivery = "unknown"
            evidence.journals[0].parts[3].state = "unknown"
            evidence.journals[0].parts[3].error = reason
            evidence.journals[0].outgoing[2].state = "unknown"
            evidence.cuts = cuts
        }
    }

    /// The result of text 3 was withheld, or was `result`, and the journal gives `reason`.
    private static func withheld(
        _ result: String, _ reason: String, _ cuts: Evidence.Cut...
    ) -> @Sendable (inout Evidence) -> Void {
        { evidence in
            evidence.wire[1].kind = .told(result)
            evidence.journals[0].parts[0].error = reason
            evidence.cuts = cuts
        }
    }

    private static let gone = "the port went away after the PDU was written"

    /// Cuts that are near, but not what it was.
    static let uncertainPlanted = [
        Planted(
            testDescription: "an outcome lost long after the modem's word", finding: "unknown",
            plant: unknown(Evidence.cutByKill, cut(5 + Judge.standstill + 50, .kill))),
        Planted(
            testDescription: "an outcome lost long after the modem's word, and the gateway went on", finding: "unknown"
        ) {
            unknown(Evidence.cutByKill, cut(5 + Judge.grace + 50, .kill))(&$0)
            $0.deeds = [(300, 0)]
        },
        Planted(
            testDescription: "an outcome lost to a kill long before the modem's word", finding: "unknown",
            plant: unknown(Evidence.cutByKill, cut(5 - Judge.lateness - 50, .kill))),
        Planted(
            testDescription: "an outcome lost to a kill, and the modem was yanked", finding: "unknown",
            plant: unknown(Evidence.cutByKill, cut(6, .modem))),
        Planted(
            testDescription: "a result not heard, and the gateway was killed", finding: "unknown",
            plant: unknown(Evidence.noResult, cut(6, .kill))),
        Planted(
            testDescription: "a result not heard, and the modem was yanked later", finding: "unknown",
            plant: unknown(gone, cut(5 + Judge.afterlife + 50, .modem))),
        Planted(
            testDescription: "a result not heard, and another modem was yanked", finding: "unknown",
            plant: unknown(gone, cut(6, .modem, modem: 1))),
        Planted(
            testDescription: "a result not heard after a yank while the journal was away", finding: "unknown"
        ) {
            unknown(gone, cut(900, .modem))(&$0)
            $0.journalDown = [0...1_000]
        },
        Planted(
            testDescription: "a withheld result, a late kill, and a journal that was away before and long after",
            finding: "unknown"
        ) {
            withheld("none", Evidence.cutByKill, cut(9_000, .kill))(&$0)
            $0.journalDown = [0...2, 4_000...5_000]
        },
        Planted(
            testDescription: "a part that never came to a modem that was not yanked, only killed", finding: "unknown",
            plant: never(Evidence.noResult, cut(300, .kill), cut(310, .kill))),
        Planted(
            testDescription: "a part that never came after a kill, and the modem was only yanked", finding: "unknown",
            plant: never(Evidence.cutByKill, cut(300, .modem), cut(310, .modem))),
        Planted(testDescription: "two parts of one modem unknown after one yank", finding: "unknown") {
            never(gone, cut(8, .modem))(&$0)
            $0.journals[0].parts[0].error = gone
        },
        Planted(
            testDescription: "a withheld result that a kill is blamed for", finding: "unknown",
            plant: withheld("none", Evidence.cutByKill, cut(6, .modem))),
        Planted(
            testDescription: "a withheld result that a kill much later is blamed for", finding: "unknown",
            plant: withheld("none", Evidence.cutByKill, cut(5 + Judge.patience + Judge.standstill + 50, .kill))),
        Planted(
            testDescription: "a withheld result that the network is blamed for", finding: "unknown",
            plant: withheld("none", Evidence.noAnswer, cut(6, .kill))),
        Planted(
            testDescription: "no answer of the network that a withheld result is blamed for", finding: "unknown",
            plant: withheld("cms 332", Evidence.noResult, cut(6, .kill))),
        Planted(testDescription: "an unknown text none of whose parts is", finding: "unknown") {
            $0.journals[0].outgoing[0].state = "unknown"
            $0.rows[2].delivery = "unknown"
            $0.cuts = [cut(6, .kill), cut(6, .modem)]
        },
        Planted(testDescription: "a sent text with an unknown part", finding: "unknown") {
            withheld("none", Evidence.noResult)(&$0)
            $0.journals[0].parts[0].state = "unknown"
        },
        Planted(testDescription: "an unknown row whose text is sent", finding: "unknown") {
            $0.rows[2].delivery = "unknown"
            $0.cuts = [cut(6, .kill), cut(6, .modem)]
        },
        Planted(testDescription: "a part sent again, and the modem had said ok", finding: "doubled") {
            $0.resent = [Evidence.PartName(uid: "3", number: 1): 1]
            $0.wire += [sent(5_000, "+1", "re: one", "03"), told(5_005, "+1", "03", "ok")]
            $0.cuts = [cut(4_900, .kill), cut(4_900, .modem)]
        },
        Planted(testDescription: "a part sent again that was not unknown", finding: "doubled") {
            $0.wire[1].kind = .told("none")
            $0.wire += [sent(5_000, "+1", "re: one", "03"), told(5_005, "+1", "03", "ok")]
        },
    ]

    static let uncertainHarmless = [
        Planted(testDescription: "an outcome lost to a kill of a gateway that stood still", finding: "") {
            unknown(Evidence.cutByKill, cut(5 + Judge.grace + 50, .kill))(&$0)
            $0.deeds = [(100, 0), (300, 1)]
        },
        Planted(testDescription: "a result lost with the port", finding: "", plant: unknown(gone, cut(6, .modem))),
        Planted(
            testDescription: "a part that never came to a yanked modem", finding: "",
            plant: never(gone, cut(300, .modem))),
        Planted(
            testDescription: "a part that never came to the modem of a killed gateway", finding: "",
            plant: never(Evidence.cutByKill, cut(300, .kill))),
        Planted(testDescription: "an outcome lost to a kill while the journal was away", finding: "") {
            unknown(Evidence.cutByKill, cut(900, .kill))(&$0)
            $0.journalDown = [0...1_000]
        },
        Planted(
            testDescription: "a withheld result, and a kill while it was waited for", finding: "",
            plant: withheld("none", Evidence.cutByKill, cut(2_500, .kill))),
        Planted(
            testDescription: "a withheld result that was given up while the journal had no room", finding: ""
        ) {
            withheld("none", Evidence.cutByKill, cut(9_000, .kill))(&$0)
            $0.journalDown = [2_900...3_800]
        },
        Planted(
            testDescription: "no answer of the network", finding: "", plant: withheld("cms 332", Evidence.noAnswer)),
        Planted(testDescription: "an unknown part that was sent again", finding: "") {
            $0.wire[1].kind = .told("none")
            $0.resent = [Evidence.PartName(uid: "3", number: 1): 1]
            $0.wire += [sent(5_000, "+1", "re: one", "03"), told(5_005, "+1", "03", "ok")]
        },
    ]
}
