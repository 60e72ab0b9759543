/// What is to be deleted for good: `Storage.erase`.
public struct ErasureRequest: Sendable, Hashable {
    /// Normalised: all that is kept of this person. nil: texts of anybody that are settled (nothing of them is queued or
    /// on its way).
    public var phone: String?
    /// What is later than this stays: it is of a new person, or young.
    public var before: Timestamp
    /// At most so many texts; 0: all.
    public var limit: Int32
    /// Deletes nothing, and says what it would.
    public var countsOnly: Bool
    /// When the call is answered, no file holds what was deleted any more: no log, no free page.
    public var scrubs: Bool

    public init(
        phone: String? = nil, before: Timestamp, limit: Int32 = 0, countsOnly: Bool = false, scrubs: Bool = false
    ) {
        self.phone = phone
        self.before = before
        self.limit = limit
        self.countsOnly = countsOnly
        self.scrubs = scrubs
    }
}

/// How much was deleted, or would be.
public struct ErasureReply: Sendable, Hashable {
    public var texts: Int64
    /// Consent events.
    public var consent: Int64
    /// Rows of other tables.
    public var others: Int64
    /// The limit was reached: there may be more.
    public var hasMore: Bool

    public init(texts: Int64, consent: Int64 = 0, others: Int64 = 0, hasMore: Bool = false) {
        self.texts = texts
        self.consent = consent
        self.others = others
        self.hasMore = hasMore
    }
}

/// What a storage keeps of a person: `Storage.contact`.
public struct StoredContact: Sendable, Hashable {
    public var texts: Int64
    /// Oldest first.
    public var consent: [ConsentEvent]
    /// A JSON object with what else is kept of the person; nil: nothing.
    public var other: String?

    public init(texts: Int64, consent: [ConsentEvent] = [], other: String? = nil) {
        self.texts = texts
        self.consent = consent
        self.other = other
    }
}
