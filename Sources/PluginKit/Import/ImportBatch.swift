/// Rows of one table to put by what people know them by: `CustomerDirectory.importRows`.
public struct ImportSection: Sendable, Hashable {
    public var table: CustomerTable
    /// What the values of a row are, in their order: columns of the table, and by what a row refers to others:
    /// `customers.member_id`, `customers.phone`, `customers.email`, `customers.name`, `staff.employee_id`, `staff.name`,
    /// `products.name`. `occurrence`, of items: the how many-th line of the file that is the same in all fields.
    public var columns: [String]
    /// Row after row.
    public var values: [ImportValue]
    /// What stands there stays: rows are new, or fill what is empty. So of tables that a file only mentions.
    public var fills: Bool

    public init(table: CustomerTable, columns: [String], values: [ImportValue] = [], fills: Bool = false) {
        self.table = table
        self.columns = columns
        self.values = values
        self.fills = fills
    }

    /// Rows.
    public var count: Int { columns.isEmpty ? 0 : values.count / columns.count }

    /// The values of one row.
    public subscript(row: Int) -> ArraySlice<ImportValue> {
        values[(row * columns.count)..<((row + 1) * columns.count)]
    }
}

/// Some rows of a file.
public struct ImportBatch: Sendable, Hashable {
    /// Of the import, whose batches have the numbers 1, 2, and so on.
    public var importID: String
    public var sequence: UInt64
    /// `YYYY-MM-DD` at the shop: what a file states without a date of its own is of this day.
    public var today: String
    /// In the order in which they are put: what a table refers to comes before it.
    public var sections: [ImportSection]
    /// What would come of it is told, and nothing is kept.
    public var isDry: Bool

    public init(importID: String, sequence: UInt64, today: String, sections: [ImportSection], isDry: Bool = false) {
        self.importID = importID
        self.sequence = sequence
        self.today = today
        self.sections = sections
        self.isDry = isDry
    }
}
