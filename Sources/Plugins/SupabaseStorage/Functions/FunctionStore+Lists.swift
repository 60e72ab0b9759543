import PluginKit

/// Pages of what is known.
extension FunctionStore {
    func list(_ query: ListQuery, context: CallContext) async throws -> ListPage {
        let (order, isDescending) = try query.checked()
        let reply = try await askNewer("conductor_crm_list", context) { json in
            json.member("list", query.list.rawValue)
            json.member("order", order)
            json.member("descending", isDescending)
            json.member("after", query.after)
            json.member("limit", query.limit)
            json.object("filters") { json in
                for (name, value) in query.filters.sorted(by: { $0.key < $1.key }) { json.member(name, value) }
            }
        }
        guard let rows = reply["rows"].elements else { throw Refusal.garbled(200) }
        return ListPage(
            rows: try rows.map { row in
                guard case .object(let members) = row else { throw Refusal.garbled(200) }
                return CustomerRecord(members.mapValues(RecordValue.init))
            }, next: reply["next"].text)
    }
}
