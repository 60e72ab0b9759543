/// Who knows the business's customers: capability `conductor.crm/1`. A storage that keeps them is one beside.
public protocol CustomerDirectory: Plugin {
    /// Everybody with this number, who was here last first, with as many purchases as the query wants. One round trip to
    /// wherever customers are kept; a number that several have marks each of them `isAmbiguous`.
    ///
    /// - Throws: `.unsupported` when no customers are kept here.
    func customers(_ query: CustomerQuery, context: CallContext) async throws -> [Customer]

    /// Customers by what somebody types, in the order of their names, without purchases. Nothing in the words is an
    /// operator. Never for responders: who wrote is known by the number alone.
    func search(_ search: CustomerSearch, context: CallContext) async throws -> [Customer]
}

extension CustomerDirectory {
    /// For a directory that only knows numbers.
    public func search(_ search: CustomerSearch, context: CallContext) async throws -> [Customer] {
        throw PluginError(.unsupported, "customers cannot be searched for here")
    }
}

/// See `CustomerDirectory.search`.
public struct CustomerSearch: Sendable, Hashable {
    /// All of them must be there, each as the beginning of a word of name, e-mail or number.
    public var words: String
    /// 1...100.
    public var limit: Int32

    public init(words: String, limit: Int32 = 20) {
        self.words = words
        self.limit = limit
    }
}
