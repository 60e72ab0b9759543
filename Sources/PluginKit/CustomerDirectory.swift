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

    /// Puts rows of a file of the till's: the rows, and that this batch was put, in one transaction.
    ///
    /// A row is known by the first of these that it tells: customers by `member_id`, `phone` (E.164), `email` (without
    /// regard to capitals), and where the row tells none of them by `name`; products by `sku`, `name`; staff by
    /// `employee_id`, `name`; transactions by `transaction_id`; items by all that they tell and `occurrence`. What a row
    /// does not tell of stays as it is. The last batch that was put, put again under its sequence, changes nothing and has
    /// the same outcomes.
    ///
    /// - Throws: `.conflict` for a sequence that is neither that nor the next one; `.unsupported` when nothing can be
    ///   imported here.
    func importRows(_ batch: ImportBatch, context: CallContext) async throws -> ImportReply

    /// Ends an import, or takes it back; repeating it changes nothing.
    ///
    /// - Returns: for each table what taking it back did, or would do; nothing for an import that is complete.
    /// - Throws: `.unsupported` where nobody keeps what was there before.
    func endImport(_ end: ImportEnd, context: CallContext) async throws -> [ImportTableChange]

    /// A page of a list.
    ///
    /// - Throws: `.invalid` for a filter, an order or a cursor that is not the list's; `.unsupported` for a list that is not
    ///   kept here.
    func list(_ query: ListQuery, context: CallContext) async throws -> ListPage

    /// Changes what a person asks for, in one transaction, or tells what would be different.
    ///
    /// - Throws: `.invalid` for an id that nobody has, and for rules that cannot be beside each other; `.unsupported` when
    ///   nothing is changed here.
    func changeCustomers(_ change: CustomerChange, context: CallContext) async throws -> CustomerDifferences
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

    /// For a directory that only looks up.
    public func importRows(_ batch: ImportBatch, context: CallContext) async throws -> ImportReply {
        throw PluginError(.unsupported, "nothing can be imported here")
    }

    /// For a directory that only looks up.
    public func endImport(_ end: ImportEnd, context: CallContext) async throws -> [ImportTableChange] {
        throw PluginError(.unsupported, "nothing can be imported here")
    }

    /// For a directory that only looks up.
    public func list(_ query: ListQuery, context: CallContext) async throws -> ListPage {
        throw PluginError(.unsupported, "customers are not listed here")
    }

    /// For a directory that only looks up.
    public func changeCustomers(_ change: CustomerChange, context: CallContext) async throws -> CustomerDifferences {
        throw PluginError(.unsupported, "customers are not changed here")
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
