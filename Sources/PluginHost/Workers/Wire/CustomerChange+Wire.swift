import PluginKit

extension CustomerRule: WireValue {}

extension CustomerChange: WireValue {
    func write(to wire: inout WireWriter) {
        switch what {
        case .merge(let into, let others):
            wire.write(UInt8(1))
            into.write(to: &wire)
            others.write(to: &wire)
        case .recount(let after, let limit, let lowers):
            wire.write(UInt8(2))
            after.write(to: &wire)
            limit.write(to: &wire)
            lowers.write(to: &wire)
        case .rules(let rules):
            wire.write(UInt8(3))
            wire.write(count: rules.count)
            for (rule, value) in rules {
                rule.write(to: &wire)
                value.write(to: &wire)
            }
        }
        isPreview.write(to: &wire)
    }
    init(from wire: inout WireReader) throws(WireError) {
        let what: What
        switch try wire.number(UInt8.self) {
        case 1: what = .merge(into: try wire.value(), others: try wire.value())
        case 2: what = .recount(after: try wire.value(), limit: try wire.value(), lowers: try wire.value())
        case 3:
            var rules: [CustomerRule: String] = [:]
            let count = try wire.count()
            for _ in 0..<count {
                let rule = try wire.value(CustomerRule.self)
                rules[rule] = try wire.value(String.self)
            }
            what = .rules(rules)
        case let number: throw WireError("no CustomerChange has the number \(number)")
        }
        self.init(what, isPreview: try wire.value())
    }
}

extension CustomerDifference: WireValue {
    func write(to wire: inout WireWriter) {
        customer.write(to: &wire)
        name.write(to: &wire)
        column.write(to: &wire)
        before.write(to: &wire)
        after.write(to: &wire)
        stays.write(to: &wire)
    }
    init(from wire: inout WireReader) throws(WireError) {
        self.init(
            customer: try wire.value(), name: try wire.value(), column: try wire.value(), before: try wire.value(),
            after: try wire.value(), stays: try wire.value())
    }
}

extension CustomerDifferences: WireValue {
    func write(to wire: inout WireWriter) {
        differences.write(to: &wire)
        next.write(to: &wire)
    }
    init(from wire: inout WireReader) throws(WireError) {
        self.init(try wire.value(), next: try wire.value())
    }
}
