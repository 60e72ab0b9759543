internal import PluginHost
internal import PluginKit

/// The rows of a table, one after the other in the order of their keys, a page at a time.
struct RecordReader {
    static let page: Int32 = 500

    let handle: CustomersHandle
    let table: CustomerTable
    let progress: SwitchProgress
    private var rows: ArraySlice<CustomerRecord> = []
    private var last: RecordKey?
    private var isAtEnd = false

    init(_ handle: CustomersHandle, _ table: CustomerTable, _ progress: SwitchProgress) {
        self.handle = handle
        self.table = table
        self.progress = progress
    }

    /// - Returns: nil behind the last row.
    mutating func next() async throws -> (key: RecordKey, record: CustomerRecord)? {
        if rows.isEmpty, !isAtEnd {
            try Task.checkCancellation()
            rows = try await handle.page(RecordQuery(table: table, after: last, limit: Self.page))[...]
            progress.read(rows.count, of: table.rawValue)
            isAtEnd = rows.count < Int(Self.page)
        }
        guard let record = rows.popFirst() else { return nil }
        guard let key = record.key(in: table), last?.precedes(key, in: table) ?? true else {
            throw PluginError(
                .internal, "the rows of \(table.rawValue) in \(handle.name) do not come in the order of their keys")
        }
        last = key
        return (key, record)
    }
}

extension CustomersHandle {
    /// `records`, whose error says which storage it is of.
    func page(_ query: RecordQuery) async throws(PluginError) -> [CustomerRecord] {
        do {
            return try await records(query)
        } catch {
            throw error.of(name)
        }
    }

    /// `putRecords`, likewise.
    func put(_ batch: RecordBatch) async throws(PluginError) -> RecordReply {
        do {
            return try await putRecords(batch)
        } catch {
            throw error.of(name)
        }
    }
}

extension PluginError {
    fileprivate func of(_ name: String) -> PluginError {
        PluginError(code, "\(name): \(message)", retryAfterMilliseconds: retryAfterMilliseconds)
    }
}
