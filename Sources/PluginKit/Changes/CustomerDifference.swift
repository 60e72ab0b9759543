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
