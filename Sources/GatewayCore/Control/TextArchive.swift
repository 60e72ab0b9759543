public import PluginKit

/// Which part of the texts of storage is to be archived.
public struct ArchivePageRequest: Sendable, Hashable, Codable {
    /// Texts from before this moment.
    public var before: Timestamp
    /// Behind this place, as the page before said; nil from the first.
    public var cursor: Int64?

    public init(before: Timestamp, cursor: Int64? = nil) {
        self.before = before
        self.cursor = cursor
    }
}

/// Texts that nobody waits for any more, as they stand in storage.
public struct ArchivePage: Sendable, Hashable, Codable {
    /// Which storage it is: their addresses mean nothing in another one.
    public var identity: String
    public var location: String
    public var messages: [Message]
    /// Rows that are old enough, and stay: queued, held, unknown, on their way, unread.
    public var staying: Int
    /// Nil at the end.
    public var nextCursor: Int64?

    public init(
        identity: String, location: String, messages: [Message], staying: Int = 0, nextCursor: Int64? = nil
    ) {
        self.identity = identity
        self.location = location
        self.messages = messages
        self.staying = staying
        self.nextCursor = nextCursor
    }
}

/// Texts that are in a file, verified, and are to leave storage.
public struct ArchiveRemoval: Sendable, Hashable, Codable {
    /// The most rows of one request.
    public static let largest = 1_000

    /// Of the storage that they were read from.
    public var identity: String
    /// Their addresses there.
    public var storageIDs: [Int64]

    public init(identity: String, storageIDs: [Int64]) {
        self.identity = identity
        self.storageIDs = storageIDs
    }

    // One word for both spellings of JSON's keys.
    private enum CodingKeys: String, CodingKey {
        case identity
        case storageIDs = "rows"
    }
}

/// What became of them.
public struct ArchiveRemovalReport: Sendable, Hashable, Codable {
    public var removed: Int
    /// Rows that somebody changed meanwhile so that they are waited for again.
    public var kept: Int

    public init(removed: Int, kept: Int) {
        self.removed = removed
        self.kept = kept
    }
}
