/// What one table of a storage takes. See `Storage.sizes`.
public struct StorageTable: Sendable, Hashable, Codable {
    public var name: String
    /// As the database last counted them.
    public var rows: Int64
    /// With its indexes; nil where that is not known.
    public var bytes: Int64?

    public init(name: String, rows: Int64, bytes: Int64? = nil) {
        self.name = name
        self.rows = rows
        self.bytes = bytes
    }
}
