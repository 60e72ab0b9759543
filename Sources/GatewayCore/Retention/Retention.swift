/// How long things are kept. Milliseconds; nil: for ever.
public struct Retention: Sendable, Hashable {
    static let day: Int64 = 86_400_000

    /// Texts in storage, from the time they came or were queued; nothing that is queued, on its way or unknown is
    /// deleted. At least 7 days.
    public var textsMilliseconds: Int64?
    /// What the journal has of settled texts that storage has too. It recognises what the network repeats, matches
    /// delivery reports, and knows again the requests that a program repeats: at least 7 days. Where texts are kept for
    /// a shorter time, so is this.
    public var journalMilliseconds = 30 * day
    /// Values that plugins keep under a person's number, from when they were last written. Values under other keys are
    /// the plugin's own business, and stay.
    public var transcriptsMilliseconds: Int64? = 90 * day

    public init() {}

    /// Which journal rows are too old.
    var journalReachesMilliseconds: Int64 { min(journalMilliseconds, textsMilliseconds ?? .max) }
}
