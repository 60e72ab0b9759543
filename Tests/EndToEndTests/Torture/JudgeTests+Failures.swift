extension JudgeTests {
    /// Row 5 failed: the modem's last words on its two parts, and earlier refusals of the first.
    private static func failed(
        _ first: String, _ second: String, refusals: Int = 0
    ) -> @Sendable (inout Evidence) -> Void {
        { evidence in
            evidence.rows[4].status = "failed"
            evidence.rows[4].delivery = nil
            evidence.journals[0].outgoing[2].state = "failed"
            for (tpdu, result, part) in [("05", first, 2), ("06", second, 3)] where result != "ok" {
                evidence.wire.removeAll { $0.tpdu == tpdu }
                evidence.journals[0].parts[part].state = "refused"
                evidence.journals[0].parts[part].error = result.replacing(" ", with: "-")
                evidence.wire += (0...refusals).map { told(600 + Double($0), "+3", tpdu, result) }
            }
        }
    }

    /// Row 5 was queued after STOP, and was refused.
    private static let stopped: @Sendable (inout Evidence) -> Void = { evidence in
        evidence.refused = ["long"]
        evidence.rows[4].status = "failed"
        evidence.rows[4].delivery = "opted_out"
        evidence.journals[0].outgoing[2].state = "failed"
        evidence.journals[0].parts.removeLast(2)
        evidence.wire.removeAll { $0.to == "+3" }
    }

    static let failurePlanted = [
        Planted(testDescription: "a row that left after STOP", finding: "strange") { $0.refused = ["long"] },
        Planted(testDescription: "a row that left after STOP, and says that it did not", finding: "strange") {
            let wire = $0.wire
            stopped(&$0)
            $0.wire = wire
        },
        Planted(testDescription: "a row refused after STOP that nobody said", finding: "strange") {
            stopped(&$0)
            $0.refused = []
        },
        Planted(
            testDescription: "a row that failed, and all of it left", finding: "strange", plant: failed("ok", "ok")),
        Planted(
            testDescription: "a row that failed after a refusal that passes", finding: "strange",
            plant: failed("ok", "cms 38", refusals: 6)),
        Planted(testDescription: "a row that failed for another text's refusal", finding: "strange") {
            failed("ok", "cms 38")(&$0)
            $0.wire.append(told(900, "+3", "0F", "cms 28"))
        },
        Planted(testDescription: "a row that failed and was never tried", finding: "strange") {
            $0.rows[4].status = "failed"
            $0.rows[4].delivery = nil
            $0.journals[0].parts.removeLast(2)
            $0.wire.removeAll { $0.to == "+3" }
        },
        Planted(testDescription: "a part of a failed row that never left, as sent", finding: "lost") {
            failed("ok", "cms 28")(&$0)
            $0.wire.removeAll { $0.tpdu == "05" }
        },
        Planted(testDescription: "a row undelivered that the network delivered", finding: "strange") {
            $0.rows[4].status = "failed"
            $0.rows[4].delivery = "undelivered"
            $0.wire += [reported("+3", "05", 0), reported("+3", "06", 0), reported("+1", "03", 64)]
        },
        Planted(testDescription: "a row delivered that the network did not deliver", finding: "strange") {
            $0.wire += [reported("+3", "05", 0), reported("+3", "06", 70)]
        },
    ]

    static let failureHarmless = [
        Planted(testDescription: "a row refused after STOP", finding: "", plant: stopped),
        Planted(testDescription: "a row refused for good", finding: "", plant: failed("ok", "cms 28")),
        Planted(testDescription: "a row refused too often", finding: "", plant: failed("ok", "cms 38", refusals: 7)),
        Planted(testDescription: "a row undelivered", finding: "") {
            $0.rows[4].status = "failed"
            $0.rows[4].delivery = "undelivered"
            $0.journals[0].outgoing[2].state = "undelivered"
            $0.wire += [reported("+3", "05", 0), reported("+3", "06", 70)]
        },
    ]

    private static func reported(_ to: String, _ tpdu: String, _ status: Int) -> Evidence.Wire {
        Evidence.Wire(at: 1_000, modem: 0, kind: .reported(status), to: to, tpdu: tpdu)
    }
}
