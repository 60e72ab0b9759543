/// What a row is known by, and comes in the order of.
public struct RecordKey: Sendable, Hashable {
    /// Of the table's key column, or of `id`.
    public var text: String
    /// The row has no key, and this is its `id`.
    public var isID: Bool

    public init(_ text: String, isID: Bool = false) {
        self.text = text
        self.isID = isID
    }

    /// Whether a page has this one before `other`: rows without a key come last; the till's numbers come as numbers, all
    /// else by its bytes.
    public func precedes(_ other: RecordKey, in table: CustomerTable) -> Bool {
        if isID != other.isID { return other.isID }
        if table == .transactions, !isID, let mine = Int64(text), let others = Int64(other.text) {
            return mine < others
        }
        return text.utf8.lexicographicallyPrecedes(other.text.utf8)
    }
}
