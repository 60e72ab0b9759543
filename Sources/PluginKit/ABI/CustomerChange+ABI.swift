package import CPluginABI

extension CustomerChange: ABIValue {
    private static let (preview, lower): (UInt32, UInt32) = (1 << 0, 1 << 1)
    private enum Number: UInt32 {
        case merge = 1
        case recount, rules
    }

    package func cForm(in arena: inout Arena) -> conductor_customer_change {
        var form = conductor_customer_change()
        form.struct_size = UInt32(sizeOf: conductor_customer_change.self)
        form.flags = isPreview ? Self.preview : 0
        switch what {
        case .merge(let into, let others):
            form.what = Number.merge.rawValue
            form.customers = arena.array([into] + others)
        case .recount(let after, let limit, let lowers):
            form.what = Number.recount.rawValue
            form.flags |= lowers ? Self.lower : 0
            form.limit = limit
            form.after = arena.slice(after)
        case .rules(let rules):
            form.what = Number.rules.rawValue
            form.rules = arena.array(
                rules.sorted { $0.key.rawValue < $1.key.rawValue }.map {
                    NamedValue(name: $0.key.rawValue, value: $0.value)
                })
        }
        return form
    }

    package init(_ form: conductor_customer_change) throws(PluginError) {
        let what: What
        switch Number(rawValue: form.what) {
        case .merge:
            let ids = try [String](form.customers)
            guard let into = ids.first else { throw PluginError(.invalid, "customers: nobody is named") }
            what = .merge(into: into, others: Array(ids.dropFirst()))
        case .recount:
            what = .recount(
                after: String(present: form.after), limit: form.limit, lowers: form.flags.has(Self.lower))
        case .rules:
            var rules: [CustomerRule: String] = [:]
            for entry in try [NamedValue](form.rules) {
                guard let rule = CustomerRule(rawValue: entry.name) else {
                    throw PluginError(.invalid, "this version does not know the rule \(entry.name.prefix(40))")
                }
                rules[rule] = entry.value
            }
            what = .rules(rules)
        case nil: throw unknownNumber("a change of customers", form.what)
        }
        self.init(what, isPreview: form.flags.has(Self.preview))
    }
}

extension CustomerDifference: ABIValue {
    private static let stays: UInt32 = 1 << 0

    package func cForm(in arena: inout Arena) -> conductor_customer_difference {
        conductor_customer_difference(
            struct_size: UInt32(sizeOf: conductor_customer_difference.self), flags: stays ? Self.stays : 0,
            customer: arena.slice(customer), name: arena.slice(name), column: arena.slice(column),
            before: arena.slice(before), after: arena.slice(after))
    }

    package init(_ form: conductor_customer_difference) {
        self.init(
            customer: String(present: form.customer), name: String(present: form.name), column: String(form.column),
            before: String(present: form.before), after: String(present: form.after), stays: form.flags.has(Self.stays))
    }
}

extension CustomerDifferences: ABIValue {
    package func cForm(in arena: inout Arena) -> conductor_customer_differences {
        conductor_customer_differences(
            struct_size: UInt32(sizeOf: conductor_customer_differences.self), flags: 0,
            differences: arena.array(differences), next: arena.slice(next))
    }

    package init(_ form: conductor_customer_differences) throws(PluginError) {
        self.init(try [CustomerDifference](form.differences), next: String(present: form.next))
    }
}

/// A name and what it stands for, as lists of them cross.
package struct NamedValue: ABIValue {
    package var name: String
    package var value: String

    package init(name: String, value: String) { (self.name, self.value) = (name, value) }

    package func cForm(in arena: inout Arena) -> conductor_named_value {
        conductor_named_value(
            struct_size: UInt32(sizeOf: conductor_named_value.self), flags: 0, name: arena.slice(name),
            value: arena.slice(value))
    }

    package init(_ form: conductor_named_value) { self.init(name: String(form.name), value: String(form.value)) }
}
