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
