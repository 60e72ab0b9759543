internal import Foundation
internal import GRDB
internal import PluginKit

/// The shop's rules, told and changed in the caller's transaction.
struct CustomerRules {
    let changes: [CustomerRule: String]
    let now: Timestamp

    func run(on db: Database) throws -> [CustomerDifference] {
        let before = try Self.read(on: db)
        let after = before.merging(changes) { _, new in new }
        try CustomerRule.check(after)
        if let zone = changes[.zone], TimeZone(identifier: zone) == nil {
            throw PluginError(
                .invalid,
                "zone: \(zone.prefix(60)) is no time zone that is known here: write one as America/Los_Angeles")
        }
        let told = changes.filter { before[$0.key] != $0.value }.sorted { $0.key.rawValue < $1.key.rawValue }
        if !told.isEmpty {
            try db.cachedStatement(
                sql: "UPDATE conductor_crm_rules SET \(told.map { "\($0.key.rawValue) = ?" }.joined(separator: ", "))"
            ).execute(
                arguments: StatementArguments(told.map { Int64($0.value)?.databaseValue ?? $0.value.databaseValue }))
            _ = try ShopZone.fill(now: now.milliseconds / 1000, on: db)
        }
        return CustomerRule.allCases.map { rule in
            CustomerDifference(column: rule.rawValue, before: before[rule], after: after[rule])
        }
    }

    private static func read(on db: Database) throws -> [CustomerRule: String] {
        let names = CustomerRule.allCases.map(\.rawValue).joined(separator: ", ")
        let row = try Row.fetchOne(db.cachedStatement(sql: "SELECT \(names) FROM conductor_crm_rules"))
        guard let row else {
            throw PluginError(.unsupported, "conductor_crm_rules has no row: restart the gateway to mend it")
        }
        let value = CustomerValue(row)
        var rules: [CustomerRule: String] = [:]
        for (index, rule) in CustomerRule.allCases.enumerated() { rules[rule] = value.text(index) }
        return rules
    }
}
