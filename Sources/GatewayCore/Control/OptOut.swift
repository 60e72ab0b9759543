public import PluginKit

/// A number and what its latest consent event says.
public struct OptOut: Sendable, Hashable, Codable {
    /// E.164, or a short code.
    public var phone: String
    /// `out`, or `in` again.
    public var action: ConsentEvent.Action
    public var at: Timestamp
    /// `sms`, `cli`, `api`, `table`, `import:NAME`.
    public var source: String
    /// Who entered it for the person.
    public var by: String?
    public var reason: String?
    /// The text that said so.
    public var messageUID: String?

    public init(
        phone: String, action: ConsentEvent.Action, at: Timestamp, source: String, by: String? = nil,
        reason: String? = nil, messageUID: String? = nil
    ) {
        self.phone = phone
        self.action = action
        self.at = at
        self.source = source
        self.by = by
        self.reason = reason
        self.messageUID = messageUID
    }
}

/// Which opt-outs to list, by number.
public struct OptOutQuery: Sendable, Hashable {
    /// All events of this number, newest first, also those that let it in again; nil: every number that is out.
    public var phone: String?
    /// Numbers behind this one.
    public var after: String?
    /// 1...1000.
    public var limit: Int

    public init(phone: String? = nil, after: String? = nil, limit: Int = 100) {
        self.phone = phone
        self.after = after
        self.limit = limit
    }
}

/// A change that somebody enters for a person.
public struct OptOutChange: Sendable, Hashable, Codable {
    public var number: String
    /// Why; taking somebody back in needs one.
    public var reason: String?
    /// Who enters it.
    public var by: String?
    /// `cli` or `api`.
    public var source: String?

    public init(number: String, reason: String? = nil, by: String? = nil, source: String? = nil) {
        self.number = number
        self.reason = reason
        self.by = by
        self.source = source
    }
}

/// A part of a list of people who opted out elsewhere.
public struct OptOutImport: Sendable, Hashable, Codable {
    public struct Entry: Sendable, Hashable, Codable {
        /// Of the file, from 1.
        public var line: Int
        public var number: String
        /// When the person said so; nil where the list does not tell.
        public var at: Timestamp?
        public var source: String?

        public init(line: Int, number: String, at: Timestamp? = nil, source: String? = nil) {
            self.line = line
            self.number = number
            self.at = at
            self.source = source
        }
    }

    /// At most 5,000.
    public var entries: [Entry]
    /// Names the list, as `old-crm`: by it, one that is read again is recognised.
    public var list: String
    public var by: String?
    /// Says what would happen, and changes nothing.
    public var isTrial: Bool

    public init(entries: [Entry], list: String, by: String? = nil, isTrial: Bool = false) {
        self.entries = entries
        self.list = list
        self.by = by
        self.isTrial = isTrial
    }
}

/// What became of an import: entries = new + unchanged + rejected.
public struct OptOutImportReport: Sendable, Hashable, Codable {
    public struct Rejection: Sendable, Hashable, Codable {
        public var line: Int
        public var reason: String

        public init(line: Int, reason: String) {
            self.line = line
            self.reason = reason
        }
    }

    public var entries: Int
    /// Numbers that are out from now on.
    public var new: Int
    /// Numbers that were out already, or were taken in from this list before.
    public var unchanged: Int
    /// Among the unchanged: people who came back by themselves after the list was made, and stay in.
    public var inAgain: Int
    public var rejected: [Rejection]

    public init(
        entries: Int = 0, new: Int = 0, unchanged: Int = 0, inAgain: Int = 0, rejected: [Rejection] = []
    ) {
        self.entries = entries
        self.new = new
        self.unchanged = unchanged
        self.inAgain = inAgain
        self.rejected = rejected
    }
}
