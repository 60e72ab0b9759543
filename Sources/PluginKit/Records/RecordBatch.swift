/// Rows to put: `CustomerDirectory.putRecords`.
public struct RecordBatch: Sendable, Hashable {
    public var table: CustomerTable
    /// At most 1000, none twice.
    public var records: [CustomerRecord]
    /// Whether a row that stands there takes what the record tells; else it stays as it is.
    public var replaces: Bool

    public init(table: CustomerTable, records: [CustomerRecord], replaces: Bool) {
        self.table = table
        self.records = records
        self.replaces = replaces
    }

    /// The same with every value in its one form, and the keys of all.
    ///
    /// - Throws: `.invalid` where there are too many, or one has no key, or two have the same; `.conflict` for a value
    ///   that cannot stand in its column.
    package func checked() throws(PluginError) -> (records: [CustomerRecord], keys: [RecordKey]) {
        guard records.count <= 1000 else {
            throw PluginError(.invalid, "records: \(records.count) at once, and at most 1000 can be put")
        }
        var right: [CustomerRecord] = []
        var keys: [RecordKey] = []
        for record in records {
            let record = try record.canonical(in: table)
            guard let key = record.key(in: table) else {
                throw PluginError(.invalid, "a record of \(table.rawValue) has neither \(table.key) nor id")
            }
            right.append(record)
            keys.append(key)
        }
        guard Set(keys).count == keys.count else {
            throw PluginError(.invalid, "two records of \(table.rawValue) have the same \(table.key)")
        }
        return (right, keys)
    }
}
