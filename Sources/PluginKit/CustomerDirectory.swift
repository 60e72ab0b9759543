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

    /// Rows of a table as they are kept, with all their columns, those that are somebody's own included, in the order of
    /// their keys (`RecordKey.precedes`). Values of known columns are in their one form (`CustomerRecord.canonical`).
    ///
    /// - Throws: `.conflict` where a row cannot be told so, in words that say which column and how to mend it;
    ///   `.unsupported` when no customers are kept here.
    func records(_ query: RecordQuery, context: CallContext) async throws -> [CustomerRecord]

    /// Puts rows by their keys, all in one transaction; repeating it changes nothing. The one way in, for copies and
    /// imports. What a record does not tell of stays as it is, or takes its default where the row is new. A row that is
    /// replaced keeps its `id`, and gets `updated_at` of now unless the record tells another.
    func putRecords(_ batch: RecordBatch, context: CallContext) async throws -> RecordReply
}

extension CustomerDirectory {
    /// For a directory that only knows numbers.
    public func search(_ search: CustomerSearch, context: CallContext) async throws -> [Customer] {
        throw PluginError(.unsupported, "customers cannot be searched for here")
    }

    /// For a directory that only looks up.
    public func records(_ query: RecordQuery, context: CallContext) async throws -> [CustomerRecord] {
        throw PluginError(.unsupported, "the tables of customers cannot be read as a whole here")
    }

    /// For a directory that only looks up.
    public func putRecords(_ batch: RecordBatch, context: CallContext) async throws -> RecordReply {
        throw PluginError(.unsupported, "nothing can be put into the tables of customers here")
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
