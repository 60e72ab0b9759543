/// A storage that was asked about a person, or told to forget one.
public struct StorageLook: Sendable, Hashable, Codable {
    /// As `10-sqlite.yaml`; nil when no drop-in opens it.
    public var dropIn: String?
    /// Where it keeps its texts.
    public var location: String
    public var serves: Bool
    /// The person's texts that it has, or had; nil when it was not reached.
    public var texts: Int64?
    /// A JSON object with what else it keeps of the person, where that was asked and it does not serve.
    public var other: String?
    /// Why it was not reached: a sentence.
    public var problem: String?

    public init(
        dropIn: String?, location: String, serves: Bool, texts: Int64? = nil, other: String? = nil,
        problem: String? = nil
    ) {
        self.dropIn = dropIn
        self.location = location
        self.serves = serves
        self.texts = texts
        self.other = other
        self.problem = problem
    }
}
