/// The end of an import, or that it is taken back: `CustomerDirectory.endImport`.
public struct ImportEnd: Sendable, Hashable {
    public enum What: UInt32, Sendable, Hashable {
        /// All of the file has come.
        case complete = 0
        case undo = 1
        /// What taking it back would do is told, and everything stays.
        case foresee = 2
    }

    public var importID: String
    public var what: What

    public init(importID: String, what: What) {
        self.importID = importID
        self.what = what
    }
}

/// What taking an import back did to one table.
public struct ImportTableChange: Sendable, Hashable {
    public var table: CustomerTable
    /// Rows that the import had inserted, and that are gone.
    public var removed: UInt64
    /// Rows that are again as before it.
    public var restored: UInt64
    /// Rows that others refer to, or that were changed since: they stay.
    public var left: UInt64

    public init(table: CustomerTable, removed: UInt64 = 0, restored: UInt64 = 0, left: UInt64 = 0) {
        self.table = table
        self.removed = removed
        self.restored = restored
        self.left = left
    }
}
