/// What became of the records of a `RecordBatch`.
public struct RecordReply: Sendable, Hashable {
    /// What became of one.
    public enum Outcome: UInt8, Sendable, Hashable {
        /// It stood there, and nothing of it was changed.
        case kept = 0
        case inserted = 1
        /// It stood there, and has now what the record tells.
        case changed = 2
        /// Not put: it refers to a row that is not there, and the table wants that row.
        case orphan = 3
        /// Not put: it breaks another rule of the table, as of what only one row may have.
        case refused = 4
    }

    /// One for each record, in their order.
    public var outcomes: [Outcome]
    /// Columns that records had a value for, and that this table has not; in the order of their names.
    public var unplaced: [String]

    public init(outcomes: [Outcome], unplaced: [String] = []) {
        self.outcomes = outcomes
        self.unplaced = unplaced
    }
}
