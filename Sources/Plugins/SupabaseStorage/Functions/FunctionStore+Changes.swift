import PluginKit

/// What people change, and what is made of receipts.
extension FunctionStore {
    func changeCustomers(_ change: CustomerChange, context: CallContext) async throws -> CustomerDifferences {
        let reply = try await askNewer("conductor_change_customers", context) { json in
            json.member("preview", change.isPreview)
            switch change.what {
            case .merge(let into, let others):
                json.member("what", "merge")
                json.array("customers") { json in for id in [into] + others { json.element(id) } }
            case .recount(let after, let limit, let lowers):
                json.member("what", "recount")
                json.member("after", after)
                json.member("limit", limit)
                json.member("lower", lowers)
            case .rules(let rules):
                json.member("what", "rules")
                json.object("rules") { json in
                    for (rule, value) in rules.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
                        json.member(rule.rawValue, value)
                    }
                }
            }
        }
        guard let rows = reply["differences"].elements else { throw Refusal.garbled(200) }
        return CustomerDifferences(
            try rows.map { row in
                guard let column = row["column"].text else { throw Refusal.garbled(200) }
                return CustomerDifference(
                    customer: row["customer"].text, name: row["name"].text, column: column, before: row["before"].text,
                    after: row["after"].text, stays: row["stays"].truth)
            }, next: reply["next"].text)
    }

    func refreshCustomers(context: CallContext) async throws -> Bool {
        let reply = try await askNewer("conductor_refresh_customers", context) { $0.member("limit", 500) }
        return reply["more"].truth
    }
}
