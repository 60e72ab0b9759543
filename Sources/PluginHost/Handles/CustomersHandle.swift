public import PluginKit

/// Who knows the business's customers. It stays good when its drop-in is reloaded: each call goes to the instance that
/// serves then.
public struct CustomersHandle: Sendable {
    /// The drop-in's name, as `10-sqlite`.
    public let name: String
    let way: CallWay

    init(name: String, way: CallWay) {
        self.name = name
        self.way = way
    }

    /// `CustomerDirectory.customers`. Ends within the drop-in's `deadline_ms`, and soon after a cancellation.
    ///
    /// - Throws: what the plugin failed with; `.deadline`, `.cancelled`; `.unavailable` while it does not serve.
    public func customers(_ query: CustomerQuery) async throws(PluginError) -> [Customer] {
        guard case .customers(let customers) = try await way.call(.customers(query)) else { throw .wrongReply }
        return customers
    }

    /// `CustomerDirectory.search`, as above.
    public func search(_ search: CustomerSearch) async throws(PluginError) -> [Customer] {
        guard case .customers(let customers) = try await way.call(.customerSearch(search)) else { throw .wrongReply }
        return customers
    }

    /// `CustomerDirectory.records`, as above.
    public func records(_ query: RecordQuery) async throws(PluginError) -> [CustomerRecord] {
        guard case .records(let records) = try await way.call(.records(query)) else { throw .wrongReply }
        return records
    }

    /// `CustomerDirectory.putRecords`, as above. As many outcomes as records.
    public func putRecords(_ batch: RecordBatch) async throws(PluginError) -> RecordReply {
        guard case .recordsPut(let reply) = try await way.call(.putRecords(batch)),
            reply.outcomes.count == batch.records.count
        else { throw .wrongReply }
        return reply
    }

    /// `CustomerDirectory.importRows`, as above. As many outcomes as rows.
    public func importRows(_ batch: ImportBatch) async throws(PluginError) -> ImportReply {
        guard case .imported(let reply) = try await way.call(.importRows(batch)),
            reply.outcomes.count == batch.sections.reduce(0, { $0 + $1.count })
        else { throw .wrongReply }
        return reply
    }

    /// `CustomerDirectory.list`, as above.
    public func list(_ query: ListQuery) async throws(PluginError) -> ListPage {
        guard case .listed(let page) = try await way.call(.list(query)) else { throw .wrongReply }
        return page
    }

    /// `CustomerDirectory.changeCustomers`, as above.
    public func change(_ change: CustomerChange) async throws(PluginError) -> CustomerDifferences {
        guard case .customersChanged(let reply) = try await way.call(.changeCustomers(change)) else {
            throw .wrongReply
        }
        return reply
    }

    /// `CustomerDirectory.endImport`, as above.
    public func endImport(_ end: ImportEnd) async throws(PluginError) -> [ImportTableChange] {
        guard case .importEnded(let tables) = try await way.call(.endImport(end)) else { throw .wrongReply }
        return tables
    }
}
