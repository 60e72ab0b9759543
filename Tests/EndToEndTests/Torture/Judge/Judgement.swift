/// What the judge found: nothing in any list is what is wanted.
struct Judgement: Sendable {
    /// Texts that came and are not stored, rows that vanished, parts that are said to be sent and never left.
    var lost: [String] = []
    /// Texts stored, answered or sent more often than they should.
    var doubled: [String] = []
    /// Texts that were not answered.
    var unanswered: [String] = []
    /// What never came to its end.
    var stuck: [String] = []
    /// Texts of one recipient in another order.
    var disordered: [String] = []
    /// Parts that are unknown without reason, or not unknown though their result was cut off.
    var misjudged: [String] = []
    /// Whatever else cannot be.
    var strange: [String] = []

    // Figures.
    var textsIn = 0
    var textsOut = 0
    var partsOut = 0
    /// Texts that are not stored, since nobody could tell them from one that is: see `Judge.takenForAnother`.
    var alike = 0
    /// Parts that were unknown at some time.
    var unknown = 0
    /// Of these: the final result was withheld, or the modem or the gateway went away before it was given.
    var cutOff = 0
    /// Of these: cut off before the PDU was written.
    var cutBefore = 0
    /// Of these: told to a gateway that was killed, or a port that closed, before the outcome was durable.
    var cutAfter = 0
    /// Longest time between a modem's word and the end of a gateway that had not written it down; milliseconds, and
    /// only where the journal could be written.
    var longestToDisk = 0.0
    /// Texts that are unknown at the end: a person is asked.
    var unknownAtEnd = 0
    /// Parts that were sent once more because they were unknown.
    var resent = 0
    /// Texts that the network could not deliver, as it said.
    var undelivered = 0
    /// Texts that were refused for good, or too often.
    var failed = 0
    /// Texts that were refused because their reader had said STOP.
    var optedOut = 0

    /// All findings, worst first.
    var findings: [String] {
        let lists = [
            ("lost", lost), ("doubled", doubled), ("unanswered", unanswered), ("stuck", stuck),
            ("out of order", disordered), ("unknown", misjudged), ("strange", strange),
        ]
        return lists.flatMap { name, list in list.map { "\(name): \($0)" } }
    }

    var isClean: Bool { findings.isEmpty }

    static func + (left: Self, right: Self) -> Self {
        var sum = left
        sum.lost += right.lost
        sum.doubled += right.doubled
        sum.unanswered += right.unanswered
        sum.stuck += right.stuck
        sum.disordered += right.disordered
        sum.misjudged += right.misjudged
        sum.strange += right.strange
        sum.textsIn += right.textsIn
        sum.textsOut += right.textsOut
        sum.partsOut += right.partsOut
        sum.unknown += right.unknown
        sum.cutOff += right.cutOff
        sum.cutBefore += right.cutBefore
        sum.alike += right.alike
        sum.cutAfter += right.cutAfter
        sum.longestToDisk = max(sum.longestToDisk, right.longestToDisk)
        sum.unknownAtEnd += right.unknownAtEnd
        sum.resent += right.resent
        sum.undelivered += right.undelivered
        sum.failed += right.failed
        sum.optedOut += right.optedOut
        return sum
    }
}
