package import CPluginABI

extension ListQuery: ABIValue {
    private static let (hasOrder, descending): (UInt32, UInt32) = (1 << 0, 1 << 1)

    package func cForm(in arena: inout Arena) -> conductor_list_query {
        let all = filters.sorted { $0.key < $1.key }.map { NamedValue(name: $0.key, value: $0.value) }
        return conductor_list_query(
            struct_size: UInt32(sizeOf: conductor_list_query.self),
            flags: isDescending == nil ? 0 : Self.hasOrder | (isDescending == true ? Self.descending : 0),
            list: arena.slice(list.rawValue), filters: arena.array(all), order: arena.slice(order),
            after: arena.slice(after), limit: limit, reserved: 0)
    }

    package init(_ form: conductor_list_query) throws(PluginError) {
        guard let list = CustomerList(rawValue: String(form.list)) else {
            throw PluginError(.unsupported, "this version does not know that list")
        }
        self.init(
            list, order: String(present: form.order),
            isDescending: form.flags.has(Self.hasOrder) ? form.flags.has(Self.descending) : nil,
            after: String(present: form.after), limit: form.limit)
        for filter in try [NamedValue](form.filters) { filters[filter.name] = filter.value }
    }
}

extension ListPage: ABIValue {
    package func cForm(in arena: inout Arena) -> conductor_list_page {
        conductor_list_page(
            struct_size: UInt32(sizeOf: conductor_list_page.self), flags: 0, rows: arena.array(rows),
            next: arena.slice(next))
    }

    package init(_ form: conductor_list_page) throws(PluginError) {
        self.init(rows: try [CustomerRecord](form.rows), next: String(present: form.next))
    }
}
