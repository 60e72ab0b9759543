/// What became of a part, or of a text whose time is over. The last of a text's `parts` is the part that was offered,
/// where the event answers one.
public enum ReassemblyEvent<ID: Comparable & Hashable & Sendable>: Sendable, Hashable {
    /// The part waits with those of its text that are there.
    case waiting(GatheredText<ID>)
    /// All parts are there: the text is delivered.
    case complete(GatheredText<ID>)
    /// The wait is over, or there was no room for it: the text is delivered with parts missing.
    case incomplete(GatheredText<ID>)
    /// The late part of a text that was delivered incomplete; parts may still be missing.
    case amended(GatheredText<ID>)
    /// These parts repeat parts of the text known by `of`, and never made a text of their own: nothing is delivered.
    case duplicate([ID], of: ID)
}
