import Testing

/// The oracle must see what is planted, and nothing else.
@Suite("The oracle of the torture harness") struct JudgeTests {
    /// A small world in which all is well: two texts came and were answered, a row of two parts was sent.
    static func sound() -> Evidence {
        var evidence = Evidence()
        evidence.given = [
            Evidence.Given(from: "+1", body: "one", octets: "A1"),
            Evidence.Given(from: "+2", body: "two", octets: "A2"),
        ]
        evidence.queued = [("+3", "long")]
        evidence.rows = [
            row(1, "+1", "one", isInbound: true), row(2, "+2", "two", isInbound: true),
            row(3, "+1", "re: one", answers: "i1"), row(4, "+2", "re: two", answers: "i2"),
            row(5, "+3", "long", parts: ["lo", "ng"]),
        ]
        let wire = [("+1", "re: one", "03"), ("+2", "re: two", "04"), ("+3", "lo", "05"), ("+3", "ng", "06")]
        for (place, (to, text, tpdu)) in wire.enumerated() {
            let at = Double(place * 100)
            evidence.wire += [sent(at, to, text, tpdu), told(at + 5, to, tpdu, "ok")]
        }
        evidence.journals = [
            (
                [part("3", 1, "03"), part("4", 1, "04"), part("5", 1, "05"), part("5", 2, "06")],
                [outgoing(1, "3", "+1"), outgoing(2, "4", "+2"), outgoing(3, "5", "+3")]
            )
        ]
        return evidence
    }

    static func row(
        _ id: Int64, _ phone: String, _ text: String, isInbound: Bool = false, answers: String? = nil,
        parts: [String]? = nil
    ) -> Evidence.Row {
        Evidence.Row(
            id: id, uid: "\(id)", phone: phone, content: text, isInbound: isInbound,
            status: isInbound ? "unread" : "sent",
            delivery: isInbound ? nil : "delivered", answers: answers, parts: isInbound ? [] : parts ?? [text])
    }
    static func sent(_ at: Double, _ to: String, _ text: String, _ tpdu: String) -> Evidence.Wire {
        Evidence.Wire(at: at, modem: 0, kind: .submitted, to: to, tpdu: tpdu, text: text)
    }
    static func told(_ at: Double, _ to: String, _ tpdu: String, _ result: String) -> Evidence.Wire {
        Evidence.Wire(at: at, modem: 0, kind: .told(result), to: to, tpdu: tpdu)
    }
    static func part(_ uid: String, _ number: Int, _ tpdu: String) -> Evidence.Part {
        Evidence.Part(uid: uid, number: number, tpdu: tpdu, modem: 0, state: "accepted", error: nil)
    }
    static func outgoing(_ seq: Int64, _ uid: String, _ phone: String) -> Evidence.Outgoing {
        Evidence.Outgoing(seq: seq, uid: uid, phone: phone, state: "delivered", isStored: true)
    }

    @Test func findsNothingWhereAllIsWell() {
        let judgement = Judge.judge(Self.sound())
        #expect(judgement.findings.isEmpty)
        #expect(judgement.textsIn == 2 && judgement.textsOut == 3 && judgement.partsOut == 4)
    }

