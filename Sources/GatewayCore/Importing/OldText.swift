/// One row of the former system's `messages`, as it stands in its file.
public struct OldText: Sendable, Hashable, Codable {
    /// Its `id`.
    public var row: Int64
    public var direction: String?
    public var number: String?
    public var content: String?
    public var status: String?
    /// `YYYY-MM-DDTHH:MM:SS.sssZ`; nil where the row has none that can be read.
    public var at: String?
    public var modemAt: String?
    /// As it is written.
    public var rawAt: String?
    public var hash: String?
    public var attempts: Int32?

    public init(
        row: Int64, direction: String?, number: String?, content: String?, status: String?, at: String?,
        modemAt: String? = nil, rawAt: String? = nil, hash: String? = nil, attempts: Int32? = nil
    ) {
        self.row = row
        self.direction = direction
        self.number = number
        self.content = content
        self.status = status
        self.at = at
        self.modemAt = modemAt
        self.rawAt = rawAt
        self.hash = hash
        self.attempts = attempts
    }
}

/// A part of the former system's texts.
public struct TextImport: Sendable, Hashable, Codable {
    /// The most rows of one part.
    public static let largest = 1_000

    public var rows: [OldText]
    /// Only counts.
    public var dryRun: Bool?

    public init(rows: [OldText], dryRun: Bool? = nil) {
        self.rows = rows
        self.dryRun = dryRun
    }
}

/// What became of a part, or of all: read = new + known + rejected.
public struct TextImportReport: Sendable, Hashable, Codable {
    public struct Rejection: Sendable, Hashable, Codable {
        /// The `id` of the row.
        public var row: Int64
        public var reason: String

        public init(row: Int64, reason: String) {
            self.row = row
            self.reason = reason
        }
    }

    public var read: Int
    public var new = 0
    /// Texts that storage has from an earlier import, whatever became of them there.
    public var known = 0
    public var rejected: [Rejection] = []
    /// Among the new: rows that waited to be sent. They are held.
    public var held = 0
    /// Among the new: texts that nobody has read.
    public var unread = 0
    /// Among the new: texts that came in and say STOP, whole.
    public var stops = 0

    public init(read: Int) {
        self.read = read
    }

    /// Adds what became of another part.
    public mutating func add(_ part: TextImportReport) {
        read += part.read
        new += part.new
        known += part.known
        rejected += part.rejected
        held += part.held
        unread += part.unread
        stops += part.stops
    }
}
