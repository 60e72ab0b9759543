/// What a person changes in the tables of customers: `CustomerDirectory.changeCustomers`.
public struct CustomerChange: Sendable, Hashable {
    public enum What: Sendable, Hashable {
        /// The customer `into` takes over all that the `others` (1...20) have: receipts, what is known of them, and by what
        /// they are known. What `into` has itself stays; of a column that is empty, the first of the others' values counts.
        /// Balances are added up. The others are gone, and whoever looks for them by number, e-mail or `member_id`, or
        /// imports a row of theirs, comes to `into`.
        case merge(into: String, others: [String])
        /// What is made of receipts is made anew, of `limit` (1...1000) customers behind the id `after`. With `lowers`,
        /// what was stated beside the receipts is forgotten of customers who have any; else nothing that was stated
        /// becomes less.
        case recount(after: String?, limit: Int32, lowers: Bool)
        /// The rules by which vip status, churn risk, stock status and the shop's day are told; those that are not named
        /// stay. None: they are only told.
        case rules([CustomerRule: String])
    }

    public var what: What
    /// What would be different is told, and everything stays.
    public var isPreview: Bool

    public init(_ what: What, isPreview: Bool = false) {
        self.what = what
        self.isPreview = isPreview
    }
}

extension CustomerChange {
    /// - Throws: `.invalid` where nobody could do it.
    package func check() throws(PluginError) {
        switch what {
        case .merge(let into, let others):
            guard (1...20).contains(others.count) else {
                throw PluginError(.invalid, "customers: \(others.count) others are not within 1 and 20")
            }
            guard Set(others + [into]).count == others.count + 1 else {
                throw PluginError(.invalid, "customers: one is named twice")
            }
        case .recount(_, let limit, _):
            guard (1...1000).contains(limit) else {
                throw PluginError(.invalid, "limit: \(limit) is not within 1 and 1000")
            }
        case .rules(let rules):
            for (rule, value) in rules.sorted(by: { $0.key.rawValue < $1.key.rawValue }) { try rule.check(value) }
        }
    }
}
