/// Who knows the business's customers: capability `conductor.crm/1`. A storage that keeps them is one beside.
public protocol CustomerDirectory: Plugin {
    /// Everybody with this number, who was here last first, with as many purchases as the query wants. One round trip to
    /// wherever customers are kept; a number that several have marks each of them `isAmbiguous`.
    ///
    /// - Throws: `.unsupported` when no customers are kept here.
    func customers(_ query: CustomerQuery, context: CallContext) async throws -> [Customer]
}
