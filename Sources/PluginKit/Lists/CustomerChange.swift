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

/// A rule of the shop's, by its name in the contract.
public enum CustomerRule: String, Sendable, Hashable, CaseIterable, Codable {
    /// An IANA time zone.
    case zone
    /// From so many visits on; each is more than the one before.
    case casualVisits = "casual_visits"
    case regularVisits = "regular_visits"
    case vipVisits = "vip_visits"
    /// From so many days since the last visit on; the second is more than the first.
    case mediumRiskDays = "medium_risk_days"
    case highRiskDays = "high_risk_days"
    /// So many pieces and fewer.
    case lowStock = "low_stock"

    /// What a rule's value must be, whatever the others are.
    ///
    /// - Throws: `.invalid`, in words that say which rule.
    package func check(_ value: String) throws(PluginError) {
        guard self != .zone else {
            if value.isEmpty { throw PluginError(.invalid, "zone: is missing: write one as America/Los_Angeles") }
            return
        }
        let least: Int32 = self == .lowStock ? 0 : 1
        guard let number = Int32(value), number >= least else {
            throw PluginError(.invalid, "\(rawValue): \(value.prefix(40)) is no whole number from \(least) on")
        }
    }

    /// What rules must be beside each other.
    ///
    /// - Throws: `.invalid`, in words that say which rules.
    package static func check(_ all: [CustomerRule: String]) throws(PluginError) {
        for (lower, higher) in [
            (CustomerRule.casualVisits, CustomerRule.regularVisits), (.regularVisits, .vipVisits),
            (.mediumRiskDays, .highRiskDays),
        ] {
            guard let low = all[lower].flatMap(Int32.init), let high = all[higher].flatMap(Int32.init) else { continue }
            if low >= high {
                throw PluginError(
                    .invalid, "\(higher.rawValue): \(high) must be more than \(lower.rawValue), which is \(low)")
            }
        }
    }
}

/// One thing that is different: of a customer, or a rule.
public struct CustomerDifference: Sendable, Hashable, Codable {
    /// nil: a rule.
    public var customer: String?
    /// The customer's.
    public var name: String?
    /// A column of `customers`; the name of a rule; of a merge also `transactions`, how many receipts the customer has, and
    /// `id`, whose `after` is nil for a customer who is gone.
    public var column: String
    /// Amounts as decimal numbers; nil where there is nothing.
    public var before: String?
    public var after: String?
    /// It would become less, and nobody asked for that: it stays as it was before.
    public var stays: Bool

    public init(
        customer: String? = nil, name: String? = nil, column: String, before: String?, after: String?,
        stays: Bool = false
    ) {
        self.customer = customer
        self.name = name
        self.column = column
        self.before = before
        self.after = after
        self.stays = stays
    }
}

/// What a `CustomerChange` did, or would do.
public struct CustomerDifferences: Sendable, Hashable {
    public var differences: [CustomerDifference]
    /// `after` of the next `recount`; nil: there are no more customers.
    public var next: String?

    public init(_ differences: [CustomerDifference], next: String? = nil) {
        self.differences = differences
        self.next = next
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
