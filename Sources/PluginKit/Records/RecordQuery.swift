/// One page of a table: `CustomerDirectory.records`.
public struct RecordQuery: Sendable, Hashable {
    public var table: CustomerTable
    /// The last row of the page before; nil for the first page.
    public var after: RecordKey?
    /// 1...1000. Fewer rows than this: there are no more.
    public var limit: Int32

    public init(table: CustomerTable, after: RecordKey? = nil, limit: Int32 = 500) {
        self.table = table
        self.after = after
        self.limit = limit
    }

    /// - Throws: `.invalid` where the limit is not within its range.
    package func check() throws(PluginError) {
        guard (1...1000).contains(limit) else {
            throw PluginError(.invalid, "limit: \(limit) is not within 1 and 1000")
        }
    }
}
