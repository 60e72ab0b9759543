public import PluginKit

/// The body of `POST /api/v1/customers/merge`.
public struct CustomerMergeRequest: Sendable, Hashable, Codable {
    /// The id of the customer who stays.
    public var into: String
    /// Those who are gone then, 1 to 20.
    public var others: [String]
    public var dryRun: Bool

    public init(into: String, others: [String], dryRun: Bool) {
        self.into = into
        self.others = others
        self.dryRun = dryRun
    }
}

/// The body of `POST /api/v1/customers/recount`: a page of customers.
public struct CustomerRecountRequest: Sendable, Hashable, Codable {
    /// `next_after` of the page before; absent for the first one.
    public var after: String?
    /// So many customers, 1 to 1000; 500 where it is absent.
    public var limit: Int32?
    /// What was stated beside the receipts is forgotten where there are any; absent: no.
    public var lower: Bool?
    public var dryRun: Bool

    public init(after: String? = nil, limit: Int32? = nil, lower: Bool? = nil, dryRun: Bool) {
        self.after = after
        self.limit = limit
        self.lower = lower
        self.dryRun = dryRun
    }
}

/// The body of `POST /api/v1/customers/rules`: rules that are absent stay.
public struct CustomerRulesRequest: Sendable, Hashable, Codable {
    public var zone: String?
    public var casualVisits: Int32?
    public var regularVisits: Int32?
    public var vipVisits: Int32?
    public var mediumRiskDays: Int32?
    public var highRiskDays: Int32?
    public var lowStock: Int32?
    public var dryRun: Bool

    /// - Parameter rules: values as people write them.
    /// - Throws: `PluginError` for one that cannot be.
    public init(_ rules: [CustomerRule: String], dryRun: Bool) throws(PluginError) {
        for (rule, value) in rules.sorted(by: { $0.key.rawValue < $1.key.rawValue }) { try rule.check(value) }
        zone = rules[.zone]
        casualVisits = rules[.casualVisits].flatMap(Int32.init)
        regularVisits = rules[.regularVisits].flatMap(Int32.init)
        vipVisits = rules[.vipVisits].flatMap(Int32.init)
        mediumRiskDays = rules[.mediumRiskDays].flatMap(Int32.init)
        highRiskDays = rules[.highRiskDays].flatMap(Int32.init)
        lowStock = rules[.lowStock].flatMap(Int32.init)
        self.dryRun = dryRun
    }

    var rules: [CustomerRule: String] {
        let numbers: [CustomerRule: Int32?] = [
            .casualVisits: casualVisits, .regularVisits: regularVisits, .vipVisits: vipVisits,
            .mediumRiskDays: mediumRiskDays, .highRiskDays: highRiskDays, .lowStock: lowStock,
        ]
        var rules = numbers.compactMapValues { $0.map(String.init) }
        rules[.zone] = zone
        return rules
    }
}

/// The answer to each of them: what is different, or with `dry_run` would be.
public struct CustomerDifferencePage: Sendable, Hashable, Codable {
    public var differences: [CustomerDifference]
    /// `after` of the next `recount`; absent: there are no more customers.
    public var nextAfter: String?

    public init(differences: [CustomerDifference], nextAfter: String? = nil) {
        self.differences = differences
        self.nextAfter = nextAfter
    }
}

extension CustomerMergeRequest: RequestBody {
    static let keys = ["into", "others", "dry_run"]
}

extension CustomerRecountRequest: RequestBody {
    static let keys = ["after", "limit", "lower", "dry_run"]
}

extension CustomerRulesRequest: RequestBody {
    static let keys = CustomerRule.allCases.map(\.rawValue) + ["dry_run"]
}

/// The body of `GET /api/v1/crm/{list}`, as clients read it: what a row tells depends on its list.
public struct CustomerListPage: Sendable, Decodable {
    public var rows: [[String: CustomerListValue]]
    /// The `cursor` of the next page; absent on the last one.
    public var nextCursor: String?
}

/// A value of a row in a list.
public enum CustomerListValue: Sendable, Hashable, Codable {
    case text(String)
    case number(Double)
    case flag(Bool)

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let text = try? container.decode(String.self) {
            self = .text(text)
        } else if let number = try? container.decode(Double.self) {
            self = .number(number)
        } else {
            self = .flag(try container.decode(Bool.self))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .text(let text): try container.encode(text)
        case .number(let number):
            if let whole = Int64(exactly: number) {
                try container.encode(whole)
            } else {
                try container.encode(number)
            }
        case .flag(let flag): try container.encode(flag)
        }
    }
}