    /// Something planted, and what the oracle must call it.
    struct Planted: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var finding: String
        var plant: @Sendable (inout Evidence) -> Void
    }

    @Test(arguments: planted) func finds(_ planted: Planted) {
        var evidence = Self.sound()
        planted.plant(&evidence)
        let findings = Judge.judge(evidence).findings
        #expect(findings.contains { $0.hasPrefix(planted.finding + ":") }, "\(findings)")
    }

    static let planted = plainPlanted + uncertainPlanted + failurePlanted

    private static let plainPlanted = [
        Planted(testDescription: "a text that is not stored", finding: "lost") { $0.rows.removeFirst() },
        Planted(testDescription: "a text that is stored twice", finding: "doubled") { $0.rows.append($0.rows[0]) },
        Planted(testDescription: "one of two equal texts stored", finding: "lost") { $0.given.append($0.given[0]) },
        Planted(testDescription: "one of two equal texts stored, though no gateway was killed", finding: "lost") {
            $0.given.append($0.given[0])
            $0.replacements = [Evidence.Replacement(at: 100, modem: 0, octets: $0.given[0].octets)]
        },
        Planted(testDescription: "two of three equal texts lost, and one was taken for another", finding: "lost") {
            $0.given += [$0.given[0], $0.given[0]]
            $0.replacements = [Evidence.Replacement(at: 100, modem: 0, octets: $0.given[0].octets)]
            $0.cuts = [Evidence.Cut(at: 98, modem: 0, kind: .kill)]
        },
        Planted(testDescription: "two texts taken for each other that are not alike", finding: "lost") {
            $0.given.append(Evidence.Given(from: "+1", body: "one", octets: "A9"))
            $0.replacements = [Evidence.Replacement(at: 100, modem: 0, octets: "A9")]
            $0.cuts = [Evidence.Cut(at: 98, modem: 0, kind: .kill)]
        },
        Planted(testDescription: "a stored text that never came", finding: "strange") { $0.given.removeFirst() },
        Planted(testDescription: "a text cut short", finding: "strange") { $0.rows[0].content = "on" },
        Planted(testDescription: "a text without answer", finding: "unanswered") { $0.rows.remove(at: 2) },
        Planted(testDescription: "a text answered twice", finding: "doubled") {
            $0.rows.append(row(9, "+1", "re: one", answers: "i1"))
        },
        Planted(testDescription: "an answer to somebody else", finding: "strange") { $0.rows[2].phone = "+9" },
        Planted(testDescription: "a queued row that is gone", finding: "lost") { $0.rows.remove(at: 4) },
        Planted(testDescription: "a row that nobody queued", finding: "strange") { $0.queued = [] },
        Planted(testDescription: "a part that left twice", finding: "doubled") {
            $0.wire.append(sent(900, "+3", "ng", "06"))
        },
        Planted(testDescription: "a part that never left", finding: "lost") { $0.wire.removeAll { $0.tpdu == "06" } },
        Planted(testDescription: "a part that is nobody's", finding: "strange") {
            $0.wire.append(sent(900, "+3", "else", "07"))
        },
        Planted(testDescription: "an unknown text that left twice", finding: "doubled") {
            $0.rows[4].delivery = "unknown"
            $0.wire.append(sent(900, "+3", "ng", "06"))
        },
        Planted(testDescription: "a row that stays queued", finding: "stuck") {
            $0.rows[4].status = "queued"
            $0.rows[4].delivery = nil
        },
        Planted(testDescription: "a part that stays on its way", finding: "stuck") {
            $0.journals[0].parts[0].state = "intent"
        },
        Planted(testDescription: "a text that stays in the journal", finding: "stuck") {
            $0.journals[0].outgoing[0].state = "sending"
        },
        Planted(testDescription: "an outcome that storage never got", finding: "stuck") {
            $0.journals[0].outgoing[0].isStored = false
        },
        Planted(testDescription: "a text that storage never got", finding: "stuck") { $0.unsettledInbound = 1 },
        Planted(testDescription: "a report that was lost", finding: "stuck") { $0.rows[4].delivery = "accepted" },
        Planted(testDescription: "a run that was not at rest", finding: "stuck") { $0.isAtRest = false },
        Planted(testDescription: "an unknown part that the modem confirmed", finding: "unknown") {
            $0.journals[0].parts[0].error = "no final result came"
        },
        Planted(testDescription: "a withheld result that is not unknown", finding: "unknown") {
            $0.wire[1].kind = .told("none")
        },
        Planted(testDescription: "a sent part that no journal knows", finding: "unknown") {
            $0.journals[0].parts.removeFirst()
            $0.wire.remove(at: 1)
        },
        Planted(testDescription: "an unknown part that never came to a modem that was never cut", finding: "unknown") {
            $0.wire.removeAll { $0.tpdu == "06" }
            $0.rows[4].delivery = "unknown"
            $0.journals[0].parts[3].state = "unknown"
            $0.journals[0].parts[3].error = "no final result came"
        },
        Planted(testDescription: "two parts of one modem unknown after one kill", finding: "unknown") {
            $0.cuts = [Evidence.Cut(at: 120, modem: 0, kind: .kill)]
            for part in 0...1 { $0.journals[0].parts[part].error = Evidence.cutByKill }
        },
        Planted(testDescription: "two texts of a number in another order", finding: "out of order") {
            $0.journals[0].outgoing[0].phone = "+2"
            $0.journals[0].outgoing[0].seq = 9
        },
        Planted(testDescription: "a text between the parts of an earlier one", finding: "out of order") {
            $0.rows[3].answers = nil
            $0.journals[0].outgoing[1].phone = "+3"
            $0.journals[0].outgoing[1].seq = 9
            $0.wire[2].at = 250
        },
        Planted(testDescription: "two rows of a number in another order", finding: "out of order") {
            $0.queued.append(("+3", "late"))
            $0.rows.append(row(6, "+3", "late"))
            $0.wire.insert(sent(1, "+3", "late", "0A"), at: 0)
            $0.wire.append(told(6, "+3", "0A", "ok"))
        },
    ]

    /// What is not a fault must not be called one.
    @Test(arguments: harmless) func leavesAlone(_ harmless: Planted) {
        var evidence = Self.sound()
        harmless.plant(&evidence)
        #expect(Judge.judge(evidence).findings.isEmpty)
    }

    static let harmless = plainHarmless + uncertainHarmless + failureHarmless

    private static let plainHarmless = [
        Planted(testDescription: "a withheld result that is unknown", finding: "") {
            $0.wire[1].kind = .told("none")
            $0.journals[0].parts[0].error = "no final result came"
        },
        Planted(testDescription: "a result that came as the gateway died", finding: "") {
            $0.cuts = [Evidence.Cut(at: 8, modem: 0, kind: .kill)]
            $0.journals[0].parts[0].error = Evidence.cutByKill
        },
        Planted(testDescription: "a refusal, and a later success", finding: "") {
            $0.wire.insert(told(0, "+1", "03", "cms 38"), at: 0)
        },
        Planted(testDescription: "the same answer to two equal texts", finding: "") {
            $0.given.append(Evidence.Given(from: "+1", body: "one", octets: "A9"))
            $0.rows += [row(8, "+1", "one", isInbound: true), row(9, "+1", "re: one", answers: "i9")]
            $0.journals[0].parts.append(part("9", 1, "03"))
            $0.journals[0].outgoing.append(outgoing(9, "9", "+1"))
            $0.wire += [sent(900, "+1", "re: one", "03"), told(905, "+1", "03", "ok")]
        },
        Planted(testDescription: "a copy in the place of one that a killed gateway had just deleted", finding: "") {
            $0.given.append($0.given[0])
            $0.replacements = [Evidence.Replacement(at: 100, modem: 0, octets: $0.given[0].octets)]
            $0.cuts = [Evidence.Cut(at: 98, modem: 0, kind: .kill)]
        },
        Planted(
            testDescription: "a row behind another of its number that was sent again after its deadline", finding: ""
        ) {
            $0.queued.append(("+3", "late"))
            $0.rows.append(row(6, "+3", "late"))
            $0.wire.insert(sent(1, "+3", "late", "0A"), at: 0)
            $0.wire.append(told(6, "+3", "0A", "ok"))
            $0.resent = [Evidence.PartName(uid: "5", number: 1): 1]
        },
        Planted(testDescription: "byte-identical copies, answered once", finding: "") {
            $0.given.append($0.given[0])
            $0.rows.append(row(9, "+1", "one", isInbound: true))
        },
    ]
}
