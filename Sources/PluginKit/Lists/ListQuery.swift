/// One page of a `CustomerList`.
public struct ListQuery: Sendable, Hashable {
    public var list: CustomerList
    /// By the names in `CustomerList.filters`; all must hold.
    public var filters: [String: String]
    /// One of `CustomerList.orders`; nil: the usual one.
    public var order: String?
    /// nil: as is usual for the list, and from the end for any other order than the usual one.
    public var isDescending: Bool?
    /// `ListPage.next` of the page before; nil for the first page.
    public var after: String?
    /// 1...1000.
    public var limit: Int32

    public init(
        _ list: CustomerList, filters: [String: String] = [:], order: String? = nil, isDescending: Bool? = nil,
        after: String? = nil, limit: Int32 = 50
    ) {
        self.list = list
        self.filters = filters
        self.order = order
        self.isDescending = isDescending
        self.after = after
        self.limit = limit
    }

    /// The order that is meant, and its direction.
    ///
    /// - Throws: `.invalid` where something of the query is not of its list.
    package func checked() throws(PluginError) -> (order: String, isDescending: Bool) {
        guard (1...1000).contains(limit) else {
            throw PluginError(.invalid, "limit: \(limit) is not within 1 and 1000")
        }
        for name in filters.keys.sorted() where !list.filters.contains(name) {
            throw PluginError(
                .invalid,
                "\(name): \(list.rawValue) cannot be chosen by it\(NearestName.hint(for: name, among: list.filters))")
        }
        let usual = list.orders[0]
        let order = order ?? usual
        guard list.orders.contains(order) else {
            throw PluginError(
                .invalid,
                "order: \(list.rawValue) come by \(list.orders.joined(separator: ", "))")
        }
        return (order, isDescending ?? (order == usual ? list.isUsuallyDescending : true))
    }
}

/// Rows of a list, and where the next page begins.
public struct ListPage: Sendable, Hashable {
    public var rows: [CustomerRecord]
    /// nil: there are no more.
    public var next: String?

    public init(rows: [CustomerRecord], next: String? = nil) {
        self.rows = rows
        self.next = next
    }
}
