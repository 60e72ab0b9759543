/// How long and how much a `Reassembler` keeps.
public struct ReassemblyLimits: Sendable, Hashable {
    /// How long a text waits for its parts after the first one came, in milliseconds.
    public var wait: Int64
    /// How long after its first part a text that was delivered incomplete can be amended, in milliseconds.
    public var amendable: Int64
    /// Parts that their service centres had within so many milliseconds are taken for parts of one text before others
    /// are.
    public var span: Int64
    /// How many texts of one sender on one SIM wait at once, at least 1; the oldest is then delivered as it is.
    public var waitingPerSender: Int
    /// How many texts wait at once, at least 1; the oldest is then delivered as it is.
    public var waiting: Int
    /// How many delivered texts are remembered, to amend them and to know repetitions; the first delivered is then
    /// forgotten.
    public var remembered: Int

    /// The usual limits: 10 minutes, a day, an hour; 32 texts of a sender, 1,024 of all.
    public init(
        wait: Int64 = 600_000, amendable: Int64 = 86_400_000, span: Int64 = 3_600_000, waitingPerSender: Int = 32,
        waiting: Int = 1_024, remembered: Int = 1_024
    ) {
        self.wait = wait
        self.amendable = amendable
        self.span = span
        self.waitingPerSender = max(1, waitingPerSender)
        self.waiting = max(1, waiting)
        self.remembered = max(0, remembered)
    }
}
